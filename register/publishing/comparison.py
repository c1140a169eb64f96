"""Comparison of two generations: rows of every table by primary key, main figures, and causes.

Causes are differences between the manifests: deliveries, decisions, code, dbt models, linkage model
and seeds.
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
# Entries of the manifest that have a single value, with the words for them in a comparison.
SINGLE_CAUSES = {
    "pseudonym_key_id": "pseudonym key",
    "model_hash": "models of dbt",
    "as_known_at": "moment as known at",
    "environment": "environment",
}
# This table contains the generation's id, so it always differs.
STAMP = "register.published_generation"


@dataclass(frozen=True)
class ComparedTable:
    """A table: its row counts before and after, and the rows added, removed and changed.

    `has_key` says whether rows were matched by primary key. If not, a changed row counts as one
    removed and one added.
    """

    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    has_key: bool
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether no row and no column changed."""
        return not (
            self.added or self.removed or self.changed or self.columns_added or self.columns_removed
        )


@dataclass(frozen=True)
class Comparison:
    """The differences between two generations: tables, figures as (before, after), and causes."""

    before: str
    after: str
    tables: tuple[ComparedTable, ...]
    figures: dict[str, tuple[int, int]]
    causes: dict[str, list[str]]


def compare_generations(before: Generation, after: Generation) -> Comparison:
    """Compare every table of the pseudonymous files of two generations."""
    with duckdb.connect() as connection:
        for alias, generation in (("before", before), ("after", after)):
            connection.execute(f"attach '{generation.folder / FILE}' as {alias} (read_only)")
        tables = _compare_tables(connection, after.primary_keys())
    return Comparison(
        before=before.generation_id,
        after=after.generation_id,
        tables=tables,
        figures=_pair_figures(summarise(before), summarise(after)),
        causes=list_causes(before.manifest(), after.manifest()),
    )


def _compare_tables(
    connection: duckdb.DuckDBPyConnection, keys: Mapping[str, tuple[str, ...]]
) -> tuple[ComparedTable, ...]:
    columns: dict[str, dict[str, dict[str, str]]] = {"before": {}, "after": {}}
    for side, table, name, data_type in connection.execute(COLUMNS).fetchall():
        columns[side].setdefault(table, {})[name] = data_type
    names = sorted((columns["before"].keys() | columns["after"].keys()) - {STAMP})
    return tuple(
        _compare_table(
            connection,
            table,
            columns["before"].get(table, {}),
            columns["after"].get(table, {}),
            keys.get(table, ()),
        )
        for table in names
    )


def _compare_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    key: tuple[str, ...],
) -> ComparedTable:
    rows_before, rows_after = (
        _count_rows(connection, f"select count(*) from {side}.{table}") if columns else 0
        for side, columns in (("before", before), ("after", after))
    )
    shared = [name for name in after if before.get(name) == after[name]]
    has_key = bool(key) and set(key) <= set(shared)
    is_in_both = bool(before) and bool(after)
    if not is_in_both:
        added, removed, changed = rows_after, rows_before, 0
    elif has_key:
        added, removed, changed = _compare_by_key(connection, table, key, shared)
    else:
        added, removed, changed = _compare_whole_rows(connection, table, shared)
    return ComparedTable(
        table,
        rows_before,
        rows_after,
        added,
        removed,
        changed,
        has_key=has_key,
        columns_added=_list_other_columns(after, before) if is_in_both else (),
        columns_removed=_list_other_columns(before, after) if is_in_both else (),
    )


def _list_other_columns(columns: Mapping[str, str], others: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that `others` lacks, or that have another type there."""
    return tuple(f"{name} {kind}" for name, kind in columns.items() if others.get(name) != kind)


def _compare_by_key(
    connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...], columns: list[str]
) -> tuple[int, int, int]:
    matched = " and ".join(f'old."{name}" = new."{name}"' for name in key)
    others = [name for name in columns if name not in key]
    differing = " or ".join(f'old."{name}" is distinct from new."{name}"' for name in others)
    rows = connection.execute(
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
    return rows[0]


def _compare_whole_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]
) -> tuple[int, int, int]:
    listed = ", ".join(f'"{name}"' for name in columns)
    old, new = (f"select {listed} from {side}.{table}" for side in ("before", "after"))
    added, removed = (
        _count_rows(connection, f"select count(*) from ({rows} except all {others})")
        for rows, others in ((new, old), (old, new))
    )
    return added, removed, 0


def _count_rows(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _pair_figures(before: Summary, after: Summary) -> dict[str, tuple[int, int]]:
    """Return each count before and after, by its name: `field`, or `field: part` of a mapping."""
    old, new = _flatten_summary(before), _flatten_summary(after)
    return {name: (old.get(name, 0), new.get(name, 0)) for name in {**new, **old}}


def _flatten_summary(summary: Summary) -> dict[str, int]:
    counts: dict[str, int] = {}
    for field in fields(summary):
        value = getattr(summary, field.name)
        if isinstance(value, int):
            counts[field.name] = value
        elif isinstance(value, dict):
            counts |= {f"{field.name}: {part}": count for part, count in sorted(value.items())}
    return counts


def list_causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the differences between two manifests, as lists of lines by title.

    Titles without a difference are left out.
    """
    old, new = _read_statuses(before), _read_statuses(after)
    causes = {
        "new deliveries": [f"{name} ({new[name]})" for name in sorted(new.keys() - old)],
        "deliveries that are gone": [f"{name} ({old[name]})" for name in sorted(old.keys() - new)],
        "deliveries whose standing changed": [
            f"{name}: {old[name]} → {new[name]}"
            for name in sorted(old.keys() & new)
            if old[name] != new[name]
        ],
        "decisions": _list_changed_names(before, after, "decisions"),
        "look-ups": _list_changed_names(before, after, "seed_hashes"),
        "code": _describe_changes(before, after, "code"),
        "linkage model": _describe_changes(before, after, "linkage_model"),
    }
    for name, title in SINGLE_CAUSES.items():
        if before.get(name) != after.get(name):
            causes[title] = [f"{_shorten(before.get(name))} → {_shorten(after.get(name))}"]
    return {title: lines for title, lines in causes.items() if lines}


def _read_statuses(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {entry["delivery_id"]: entry["status"] for entry in manifest["deliveries"]}


def _list_changed_names(
    before: Mapping[str, Any], after: Mapping[str, Any], kind: str
) -> list[str]:
    old, new = before.get(kind) or {}, after.get(kind) or {}
    return [name for name in sorted(old.keys() | new) if old.get(name) != new.get(name)]


def _describe_changes(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> list[str]:
    old, new = before.get(kind) or {}, after.get(kind) or {}
    return [
        f"{name}: {_shorten(old.get(name))} → {_shorten(new.get(name))}"
        for name in _list_changed_names(before, after, kind)
    ]


def _shorten(value: Any) -> str:
    """Return a value as text; a hash is cut to its first characters, and no value is *none*."""
    text = "none" if value is None else str(value)
    return text[:12] if len(text) >= 40 else text
