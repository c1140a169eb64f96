"""From a published row back to the lines that suppliers delivered.

Reads one published generation; the delivered text itself is read by `register.publishing.raw`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import duckdb

from register.publishing.generations import Generation

IDENTIFIER = re.compile(r"^[A-Za-z0-9_.:-]{1,128}$")
REPORTS = """
    select
        reports.report_id_register as row_id,
        reports.feed,
        reports.supplier_code,
        suppliers.supplier_name,
        deliveries.period,
        cast(deliveries.received_at as varchar) as received_at,
        deliveries.status as delivery_status,
        reports.delivery_id,
        reports.file_name,
        reports.row_number,
    from register.fct_reports as reports
    left join register.dim_deliveries as deliveries using (delivery_id)
    left join register.dim_suppliers as suppliers
        on reports.supplier_code = suppliers.supplier_code
    where reports.{column} = $identifier
    order by reports.feed, reports.delivery_id, reports.file_name, reports.row_number
"""
BREACHES = """
    select
        breaches.rule_breach_id as row_id,
        breaches.feed,
        breaches.supplier_code,
        suppliers.supplier_name,
        deliveries.period,
        cast(deliveries.received_at as varchar) as received_at,
        deliveries.status as delivery_status,
        breaches.delivery_id,
        breaches.file_name,
        breaches.row_number,
    from register.fct_rule_breaches as breaches
    left join register.dim_deliveries as deliveries using (delivery_id)
    left join register.dim_suppliers as suppliers
        on breaches.supplier_code = suppliers.supplier_code
    where breaches.rule_breach_id = $identifier
"""
SUCCESSOR = """
    select successor_child_id_register
    from register.dim_child_keys
    where child_id_register = $identifier
"""
# What an id may be, in the order in which it is looked for. An agreement's id is the id of its
# episode, or of its report where no episode holds it.
KINDS = {
    "report": REPORTS.format(column="report_id_register"),
    "episode": REPORTS.format(column="episode_id_register"),
    "child": REPORTS.format(column="child_id_register"),
    "rule breach": BREACHES,
}


@dataclass(frozen=True)
class SourceLine:
    """One delivered line behind a published row; `row_number` counts physical lines from 1."""

    row_id: str
    feed: str
    supplier_code: str
    supplier_name: str | None
    period: str | None
    received_at: str | None
    delivery_status: str | None
    delivery_id: str
    file_name: str
    row_number: int


@dataclass(frozen=True)
class Trace:
    """What an id is, in which generation, and every line behind it.

    `retired_key` is the key that was asked for, where `identifier` is the child that it is now.
    """

    identifier: str
    kind: str
    generation_id: str
    lines: tuple[SourceLine, ...]
    retired_key: str | None = None


def trace(generation: Generation, identifier: str) -> Trace | None:
    """Follow a report, episode, child, agreement or rule-breach id; None if it is not published.

    A child's key that was merged is followed as the child that it is now.

    Raises `ValueError` for text that cannot be an id.
    """
    if not IDENTIFIER.match(identifier):
        raise ValueError("an id holds letters, digits, '-', '_', '.' and ':' only")
    with open_locked(generation) as connection:
        return follow(connection, generation, identifier)


def open_locked(generation: Generation) -> duckdb.DuckDBPyConnection:
    """The published file, to be read and nothing else: no other file, no network, no setting."""
    return duckdb.connect(
        str(generation.folder / "national_register.duckdb"),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true"},
    )


def follow(
    connection: duckdb.DuckDBPyConnection, generation: Generation, identifier: str
) -> Trace | None:
    """What the id is and every line behind it, read through an open connection."""
    for kind, query in KINDS.items():
        rows = connection.execute(query, {"identifier": identifier}).fetchall()
        if rows:
            lines = tuple(SourceLine(*row) for row in rows)
            return Trace(identifier, kind, generation.generation_id, lines)
    successor = _successor(connection, identifier)
    if successor is None:
        return None
    found = follow(connection, generation, successor)
    if found is None:
        found = Trace(successor, "child", generation.generation_id, ())
    return replace(found, retired_key=identifier)


def _successor(connection: duckdb.DuckDBPyConnection, identifier: str) -> str | None:
    try:
        row = connection.execute(SUCCESSOR, {"identifier": identifier}).fetchone()
    except duckdb.CatalogException:
        # A generation from before keys had a table of their own.
        return None
    return None if row is None else row[0]
