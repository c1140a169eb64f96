"""The swap of newly loaded schemas for the old ones, by renaming in one transaction.

The swap waits for readers in two ways. First, a transaction that began before the load would see
the new tables empty until their rows are frozen. Second, a transaction that has read an old table
must not read a new one, so the swap locks every old table. It tries for the locks repeatedly but
only briefly: readers wait at most `LOCK_SECONDS` each time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import psycopg
from psycopg import errors

from register.queries import read_query
from register.serving.postgres_tables import NEXT, OLD, quote_name

LOCK_SECONDS = (0.1, 0.2, 0.4, 0.6)
PAUSE_SECONDS = (0.05, 0.3)
# The longest wait for open transactions, in seconds: longer than any query of a dashboard. After it
# serving fails, so an idle transaction cannot delay the load for ever.
WAIT_SECONDS = 600.0
# The comment that marks schemas of the register.
MARK = "Served by the national register; replaced by each load."
UNFROZEN = """
    select count(*) from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text = any(%s)
        and age(relfrozenxid) >= age(%s::text::xid)
"""
RELATIONS = """
    select relnamespace::regnamespace::text, relname from pg_class
    where relkind in ('r', 'v') and relnamespace::regnamespace::text = any(%s)
    order by relkind desc, relname
"""
MARKED = """
    select nspname from pg_namespace
    where nspname = any(%s) and obj_description(oid, 'pg_namespace') = %s
"""
PRESENT = "select nspname from pg_namespace where nspname = any(%s)"
DEPENDENTS = read_query(__package__, "dependent_views")


class SwapError(RuntimeError):
    """The new schemas cannot replace the old ones; the message says why."""


def check_swap(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    """Raise `SwapError` if the swap would remove other people's schemas or views."""
    present = {name for (name,) in connection.execute(PRESENT, [list(schemas)])}
    foreign = sorted(present - find_marked_schemas(connection, schemas))
    if foreign:
        raise SwapError(
            f"the database has a schema {foreign[0]} that the register did not make: serve into a"
            " database of its own"
        )
    dependents = [name for (name,) in connection.execute(DEPENDENTS, {"schemas": list(schemas)})]
    if dependents:
        raise SwapError(
            f"{len(dependents)} views outside the served schemas read from them and would go with"
            f" the old tables ({', '.join(dependents[:5])}): drop them, or keep their results as"
            " tables"
        )


def find_marked_schemas(connection: psycopg.Connection, schemas: Sequence[str]) -> set[str]:
    """Return the given schemas that the register created, recognised by their comment."""
    return {name for (name,) in connection.execute(MARKED, [list(schemas), MARK])}


def drop_leftovers(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    """Drop the schemas that an interrupted load left, and those that an earlier swap replaced."""
    names = [schema + ending for schema in schemas for ending in (NEXT, OLD)]
    for name in sorted(find_marked_schemas(connection, names)):
        connection.execute(f"drop schema {quote_name(name)} cascade")


def freeze_rows(connection: psycopg.Connection, schemas: Sequence[str], loaded_by: str) -> None:
    """Make the loaded rows visible to transactions that began before `loaded_by` ended.

    Raises `SwapError` if one of these transactions does not end within `WAIT_SECONDS`.
    """
    names = [schema + NEXT for schema in schemas]
    tables = [
        quote_name(schema, name)
        for schema, name in connection.execute(
            RELATIONS.replace("('r', 'v')", "('r')"), [names]
        ).fetchall()
    ]
    until = time.monotonic() + WAIT_SECONDS
    while True:
        connection.execute(f"vacuum (freeze, analyze) {', '.join(tables)}")
        (unfrozen,) = connection.execute(UNFROZEN, [names, loaded_by]).fetchone() or (0,)
        if not unfrozen:
            return
        if time.monotonic() > until:
            raise SwapError(
                "a transaction that began before the load is still open, and would see the new"
                " tables empty: end it (pg_stat_activity, backend_xmin) and serve again"
            )
        time.sleep(PAUSE_SECONDS[1])


def swap_schemas(
    connection: psycopg.Connection, schemas: Sequence[str], former: Sequence[str]
) -> float:
    """Rename the `former` schemas away, and each `<schema>_next` to its final name.

    Returns the seconds for which readers had to wait. If readers use old tables for `WAIT_SECONDS`,
    raises `SwapError` and leaves the old schemas in place.
    """
    until = time.monotonic() + WAIT_SECONDS
    attempt = 0
    while True:
        limit = LOCK_SECONDS[min(attempt, len(LOCK_SECONDS) - 1)]
        began = time.monotonic()
        try:
            with connection.transaction():
                _lock_relations(connection, former, limit)
                for schema in former:
                    connection.execute(f"alter schema {quote_name(schema)} rename to {schema}{OLD}")
                for schema in schemas:
                    name = quote_name(schema + NEXT)
                    connection.execute(f"alter schema {name} rename to {quote_name(schema)}")
        except (errors.QueryCanceled, errors.DeadlockDetected, errors.LockNotAvailable):
            if time.monotonic() > until:
                raise SwapError(
                    "readers hold tables in transactions that do not end, so that the new could"
                    " not take their place: end them (pg_stat_activity) and serve again"
                ) from None
            attempt += 1
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - a pause, not a secret
            continue
        return time.monotonic() - began


def _lock_relations(connection: psycopg.Connection, former: Sequence[str], seconds: float) -> None:
    """Lock every old relation for this transaction, or give up after this many seconds in all."""
    relations = connection.execute(RELATIONS, [list(former)]).fetchall()
    if not relations:
        return
    connection.execute(f"set local statement_timeout = {int(seconds * 1000)}")
    names = ", ".join(quote_name(*name) for name in relations)
    connection.execute(f"lock table {names} in access exclusive mode")
    connection.execute("set local statement_timeout = 0")
