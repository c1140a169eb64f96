"""What changed between two generations: rows of every table by key, key figures, and the causes.

A row is the same where its primary key is. Causes come from the manifests: which deliveries,
decisions, code, models and look-ups went into one and not into the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import duckdb

from register.publishing.generations import Generation
from register.publishing.summary import Summary, summarise

FILE = "national_register.duckdb"
COLUMNS = """
    select database_name, schema_name || '.' || table_name, column_name, data_type
    from duckdb_columns()
    where not internal and database_name in ('before', 'after')
        and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())
    order by column_index
"""
KEYS = """
    select schema_name || '.' || table_name, constraint_column_names
    from duckdb_constraints()
    where constraint_type = 'PRIMARY KEY' and database_name = 'after'
"""
# Of a manifest: what is one value, in words.
SINGLE_CAUSES = {
    "pseudonym_key_id": "pseudonym key",
    "model_hash": "models of dbt",
    "as_known_at": "moment as known at",
    "environment": "environment",
}
# What says of which generation a file is differs in every one.
STAMP = "register.published_generation"


@dataclass(frozen=True)
class ComparedTable:
    """One table: its rows before and after, and how many came, went and are not as they were.

    `by_key` is false where no primary key tells which row is which: a changed row then counts as
    one that went and one that came.
    """

    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    by_key: bool
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing of it changed."""
        return not (
            self.added or self.removed or self.changed or self.columns_added or self.columns_removed
        )


@dataclass(frozen=True)
class Comparison:
    """Two generations: tables, key figures as (before, after), and causes in words and codes."""

    before: str
    after: str
    tables: tuple[ComparedTable, ...]
    figures: dict[str, tuple[int, int]]
    causes: dict[str, list[str]]


def compare(before: Generation, after: Generation) -> Comparison:
    """Compare every table of the pseudonymous files of two generations."""
    with duckdb.connect() as connection:
        for alias, generation in (("before", before), ("after", after)):
            connection.execute(f"attach '{generation.folder / FILE}' as {alias} (read_only)")
        tables = _tables(connection)
    return Comparison(
        before=before.generation_id,
        after=after.generation_id,
        tables=tables,
        figures=_figures(summarise(before), summarise(after)),
        causes=causes(before.manifest(), after.manifest()),
    )


def _tables(connection: duckdb.DuckDBPyConnection) -> tuple[ComparedTable, ...]:
    columns: dict[str, dict[str, dict[str, str]]] = {"before": {}, "after": {}}
    for side, table, name, data_type in connection.execute(COLUMNS).fetchall():
        columns[side].setdefault(table, {})[name] = data_type
    keys = {table: tuple(names) for table, names in connection.execute(KEYS).fetchall()}
    names = sorted((columns["before"].keys() | columns["after"].keys()) - {STAMP})
    return tuple(
        _table(
            connection,
            table,
            columns["before"].get(table, {}),
            columns["after"].get(table, {}),
            keys.get(table, ()),
        )
        for table in names
    )


def _table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    key: tuple[str, ...],
) -> ComparedTable:
    rows_before, rows_after = (
        _count(connection, f"select count(*) from {side}.{table}") if columns else 0
        for side, columns in (("before", before), ("after", after))
    )
    shared = [name for name in after if before.get(name) == after[name]]
    is_keyed = bool(key) and set(key) <= set(shared)
    is_in_both = bool(before) and bool(after)
    if not is_in_both:
        added, removed, changed = rows_after, rows_before, 0
    elif is_keyed:
        added, removed, changed = _by_key(connection, table, key, shared)
    else:
        added, removed, changed = _by_whole_row(connection, table, shared)
    return ComparedTable(
        table,
        rows_before,
        rows_after,
        added,
        removed,
        changed,
        by_key=is_keyed,
        columns_added=_columns(after, before) if is_in_both else (),
        columns_removed=_columns(before, after) if is_in_both else (),
    )


def _columns(having: Mapping[str, str], lacking: Mapping[str, str]) -> tuple[str, ...]:
    """Columns that one side has alone, or with another type."""
    return tuple(f"{name} {kind}" for name, kind in having.items() if lacking.get(name) != kind)


def _by_key(
    connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...], columns: list[str]
) -> tuple[int, int, int]:
    matched = " and ".join(f'old."{name}" = new."{name}"' for name in key)
    others = [name for name in columns if name not in key]
    differing = " or ".join(f'old."{name}" is distinct from new."{name}"' for name in others)
    found = connection.execute(
        f"""
        select
            count(*) filter (where old."{key[0]}" is null),
            count(*) filter (where new."{key[0]}" is null),
            count(*) filter (
                where old."{key[0]}" is not null and new."{key[0]}" is not null
                    and ({differing or "false"})
            )
        from before.{table} as old
        full outer join after.{table} as new on {matched}
        """
    ).fetchall()
    return found[0]


def _by_whole_row(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]
) -> tuple[int, int, int]:
    listed = ", ".join(f'"{name}"' for name in columns)
    old, new = (f"select {listed} from {side}.{table}" for side in ("before", "after"))
    added, removed = (
        _count(connection, f"select count(*) from ({one} except all {other})")
        for one, other in ((new, old), (old, new))
    )
    return added, removed, 0


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _figures(before: Summary, after: Summary) -> dict[str, tuple[int, int]]:
    """Every count of both summaries, by its name; a group's by the name of its part too."""
    flat = [_flat(summary) for summary in (before, after)]
    return {name: (flat[0].get(name, 0), flat[1].get(name, 0)) for name in {**flat[1], **flat[0]}}


def _flat(summary: Summary) -> dict[str, int]:
    found: dict[str, int] = {}
    for field in fields(summary):
        value = getattr(summary, field.name)
        if isinstance(value, int):
            found[field.name] = value
        elif isinstance(value, dict):
            found |= {f"{field.name}: {part}": count for part, count in sorted(value.items())}
    return found


def causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """What went into one generation and not, or not so, into the other; empty where nothing is."""
    found = {
        "new deliveries": _entries(after, before),
        "deliveries that are gone": _entries(before, after),
        "deliveries whose standing changed": _moved(before, after),
        "decisions": _changed_files(before, after, "decisions"),
        "look-ups": _changed_files(before, after, "seed_hashes"),
        "code": _differing(before, after, "code"),
        "linkage model": _differing(before, after, "linkage_model"),
    }
    for name, title in SINGLE_CAUSES.items():
        if before.get(name) != after.get(name):
            found[title] = [f"{_short(before.get(name))} → {_short(after.get(name))}"]
    return {title: lines for title, lines in found.items() if lines}


def _statuses(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {entry["delivery_id"]: entry["status"] for entry in manifest["deliveries"]}


def _entries(having: Mapping[str, Any], lacking: Mapping[str, Any]) -> list[str]:
    known = _statuses(lacking)
    return [
        f"{name} ({status})"
        for name, status in sorted(_statuses(having).items())
        if name not in known
    ]


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = _statuses(before), _statuses(after)
    return [
        f"{name}: {old[name]} → {new[name]}"
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name]
    ]


def _changed_files(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> list[str]:
    old, new = before.get(kind) or {}, after.get(kind) or {}
    return [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]


def _differing(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> list[str]:
    old, new = before.get(kind) or {}, after.get(kind) or {}
    return [
        f"{name}: {_short(old.get(name))} → {_short(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _short(value: Any) -> str:
    """A value as it is told: a hash by its beginning, nothing as *none*."""
    text = "none" if value is None else str(value)
    return text[:12] if len(text) >= 40 else text
