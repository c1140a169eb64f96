"""Runs one step (a CTE) of a model on invented rows: unit tests for the inside of a model.

dbt's own unit tests see a model as a whole. A step is tested inside it: the compiled SQL, with the
relations or earlier steps that a test names replaced by rows. Columns that a test does not name are
null, as in dbt; types are those of the loaded register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot.tokens import TokenType

from register.yaml_file import read_yaml

FOLDER = Path(__file__).parent / "steps"
INPUT = re.compile(r"(ref|step)\('(\w+)'\)")


@dataclass(frozen=True)
class StepTest:
    """One test: the step of a model, the rows it is given and those it must give."""

    name: str
    model: str
    step: str
    given: tuple[tuple[str, str, list[dict[str, Any]] | None], ...]
    expected: list[dict[str, Any]]


def read_step_tests() -> list[StepTest]:
    """Every test of a step in this folder, by name."""
    return sorted(_read(), key=lambda test: test.name)


def _read() -> Iterator[StepTest]:
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in read_yaml(path)["unit_tests"]:
            given = []
            for item in entry["given"]:
                kind, name = INPUT.fullmatch(item["input"]).groups()
                given.append((kind, name, item.get("rows")))
            expected = entry["expect"]["rows"]
            yield StepTest(entry["name"], entry["model"], entry["step"], tuple(given), expected)


class CompiledModel:
    """A model's compiled SQL, cut into its steps; `replace` swaps the body of one."""

    def __init__(self, sql: str) -> None:
        self.bodies = _steps(sql)

    def query(self, step: str) -> str:
        """SQL that returns the rows of a step."""
        if step not in self.bodies:
            raise KeyError(f"no step {step}; there are {', '.join(self.bodies)}")
        names = list(self.bodies)
        needed = names[: names.index(step) + 1]
        parts = ",\n".join(f"{name} as ({self.bodies[name]})" for name in needed)
        return f"with {parts}\nselect * from {step}"

    def replace_relation(self, relation: str, fixture: str) -> None:
        """Read `fixture` wherever a step reads the dbt relation."""
        pattern = re.compile(rf'(?:"\w+"\.)?"\w+"\."{relation}"')
        cte = f"__dbt__cte__{relation}"
        found = False
        for name, body in self.bodies.items():
            self.bodies[name], count = pattern.subn(fixture, body)
            found |= count > 0
        if cte in self.bodies:
            self.bodies[cte], found = f"select * from {fixture}", True
        if not found:
            raise KeyError(f"the model does not read {relation}")

    def relation_of(self, relation: str) -> str:
        """How the compiled SQL names a relation."""
        if f"__dbt__cte__{relation}" in self.bodies:
            return f"({self.query(f'__dbt__cte__{relation}')})"
        pattern = re.compile(rf'(?:"\w+"\.)?"\w+"\."{relation}"')
        for body in self.bodies.values():
            if match := pattern.search(body):
                return match.group(0)
        raise KeyError(f"the model does not read {relation}")


def _steps(sql: str) -> dict[str, str]:
    tokens = sqlglot.tokenize(sql, dialect="duckdb")
    bodies: dict[str, str] = {}
    place = next(i for i, token in enumerate(tokens) if token.token_type == TokenType.WITH) + 1
    while True:
        name = tokens[place].text
        opening = place + 2
        depth, closing = 1, opening
        while depth:
            closing += 1
            kind = tokens[closing].token_type
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(kind, 0)
        bodies[name] = sql[tokens[opening].end + 1 : tokens[closing].start]
        place = closing + 1
        if tokens[place].token_type == TokenType.COMMA:
            place += 1
        elif tokens[place].token_type == TokenType.WITH:
            place += 1  # dbt puts ephemeral models before the model's own list
        else:
            return bodies


def run_step_test(connection: duckdb.DuckDBPyConnection, sql: str, test: StepTest) -> None:
    """Run one test; raises `AssertionError` with the rows that differ."""
    original, changed = CompiledModel(sql), CompiledModel(sql)
    for place, (kind, name, rows) in enumerate(test.given):
        if rows is None:
            continue
        source = original.relation_of(name) if kind == "ref" else f"({original.query(name)})"
        fixture = f"given_{place}"
        _fill(connection, fixture, _types(connection, source), rows)
        if kind == "ref":
            changed.replace_relation(name, fixture)
        else:
            changed.bodies[name] = f"select * from {fixture}"
    query = f"({changed.query(test.step)})"
    columns = list(dict.fromkeys(name for row in test.expected for name in row))
    types = _types(connection, query)
    _fill(connection, "expected", {name: types[name] for name in columns or types}, test.expected)
    _compare(connection, query, columns or list(types))


def _types(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    described = connection.execute(f"describe select * from {source}").fetchall()
    return {row[0]: row[1] for row in described}


def _fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: dict[str, str],
    rows: list[dict[str, Any]],
) -> None:
    unknown = {name for row in rows for name in row} - set(types)
    assert not unknown, f"no such column: {', '.join(sorted(unknown))}"
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"create or replace temp table {table} ({columns})")
    marks = ", ".join("?" for _ in types)
    for row in rows:
        values = [row.get(name) for name in types]
        connection.execute(f"insert into {table} values ({marks})", values)


def _compare(connection: duckdb.DuckDBPyConnection, query: str, columns: list[str]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    actual = f"select {names} from {query}"
    expected = f"select {names} from expected"
    missing = connection.execute(f"({expected}) except all ({actual})").fetchall()
    surplus = connection.execute(f"({actual}) except all ({expected})").fetchall()
    assert not missing and not surplus, f"{columns}: missing {missing}, not expected {surplus}"
