"""Returns as files: CSV modules or one XML; both hold the same rows in the same order."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pandas as pd

from register.simulation.views.layouts import csv_bytes, read_layout
from register.simulation.views.return_tables import Return

XML_NAMES = {"CHILD": "CHILDID", "PLACE": "PL"}


def return_csv_files(made: Return) -> dict[str, bytes]:
    """The CSV modules by file name; a module without rows is left out where it may be."""
    layout = read_layout("ssda903")
    found = {}
    for name, table in made.tables().items():
        if len(table) or name != "uasc":
            found[f"{name}.csv"] = csv_bytes(table, layout)
    return found


def return_xml_files(made: Return) -> dict[str, bytes]:
    """One XML file."""
    groups = {
        name: dict(iter(table.groupby("CHILD", sort=False)))
        for name, table in made.tables().items()
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<Message>", "<Children>"]
    named = [*groups["header"], *groups["episodes"], *groups["missing"]]
    children = list(dict.fromkeys(str(child) for child in named))
    for child in children:
        lines.append("<CHILD>")
        header = groups["header"].get(child)
        if header is None:
            lines.append(f"<CHILDID>{escape(child)}</CHILDID>")
        else:
            lines += _elements("HEADER", header, skip=())
        for tag, table in (("UASC", "uasc"), ("EPISODE", "episodes"), ("AMISSING", "missing")):
            rows = groups[table].get(child)
            if rows is not None:
                lines += _elements(tag, rows, skip=("CHILD", "SEX", "DOB"))
        lines.append("</CHILD>")
    lines += ["</Children>", "</Message>"]
    return {"return.xml": ("\n".join(lines) + "\n").encode()}


def _elements(tag: str, rows: pd.DataFrame, skip: tuple[str, ...]) -> list[str]:
    columns = [
        (n, XML_NAMES.get(name, name)) for n, name in enumerate(rows.columns) if name not in skip
    ]
    found = []
    for row in rows.itertuples(index=False, name=None):
        fields = "".join(
            f"<{name}>{escape(str(row[n]))}</{name}>" if row[n] else f"<{name}/>"
            for n, name in columns
        )
        found.append(f"<{tag}>{fields}</{tag}>")
    return found
