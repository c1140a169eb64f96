"""The layouts and code maps of the feeds, and the writing of values in a layout.

Layouts are described only by their YAML files; other modules provide the values.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from register.settings import PROJECT_ROOT
from register.yaml_file import read_yaml
from simulation.draws import Integers, Texts
from simulation.geography import read_seed

LAYOUTS = PROJECT_ROOT / "register" / "feeds" / "layouts"


@cache
def read_layout(name: str) -> dict[str, Any]:
    """Return a layout by name."""
    layout: dict[str, Any] = read_yaml(LAYOUTS / f"{name}.yaml")
    return layout


@cache
def _assignments() -> tuple[tuple[str, str, str, str], ...]:
    rows = read_yaml(LAYOUTS / "assignments.yaml")["assignments"]
    return tuple(
        (
            row["supplier_code"],
            row["layout"],
            str(row["valid_from"]),
            str(row["valid_to"] or "9999"),
        )
        for row in rows
    )


def layout_of(supplier: str, day: str) -> str:
    """Return the layout that a force uses on a day (ISO date)."""
    for code, layout, first, last in _assignments():
        if code == supplier and first <= day <= last:
            return layout
    raise LookupError(f"no layout is assigned to {supplier} on {day}")


@cache
def source_codes(layout: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for each field and conformed code, the source codes with this meaning."""
    codes_by_field: dict[str, dict[str, list[str]]] = {}
    for row in read_seed("map__police_codes.csv"):
        if row["layout_name"] == layout:
            codes = codes_by_field.setdefault(row["field_name"], {})
            codes.setdefault(row["conformed_code"], []).append(row["source_code"])
    return {
        field: {code: tuple(values) for code, values in codes.items()}
        for field, codes in codes_by_field.items()
    }


def encode(layout: str, field: str, conformed: Texts, draw: Integers) -> Texts:
    """Return conformed codes as a layout writes them.

    If a layout has several codes for one meaning, `draw` chooses one of these.
    """
    codes = source_codes(layout)[field]
    encoded = np.full(len(conformed), "", dtype=object)
    for code, choices in codes.items():
        rows = np.flatnonzero(conformed == code)
        number = np.where(draw[rows] % 12 == 0, draw[rows] // 12 % len(choices), 0)
        encoded[rows] = np.array(choices, dtype=object)[number]
    return encoded


def csv_bytes(
    frame: pd.DataFrame, layout: dict[str, Any], header: list[str] | None = None
) -> bytes:
    """Return a table of texts as a delimited file in the layout's dialect and encoding."""
    file = layout["file"]
    delimiter, quoting = file["delimiter"], file["quoting"]
    names = header or list(frame.columns)
    lines = io.StringIO()
    writer = csv.writer(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if quoting == "all" else csv.QUOTE_MINIMAL,
        lineterminator="\n",
    )
    writer.writerow(names)
    body = lines.getvalue() + _encode_records(frame, delimiter, quoting)
    footer = file.get("footer")
    if footer:
        body += footer["text"].format(row_count=len(frame)) + "\n"
    body = body.replace("\n", file.get("line_terminator", "\n"))
    mark = b"\xef\xbb\xbf" if file.get("byte_order_mark") else b""
    return mark + body.encode(file["encoding"], errors="replace")


def _encode_records(frame: pd.DataFrame, delimiter: str, quoting: str) -> str:
    """Return the records as encoded lines.

    Arrow writes the lines, unless only some values need quotes.
    """
    arrays = [pa.array(frame.iloc[:, number], type=pa.string()) for number in range(frame.shape[1])]
    table = pa.table(dict(zip(map(str, range(len(arrays))), arrays, strict=True)))
    style = "all_valid" if quoting == "all" else "none"
    options = pa_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=style)
    sink = pa.BufferOutputStream()
    try:
        pa_csv.write_csv(table, sink, options)
    except pa.ArrowInvalid:
        if quoting == "none":
            raise
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=delimiter, lineterminator="\n")
        writer.writerows(frame.itertuples(index=False, name=None))
        return lines.getvalue()
    return str(sink.getvalue().to_pybytes().decode("utf-8"))
