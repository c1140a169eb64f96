"""The page on data protection: prose by hand, and tables and a drawing made from the code.

`python -m interfaces.documentation.data_protection` writes the tables into
`docs/data-protection.md`, between its comments, and the drawing of the data flow. Risks, controls
and standards are in `data_protection.yaml`.
"""

from __future__ import annotations

import csv
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from interfaces.documentation.data_flow import (
    CONTENTS,
    ZONES,
    Flow,
    draw_data_flow,
    find_zone_of_files,
    list_flows,
)
from orchestration.asset_graph import read_assets
from orchestration.data_dictionary import Table, read_tables
from orchestration.dbt_manifest import load_manifest
from register.feeds import load_contracts
from register.home_files import KINDS
from register.serving import Column, Relation, is_about_a_child
from register.settings import PROJECT_ROOT, load_settings

PAGE = PROJECT_ROOT / "docs" / "data-protection.md"
PICTURE = PROJECT_ROOT / "docs" / "pictures" / "data-flow.svg"
STATEMENTS = Path(__file__).with_name("data_protection.yaml")
SEEDS, RETENTION = PROJECT_ROOT / "seeds", "ref__retention"
# A generated part of the page. The comments stay.
PART = re.compile(r"(<!-- made from the code: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
CLASSES = {"restricted": "identifies", "confidential": "about a person"}
# Schemas of the published file, and the schema of case lists.
PUBLISHED_SCHEMAS, CASE_LISTS = ("register", "agreement", "bi"), "operations"
ORGANISATION = "the organisation"


@dataclass(frozen=True)
class Control:
    """A control: its dimension of the Five Safes, standards, and tests as `path::name`.

    `needs` says what a machine must have for the tests to run, if not every one has it.
    """

    control: str
    five_safes: str
    satre: tuple[str, ...]
    ncsc: tuple[int, ...]
    tests: tuple[str, ...]
    needs: str = ""


@dataclass(frozen=True)
class Task:
    """What the organisation that runs the register does, because software cannot."""

    task: str
    satre: tuple[str, ...]
    ncsc: tuple[int, ...]


@dataclass(frozen=True)
class Risk:
    """A risk, with what was measured about it, and what is left of it."""

    risk: str
    measured: str
    left: str


@dataclass(frozen=True)
class Statements:
    """The content of `data_protection.yaml`."""

    satre: dict[str, str]
    ncsc: dict[int, str]
    controls: tuple[Control, ...]
    tasks: tuple[Task, ...]
    risks: tuple[Risk, ...]

    @cached_property
    def numbers(self) -> dict[Control, str]:
        """The number of each control on the page."""
        return {control: f"C{place}" for place, control in enumerate(self.controls, 1)}

    def list_holders(self, statement: str | int) -> str:
        """Return the numbers of the controls, and the organisation, that hold a statement."""
        holders = [
            number
            for control, number in self.numbers.items()
            if statement in (*control.satre, *control.ncsc)
        ]
        if any(statement in (*task.satre, *task.ncsc) for task in self.tasks):
            holders.append(ORGANISATION)
        return ", ".join(holders)


def read_statements() -> Statements:
    """Read the risks, the controls and the statements of standards."""
    content: dict[str, Any] = yaml.safe_load(STATEMENTS.read_text(encoding="utf-8"))
    return Statements(
        satre=content["satre"],
        ncsc=content["ncsc"],
        controls=tuple(Control(**_make_hashable(each)) for each in content["controls"]),
        tasks=tuple(Task(**_make_hashable(each)) for each in content["organisation"]),
        risks=tuple(Risk(**each) for each in content["risks"]),
    )


def _make_hashable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def read_figures() -> dict[str, str]:
    """Return the measured figures that risks quote, by name, from the seeds that state them."""
    held_out = [
        row
        for row in _read_seed("ref__linkage_quality_held_out")
        if (row["linkage_code"], row["scope_code"]) == ("central", "all")
    ]
    every_child = [row for row in held_out if row["group_code"] == "all"]
    unaccompanied = [row for row in held_out if row["group_code"] == "unaccompanied"]
    rules = {row["rule"]: row["value"] for row in _read_seed("ref__disclosure_rules")}
    return {
        "precision": _format_least(every_child, "precision"),
        "recall": _format_least(every_child, "recall"),
        "unlisted": _format_most(every_child, "unlisted_share"),
        "recall_unaccompanied": _format_least(unaccompanied, "recall"),
        "few_children": rules["few_children_most"],
        "width": rules["hidden_width_least"],
    }


def _read_seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _format_least(rows: Iterable[Mapping[str, str]], figure: str) -> str:
    """Return the least value of a figure, rounded down to three digits."""
    least = min(float(row[figure]) for row in rows)
    return f"{math.floor(least * 1000) / 1000:.3f}"


def _format_most(rows: Iterable[Mapping[str, str]], figure: str) -> str:
    """Return the greatest value of a figure, rounded up to three digits."""
    most = max(float(row[figure]) for row in rows)
    return f"{math.ceil(most * 1000) / 1000:.3f}"


def build_tables(flows: Sequence[Flow], manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the generated parts of the page by name."""
    statements = read_statements()
    return {
        "zones": _tabulate(
            ("zone", "at most it has", "who may read it", "how long", "comes from"),
            _describe_zones(flows),
        ),
        "retention": _describe_retention(),
        "delivered fields": _join_sections(_describe_delivered_fields()),
        "published tables": _tabulate(
            ("table", "one row is", "columns"), _describe_tables(manifest, PUBLISHED_SCHEMAS)
        ),
        "case lists": _tabulate(
            ("table", "one row is", "columns"), _describe_tables(manifest, (CASE_LISTS,))
        ),
        "files": _tabulate(
            ("zone", "files", "what they are", "about people", "a change is noticed by"),
            _describe_files(),
        ),
        "risks": _tabulate(
            ("risk", "what was measured", "what is left"),
            [
                (risk.risk, risk.measured.format(**read_figures()), risk.left)
                for risk in statements.risks
            ],
        ),
        "controls": _tabulate(
            ("", "control", "standards", "held by the test"),
            [
                (
                    number,
                    control.control,
                    _describe_standards(control),
                    _describe_tests(control),
                )
                for control, number in statements.numbers.items()
            ],
        ),
        "organisation": _tabulate(
            ("task of the organisation", "SATRE", "NCSC"),
            [
                (task.task, ", ".join(task.satre), ", ".join(map(str, task.ncsc)))
                for task in statements.tasks
            ],
        ),
        "satre": _tabulate(
            ("statement", "in short", "held by"),
            [
                (number, text, statements.list_holders(number))
                for number, text in statements.satre.items()
            ],
        ),
        "ncsc": _tabulate(
            ("principle", "name", "held by"),
            [
                (str(number), text, statements.list_holders(number))
                for number, text in statements.ncsc.items()
            ],
        ),
    }


def _describe_zones(flows: Sequence[Flow]) -> Iterator[tuple[str, ...]]:
    for zone in sorted(ZONES, key=lambda zone: (zone.place[1], zone.place[0])):
        sources = [source.name.lower() for source, target in flows if target is zone]
        yield (
            zone.name,
            CONTENTS[zone.content],
            zone.readers,
            zone.retention,
            ", ".join(sources) or "outside",
        )


def _describe_retention() -> str:
    """Return the table of the terms of each feed, if the project has their seed."""
    if not (SEEDS / f"{RETENTION}.csv").exists():
        return "The controller sets how long deliveries are kept. No load deletes them.\n"
    return _tabulate(
        ("feed", "years", "counted from", "legal basis", "reason"),
        [
            (
                row["feed"],
                row["years"],
                row["counted_from"].replace("_", " "),
                row["legal_basis"],
                row["reason"],
            )
            for row in _read_seed(RETENTION)
        ],
    )


def _describe_delivered_fields() -> Iterator[tuple[str, str]]:
    """Yield the name of each feed that delivers personal fields, with the table of the fields."""
    order = list(CLASSES)
    for feed, contract in load_contracts().items():
        rows = [
            (
                f"`{table.name}` `{column.name}`",
                column.description,
                CLASSES[column.classification],
                "landing" if column.custom.not_staged else "landing, warehouse",
            )
            for table in contract.tables
            for column in sorted(
                (column for column in table.properties if column.classification in CLASSES),
                key=lambda column: order.index(column.classification),
            )
        ]
        if rows:
            yield feed, _tabulate(("field", "what it is", "class", "lies in"), rows)


def _describe_tables(
    manifest: Mapping[str, Any], schemas: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each table with rows about single children: its name, its row, and its columns."""
    for table in read_tables(manifest):
        if table.schema in schemas and (
            table.schema == CASE_LISTS or is_about_a_child(_build_relation(table))
        ):
            columns = ", ".join(column.name for column in table.columns)
            row = table.first_sentence.removeprefix("One row per ")
            yield f"`{table.schema}.{table.name}`", row, f"`{columns}`"


def _build_relation(table: Table) -> Relation:
    """Return a table of the manifest in the form in which serving judges it."""
    return Relation(
        schema=table.schema,
        name=table.name,
        is_view=False,
        comment="",
        definition="",
        rows=0,
        columns=tuple(Column(column.name, "", True, "") for column in table.columns),
        primary_key=(),
        foreign_keys=(),
    )


def _describe_files() -> Iterator[tuple[str, ...]]:
    others = [kind for kind in KINDS if find_zone_of_files(kind) is None]
    by_zone = [(zone.name, zone.kinds) for zone in ZONES]
    for name, kinds in [*by_zone, ("running the register", others)]:
        for kind in kinds:
            yield (
                name,
                f"`{kind.pattern}`",
                kind.description,
                CONTENTS[kind.content],
                kind.noticed_by or f"nothing: {kind.why_unnoticed}",
            )


def _describe_standards(control: Control) -> str:
    standards = [("SATRE", control.satre), ("NCSC", control.ncsc)]
    cited = [f"{name} {', '.join(map(str, numbers))}" for name, numbers in standards if numbers]
    return "<br>".join([f"safe {control.five_safes}", *cited])


def _describe_tests(control: Control) -> str:
    names = [test.split("::") for test in control.tests]
    needs = [f"skipped without {control.needs}"] if control.needs else []
    return "<br>".join([*(f"[`{name}`](../{path})" for path, name in names), *needs])


def _join_sections(sections: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"**{name}**\n\n{table}" for name, table in sections)


def _tabulate(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(map(_escape_cell, line))} |\n" for line in lines)


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def fill_page(text: str, tables: Mapping[str, str]) -> str:
    """Return the page with its generated parts replaced. Raises KeyError for an unknown part."""
    return PART.sub(lambda match: f"{match[1]}\n{tables[match[2]]}\n{match[3]}", text)


def main() -> None:
    """Write the generated parts of the page, and the drawing.

    They are those of a home without simulated truth, whichever home the environment names.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REGISTER_HOME": folder, "REGISTER_ENVIRONMENT": "test"}
        flows = list_flows(read_assets())
        manifest = load_manifest(load_settings())
    tables = build_tables(flows, manifest)
    PAGE.write_text(fill_page(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")
    PICTURE.write_text(draw_data_flow(flows), encoding="utf-8")


if __name__ == "__main__":
    main()
