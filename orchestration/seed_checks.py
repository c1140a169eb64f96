"""Seeds are looked at before a build, so that a slip of the pen costs a second and no load.

What their YAML says of them is what dbt's own tests check again: columns, types, keys, codes and
relationships among seeds. Rules that are SQL are left to dbt.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from register.settings import Settings
from register.yaml_file import read_yaml

SHOWN = 20


class SeedError(RuntimeError):
    """Seeds that no build should begin with; the message names file, line and column of each."""


@dataclass(frozen=True)
class Seed:
    """One look-up: its rows as text (blank is None), and what its YAML says of it."""

    name: str
    columns: list[str]
    rows: list[list[str | None]]
    lines: list[int]
    types: Mapping[str, str]
    described: Sequence[str]
    rules: Mapping[str, Any]

    def values(self, column: str) -> list[str | None]:
        """The values of a column, in order of line."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]


def check_seeds(settings: Settings) -> None:
    """Raise `SeedError` where a seed is not what its YAML says."""
    faults: list[str] = []
    seeds: dict[str, Seed] = {}
    described = dict(_described(settings.seeds))
    for path in sorted(settings.seeds.glob("*.csv")):
        seed, found = _read(path, described.get(path.stem, {}))
        faults += found
        if seed is not None:
            seeds[seed.name] = seed
    faults += [f"{name}.csv is not there" for name in described if name not in seeds and not faults]
    with duckdb.connect() as connection:
        for seed in seeds.values():
            found = [*_type_faults(seed, connection), *_rule_faults(seed, seeds)]
            faults += [f"{seed.name}.csv{where}" for where in found]
    if faults:
        more = [f"and {len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
        raise SeedError("\n".join(["seeds are not as they should be:", *faults[:SHOWN], *more]))


def _described(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yml")):
        for entry in read_yaml(path).get("seeds", []):
            yield entry["name"], entry


def _read(path: Path, entry: Mapping[str, Any]) -> tuple[Seed | None, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        columns = next(reader, [])
        read = [(reader.line_num, row) for row in reader if row]
    described = [column["name"] for column in entry.get("columns", [])]
    faults = [
        f"{path.name}, line {line}: {len(row)} fields, not {len(columns)}"
        for line, row in read
        if len(row) != len(columns)
    ]
    if described and set(described) != set(columns):
        unlike = sorted(set(described) ^ set(columns))
        faults.append(f"{path.name}: its columns are not those of its YAML: {', '.join(unlike)}")
    if faults:
        return None, faults
    rules: Mapping[str, Any] = next(
        (test["rules"]["arguments"] for test in entry.get("data_tests", []) if "rules" in test), {}
    )
    rows = [[cell or None for cell in row] for _, row in read]
    types = entry.get("config", {}).get("column_types", {})
    lines = [line for line, _ in read]
    return Seed(path.stem, columns, rows, lines, types, described, rules), []


def _type_faults(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for column, kind in seed.types.items():
        if column not in seed.columns or str(kind).startswith("varchar"):
            continue
        values = seed.values(column)
        given = [value for value in dict.fromkeys(values) if value is not None]
        found = connection.execute(
            f"select value from unnest(?::varchar[]) as given (value) "
            f"where try_cast(value as {kind}) is null",
            [given],
        ).fetchall()
        wrong = {value for (value,) in found}
        for line, value in zip(seed.lines, values, strict=True):
            if value in wrong:
                yield f", line {line}: {column} is no {kind}"


def _rule_faults(seed: Seed, seeds: Mapping[str, Seed]) -> Iterator[str]:
    rules = seed.rules
    for column in _known(rules.get("not_null"), seed):
        yield from _lines(seed, column, lambda value: value is None, "is blank")
    for keys in ([[each] for each in rules.get("unique") or ()]) + list(
        rules.get("unique_combination") or ()
    ):
        if set(keys) <= set(seed.columns):
            yield from _repeated(seed, keys)
    for column, codes in (rules.get("accepted_values") or {}).items():
        known = {str(code).casefold() for code in codes}
        if column in seed.columns:
            yield from _lines(
                seed,
                column,
                lambda value, known=known: value is not None and value.casefold() not in known,
                "is no value that is accepted",
            )
    for column, parent in (rules.get("relationships") or {}).items():
        name, _, key = str(parent).partition(".")
        if column in seed.columns and name in seeds and key in seeds[name].columns:
            keys = set(seeds[name].values(key))
            yield from _lines(
                seed,
                column,
                lambda value, keys=keys: value is not None and value not in keys,
                f"is not in {name}.csv",
            )


def _known(columns: Sequence[str] | None, seed: Seed) -> list[str]:
    return [column for column in columns or () if column in seed.columns]


def _lines(seed: Seed, column: str, is_wrong: Any, what: str) -> Iterator[str]:
    for line, value in zip(seed.lines, seed.values(column), strict=True):
        if is_wrong(value):
            yield f", line {line}: {column} {what}"


def _repeated(seed: Seed, keys: Sequence[str]) -> Iterator[str]:
    first: dict[tuple[str | None, ...], int] = {}
    for line, key in zip(seed.lines, zip(*map(seed.values, keys), strict=True), strict=True):
        if any(key) and first.setdefault(key, line) != line:
            yield f", line {line}: {', '.join(keys)} as in line {first[key]}"
