"""PostgreSQL: the published register loaded beside what is read there, then swapped in.

Types, comments, keys, views and rights come with it. A load that fails at any point leaves the
register that was there. No message has the connection string or a value of a record in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain

import duckdb
import psycopg
from duckdb_extensions import import_extension
from psycopg import conninfo

from register.publishing import Generation
from register.serving.catalogue import ForeignKey, Relation, open_published, read_catalogue
from register.serving.grants import read_grants
from register.serving.postgres_access import (
    ACCESS,
    ROLES,
    area_rights,
    area_rows,
    area_schemas,
    create_areas,
    role_rights,
    rounded_relations,
    rounded_schemas,
)
from register.serving.postgres_rounding import read_rounding_rules
from register.serving.postgres_swap import (
    MARK,
    SwapError,
    check_place,
    drop_leftovers,
    freeze,
    marked,
    swap,
)
from register.serving.postgres_tables import (
    NEXT,
    as_tables,
    comments,
    create_table,
    create_views,
    keys_and_indexes,
    literal,
    place,
    quoted,
)
from register.settings import Settings

# Views that are read with the rights of whoever reads them came with it.
LEAST_VERSION = 150000
# Of two loads into one database the second is refused. Who serves holds a table that nobody else
# may lock; an advisory lock could be taken by any log-in. In a mode that leaves no transaction id,
# for rows are frozen meanwhile.
LOCKS = "register_serving"
LOCK = f"lock table {LOCKS}.one_at_a_time in exclusive mode nowait"
APPLICATION = "national register: serving"
# Says of which generation a database is, as it does of a file.
STAMP = "register.published_generation"
# How long somebody who only looks waits for the server.
LOOK_SECONDS = 5
KNOWN_SCHEMAS = "select nspname from pg_namespace"


class PostgresError(RuntimeError):
    """Serving to PostgreSQL failed, and readers have what they had; the message says why."""


@dataclass(frozen=True)
class ServedPostgres:
    """What was loaded, and how long readers had to wait for the swap."""

    table_count: int
    view_count: int
    row_count: int
    swap_seconds: float


def serve_postgres(
    settings: Settings, generation: Generation, keys: Sequence[ForeignKey] = ()
) -> ServedPostgres:
    """Load a generation into the database that the settings name, and let its readers have it.

    Raises `PostgresError`, or `GrantError` for a wrong line of the grants.
    """
    grants = read_grants(settings)
    with (
        without_secrets(settings.postgres_dsn),
        _alone(settings.postgres_dsn),
        open_published(settings, generation) as published,
        psycopg.connect(
            settings.postgres_dsn, autocommit=True, application_name=APPLICATION
        ) as connection,
    ):
        relations = as_tables(read_catalogue(published, keys))
        own = {relation.schema for relation in relations}
        others = [*area_schemas(relations), *rounded_schemas(relations)]
        schemas = [*sorted(own), *others, ACCESS]
        former = _prepare(connection, schemas)
        try:
            _create(connection, schemas, relations)
            row_count = _fill(published, settings.postgres_dsn, relations)
            rounded = rounded_relations(relations, read_rounding_rules(settings))
            rights = chain(rounded, area_rights(relations, grants))
            loaded_by = _finish(connection, relations, rights)
            _check_counts(connection, published, relations)
            freeze(connection, schemas, loaded_by)
            seconds = swap(connection, schemas, former)
        finally:
            # A server that has gone away keeps them until the next load, which drops them first.
            if not connection.closed:
                drop_leftovers(connection, sorted({*schemas, *former}))
    views = sum(relation.is_view for relation in relations)
    return ServedPostgres(len(relations) - views, views, row_count, seconds)


def postgres_generation(settings: Settings) -> str | None:
    """The id of the generation that the database has, or None. Raises `PostgresError`."""
    with (
        without_secrets(settings.postgres_dsn),
        psycopg.connect(
            settings.postgres_dsn, connect_timeout=LOOK_SECONDS, application_name=APPLICATION
        ) as connection,
    ):
        (table,) = connection.execute(f"select to_regclass('{STAMP}')").fetchone() or (None,)
        found = connection.execute(f"select generation_id from {STAMP}") if table else None
        row = found.fetchone() if found else None
        return str(row[0]) if row else None


@contextmanager
def without_secrets(dsn: str) -> Iterator[None]:
    """Turn errors of the database into ones that have nothing of the connection string."""
    try:
        secrets = [dsn, *map(str, _parts(dsn).values())]
        yield
    except (psycopg.Error, duckdb.Error, SwapError, OSError) as error:
        raise PostgresError(_message(error, secrets)) from None


def _parts(dsn: str) -> dict[str, object]:
    try:
        found = conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        found = {}
    if not found:
        raise PostgresError(
            "REGISTER_POSTGRES_DSN is not set, or is no connection string"
        ) from None
    return {name: found[name] for name in ("password", "passfile", "sslpassword") if name in found}


def _message(error: Exception, secrets: Iterable[str]) -> str:
    diagnosed = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    # A detail names values of a row: only the first line of what is said is told.
    text = diagnosed or next(iter(str(error).strip().splitlines()), type(error).__name__)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "…") if secret else text
    return f"serving to PostgreSQL failed: {text}"


def _prepare(connection: psycopg.Connection, schemas: Sequence[str]) -> list[str]:
    """Check and clear the database, and make the roles; the schemas that are read now."""
    if connection.info.server_version < LEAST_VERSION:
        raise SwapError("the server is older than PostgreSQL 15")
    # A load that was killed ends on the server too, and does not keep the next one out. A server
    # whose system cannot tell that a client is gone refuses the setting, and notices later.
    with suppress(psycopg.errors.InvalidParameterValue):
        connection.execute("set client_connection_check_interval = '2s'")
    # Keys of a national year are sorted and compared in memory.
    connection.execute("set maintenance_work_mem = '256MB'")
    all_schemas = [name for (name,) in connection.execute(KNOWN_SCHEMAS)]
    former = marked(connection, [name for name in all_schemas if not name.endswith((NEXT, "_old"))])
    considered = sorted({*schemas, *former})
    check_place(connection, considered)
    drop_leftovers(connection, considered)
    _make_roles(connection)
    return sorted(former)


@contextmanager
def _alone(dsn: str) -> Iterator[None]:
    """Hold the lock of whoever serves, in a session of its own, until the end of the block."""
    with psycopg.connect(dsn, application_name=APPLICATION) as connection:
        with connection.transaction():
            connection.execute(f"create schema if not exists {LOCKS}")
            connection.execute(f"create table if not exists {LOCKS}.one_at_a_time ()")
        try:
            connection.execute(LOCK)
        except psycopg.errors.LockNotAvailable:
            raise SwapError("another load into this database is under way") from None
        yield


def _make_roles(connection: psycopg.Connection) -> None:
    present = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role, purpose in ROLES.items():
        if role not in present:
            connection.execute(f"create role {role} nologin")
            connection.execute(f"comment on role {role} is {literal(purpose)}")


def _create(
    connection: psycopg.Connection, schemas: Sequence[str], relations: Sequence[Relation]
) -> None:
    with connection.transaction():
        for schema in schemas:
            connection.execute(f"create schema {quoted(schema + NEXT)}")
            connection.execute(f"comment on schema {quoted(schema + NEXT)} is {literal(MARK)}")
        for relation in relations:
            if not relation.is_view:
                connection.execute(create_table(relation))
        for statement in create_areas():
            connection.execute(statement)


def _fill(published: duckdb.DuckDBPyConnection, dsn: str, relations: Sequence[Relation]) -> int:
    """Copy the rows of every table, in one transaction; return how many."""
    import_extension("postgres_scanner")
    published.execute("load postgres_scanner")
    target = conninfo.make_conninfo(dsn, application_name=APPLICATION)
    try:
        published.execute(f"attach {literal(target)} as target (type postgres)")
    except duckdb.Error:
        # Its message has the whole connection string in it.
        raise SwapError("DuckDB could not connect to the server, which psycopg did") from None
    count = 0
    try:
        with _transaction(published):
            for relation in relations:
                if not relation.is_view:
                    source = quoted("published", relation.schema, relation.name)
                    rows = published.execute(
                        f"insert into target.{place(relation)} select * from {source}"
                    ).fetchall()
                    count += int(rows[0][0])
            for name, query in area_rows(relations):
                published.execute(f"insert into target.{ACCESS}{NEXT}.{name} {query}")
    finally:
        published.execute("detach target")
    return count


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _finish(
    connection: psycopg.Connection, relations: Sequence[Relation], rights: Iterable[str]
) -> str:
    """Add keys, views, comments and rights; return the transaction, the last that wrote a row."""
    tables = [relation for relation in relations if not relation.is_view]
    with connection.transaction():
        for statements in (
            keys_and_indexes(tables),
            create_views(relations),
            rights,
            comments(relations),
            role_rights(relations),
        ):
            for statement in statements:
                connection.execute(statement)
        (loaded_by,) = connection.execute("select pg_current_xact_id()::xid::text").fetchone() or (
            "",
        )
    return str(loaded_by)


def _check_counts(
    connection: psycopg.Connection,
    published: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
) -> None:
    """Raise `SwapError` where a table has not the rows that were published."""
    for relation in relations:
        if not relation.is_view:
            name = quoted(relation.schema, relation.name)
            (ours,) = published.execute(f"select count(*) from published.{name}").fetchall()[0]
            (theirs,) = connection.execute(
                f"select count(*) from {place(relation)}"
            ).fetchone() or (0,)
            if ours != theirs:
                raise SwapError(f"{relation.full_name} has {theirs:,} rows, not {ours:,}")
