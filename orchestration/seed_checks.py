"""Checks of seeds against their YAML before a build, so that errors appear within a second.

They cover columns, types, keys, codes and relationships among seeds, which dbt's tests check again
later. Rules written in SQL are left to dbt.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from register.settings import Settings
from register.yaml_file import read_yaml

MAX_FAULTS = 20


class SeedError(RuntimeError):
    """Seeds have faults; the message names the file, line and column of each."""


@dataclass(frozen=True)
class Seed:
    """A seed: its rows as text (blank is None), their line numbers, and parts of its YAML."""

    name: str
    columns: list[str]
    rows: list[list[str | None]]
    lines: list[int]
    types: Mapping[str, str]
    rules: Mapping[str, Any]

    def read_column(self, column: str) -> list[str | None]:
        """Return the values of a column in the order of lines; empty if the seed lacks it."""
        if column not in self.columns:
            return []
        position = self.columns.index(column)
        return [row[position] for row in self.rows]


def check_seeds(settings: Settings) -> None:
    """Raise `SeedError` if any seed does not match its YAML."""
    faults: list[str] = []
    seeds: dict[str, Seed] = {}
    entries = {
        entry["name"]: entry
        for path in sorted(settings.seeds.glob("*.yml"))
        for entry in read_yaml(path).get("seeds", [])
    }
    for path in sorted(settings.seeds.glob("*.csv")):
        seed, shape_faults = _read_seed(path, entries.get(path.stem, {}))
        faults += shape_faults
        if seed is not None:
            seeds[seed.name] = seed
    faults += [f"{name}.csv is not there" for name in entries if name not in seeds and not faults]
    with duckdb.connect() as connection:
        for seed in seeds.values():
            value_faults = [*_find_type_faults(seed, connection), *_find_rule_faults(seed, seeds)]
            faults += [f"{seed.name}.csv{fault}" for fault in value_faults]
    if faults:
        more = [f"and {len(faults) - MAX_FAULTS:,} more"] if len(faults) > MAX_FAULTS else []
        raise SeedError(
            "\n".join(["seeds are not as they should be:", *faults[:MAX_FAULTS], *more])
        )


def _read_seed(path: Path, entry: Mapping[str, Any]) -> tuple[Seed | None, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        columns = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader if row]
    described = [column["name"] for column in entry.get("columns", [])]
    faults = [
        f"{path.name}, line {line}: {len(row)} fields, not {len(columns)}"
        for line, row in numbered
        if len(row) != len(columns)
    ]
    if described and set(described) != set(columns):
        differing = sorted(set(described) ^ set(columns))
        faults.append(f"{path.name}: its columns are not those of its YAML: {', '.join(differing)}")
    if faults:
        return None, faults
    rules: Mapping[str, Any] = next(
        (test["rules"]["arguments"] for test in entry.get("data_tests", []) if "rules" in test), {}
    )
    rows = [[cell or None for cell in row] for _, row in numbered]
    types = entry.get("config", {}).get("column_types", {})
    lines = [line for line, _ in numbered]
    return Seed(path.stem, columns, rows, lines, types, rules), []


def _find_type_faults(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for column, kind in seed.types.items():
        if column not in seed.columns or str(kind).startswith("varchar"):
            continue
        distinct = [value for value in set(seed.read_column(column)) if value is not None]
        rows = connection.execute(
            f"select value from unnest(?::varchar[]) as texts (value) "
            f"where try_cast(value as {kind}) is null",
            [distinct],
        ).fetchall()
        yield from _find_lines(seed, column, {value for (value,) in rows}, f"is no {kind}")


def _find_rule_faults(seed: Seed, seeds: Mapping[str, Seed]) -> Iterator[str]:
    rules = seed.rules
    for column in rules.get("not_null") or ():
        yield from _find_lines(seed, column, {None}, "is blank")
    for column in rules.get("unique") or ():
        yield from _find_repeated_keys(seed, [column])
    for columns in rules.get("unique_combination") or ():
        yield from _find_repeated_keys(seed, columns)
    for column, codes in (rules.get("accepted_values") or {}).items():
        accepted = {str(code).casefold() for code in codes}
        values = {value for value in seed.read_column(column) if value is not None}
        unknown = {value for value in values if value.casefold() not in accepted}
        yield from _find_lines(seed, column, unknown, "is no value that is accepted")
    for column, parent in (rules.get("relationships") or {}).items():
        name, _, key = str(parent).partition(".")
        if name in seeds and key in seeds[name].columns:
            wrong = set(seed.read_column(column)) - {None, *seeds[name].read_column(key)}
            yield from _find_lines(seed, column, wrong, f"is not in {name}.csv")


def _find_lines(seed: Seed, column: str, wrong: Set[str | None], message: str) -> Iterator[str]:
    # `read_column` returns nothing for a column that the seed lacks, so the two lengths may differ.
    for line, value in zip(seed.lines, seed.read_column(column), strict=False):
        if value in wrong:
            yield f", line {line}: {column} {message}"


def _find_repeated_keys(seed: Seed, columns: Sequence[str]) -> Iterator[str]:
    first_lines: dict[tuple[str | None, ...], int] = {}
    keys = zip(*map(seed.read_column, columns), strict=False)
    for line, key in zip(seed.lines, keys, strict=False):
        if any(key) and first_lines.setdefault(key, line) != line:
            yield f", line {line}: {', '.join(columns)} as in line {first_lines[key]}"
