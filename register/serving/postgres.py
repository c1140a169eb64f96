"""Serving of a generation in PostgreSQL: it is loaded beside the served one, then swapped in.

Types, comments, keys, views and rights are loaded too. If a load fails, readers keep the generation
that was served before. No message contains the connection string or a value of a record.
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

from register.access_grants import list_areas_of_holders, read_grants
from register.publishing import Generation
from register.serving.catalogue import ForeignKey, Relation, open_published, read_catalogue
from register.serving.postgres_access import (
    ACCESS,
    OWN_FORMS,
    ROLES,
    area_schemas,
    create_area_access,
    create_area_tables,
    create_rounded_relations,
    grant_role_rights,
    query_area_rows,
    rounded_schemas,
)
from register.serving.postgres_coarse import coarse_schemas, create_coarse_relations
from register.serving.postgres_rounding import read_rounding_rules
from register.serving.postgres_swap import (
    MARK,
    SwapError,
    check_swap,
    drop_leftovers,
    find_marked_schemas,
    freeze_rows,
    swap_schemas,
)
from register.serving.postgres_tables import (
    NEXT,
    create_comments,
    create_keys,
    create_table,
    create_views,
    loading_name,
    materialise_referenced_views,
    quote_name,
    quote_text,
)
from register.settings import Settings

# From this version on, PostgreSQL can run a view with the rights of its reader.
MIN_VERSION = 150000
# Of two simultaneous loads into one database, the second is refused. Each load locks this table,
# which other users cannot lock. An advisory lock would not do, because any user can take it. This
# lock mode needs no transaction id, so rows can be frozen meanwhile.
LOCKS = "register_serving"
LOCK = f"lock table {LOCKS}.one_at_a_time in exclusive mode nowait"
APPLICATION = "national register: serving"
# The table that names the generation served by a database, as in a published file.
STAMP = "register.published_generation"
# For commands that only read: the seconds to wait for a connection to the server.
CONNECT_SECONDS = 5
KNOWN_SCHEMAS = "select nspname from pg_namespace"


class PostgresError(RuntimeError):
    """Serving to PostgreSQL failed and changed nothing for readers; the message says why."""


@dataclass(frozen=True)
class ServedPostgres:
    """The result of serving: numbers of tables, views and rows, and how long readers waited."""

    table_count: int
    view_count: int
    row_count: int
    swap_seconds: float


def serve_postgres(
    settings: Settings, generation: Generation, keys: Sequence[ForeignKey] = ()
) -> ServedPostgres:
    """Load a generation into the database in the settings, and swap it in.

    Raises `PostgresError`, or `GrantError` for an invalid row of grants.
    """
    all_grants = read_grants(settings)
    grants = {
        form.level: list(list_areas_of_holders(settings, all_grants, form.level))
        for form in OWN_FORMS
    }
    with (
        without_secrets(settings.postgres_dsn),
        _hold_serving_lock(settings.postgres_dsn),
        open_published(settings, generation, is_exact=True) as published,
        psycopg.connect(
            settings.postgres_dsn, autocommit=True, application_name=APPLICATION
        ) as connection,
    ):
        relations = materialise_referenced_views(
            read_catalogue(published, keys, generation.primary_keys())
        )
        own = {relation.schema for relation in relations}
        # The stamp of the generation is written by the publication and has no contract.
        levels = {**generation.coarse_levels(), STAMP: {}}
        others = [
            *area_schemas(relations),
            *coarse_schemas(relations),
            *rounded_schemas(relations),
        ]
        schemas = [*sorted(own), *others, ACCESS]
        former = _prepare_database(connection, schemas)
        try:
            _create_tables(connection, schemas, relations)
            row_count = _copy_rows(published, settings.postgres_dsn, relations)
            rounded = create_rounded_relations(relations, read_rounding_rules(settings))
            rights = chain(
                create_coarse_relations(relations, levels),
                rounded,
                create_area_access(relations, levels, grants),
                grant_role_rights(relations, levels),
            )
            loaded_by = _create_keys_and_rights(connection, relations, rights)
            _check_counts(connection, published, relations)
            freeze_rows(connection, schemas, loaded_by)
            seconds = swap_schemas(connection, schemas, former)
        finally:
            # If the connection is already closed, the next load drops these schemas.
            if not connection.closed:
                drop_leftovers(connection, sorted({*schemas, *former}))
    views = sum(relation.is_view for relation in relations)
    return ServedPostgres(len(relations) - views, views, row_count, seconds)


def postgres_generation(settings: Settings) -> str | None:
    """Return the id of the generation in the database, or None if it has none.

    Raises `PostgresError` if the database cannot be read.
    """
    with (
        without_secrets(settings.postgres_dsn),
        psycopg.connect(
            settings.postgres_dsn, connect_timeout=CONNECT_SECONDS, application_name=APPLICATION
        ) as connection,
    ):
        (table,) = connection.execute(f"select to_regclass('{STAMP}')").fetchone() or (None,)
        if table is None:
            return None
        row = connection.execute(f"select generation_id from {STAMP}").fetchone()
        return str(row[0]) if row else None


@contextmanager
def without_secrets(dsn: str) -> Iterator[None]:
    """Convert database errors in the block to `PostgresError`, without connection secrets."""
    try:
        secrets = [dsn, *map(str, _read_secrets(dsn).values())]
        yield
    except (psycopg.Error, duckdb.Error, SwapError, OSError) as error:
        raise PostgresError(_write_message(error, secrets)) from None


def _read_secrets(dsn: str) -> dict[str, object]:
    try:
        parameters = conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        parameters = {}
    if not parameters:
        raise PostgresError(
            "REGISTER_POSTGRES_DSN is not set, or is no connection string"
        ) from None
    secret = ("password", "passfile", "sslpassword")
    return {name: value for name, value in parameters.items() if name in secret}


def _write_message(error: Exception, secrets: Iterable[str]) -> str:
    diagnosed = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    # Later lines of the message may quote values of a row, so only the first is used.
    text = diagnosed or next(iter(str(error).strip().splitlines()), type(error).__name__)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "…") if secret else text
    return f"serving to PostgreSQL failed: {text}"


def _prepare_database(connection: psycopg.Connection, schemas: Sequence[str]) -> list[str]:
    """Check and clear the database, create roles, and return the schemas that readers use now."""
    if connection.info.server_version < MIN_VERSION:
        raise SwapError("the server is older than PostgreSQL 15")
    # With this setting, the server ends the load if its client process is killed. Some systems
    # cannot detect this and refuse the setting.
    with suppress(psycopg.errors.InvalidParameterValue):
        connection.execute("set client_connection_check_interval = '2s'")
    # Enough memory to sort and compare the keys of a year of the whole nation.
    connection.execute("set maintenance_work_mem = '256MB'")
    all_schemas = [name for (name,) in connection.execute(KNOWN_SCHEMAS)]
    former = find_marked_schemas(
        connection, [name for name in all_schemas if not name.endswith((NEXT, "_old"))]
    )
    considered = sorted({*schemas, *former})
    check_swap(connection, considered)
    drop_leftovers(connection, considered)
    _create_roles(connection)
    return sorted(former)


@contextmanager
def _hold_serving_lock(dsn: str) -> Iterator[None]:
    """Hold the lock against other loads in a separate session until the block ends."""
    with psycopg.connect(dsn, application_name=APPLICATION) as connection:
        with connection.transaction():
            connection.execute(f"create schema if not exists {LOCKS}")
            connection.execute(f"create table if not exists {LOCKS}.one_at_a_time ()")
        try:
            connection.execute(LOCK)
        except psycopg.errors.LockNotAvailable:
            raise SwapError("another load into this database is under way") from None
        yield


def _create_roles(connection: psycopg.Connection) -> None:
    present = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role, purpose in ROLES.items():
        if role not in present:
            connection.execute(f"create role {role} nologin")
            connection.execute(f"comment on role {role} is {quote_text(purpose)}")


def _create_tables(
    connection: psycopg.Connection, schemas: Sequence[str], relations: Sequence[Relation]
) -> None:
    with connection.transaction():
        for schema in schemas:
            connection.execute(f"create schema {quote_name(schema + NEXT)}")
            connection.execute(
                f"comment on schema {quote_name(schema + NEXT)} is {quote_text(MARK)}"
            )
        for relation in relations:
            if not relation.is_view:
                connection.execute(create_table(relation))
        for statement in create_area_tables():
            connection.execute(statement)


def _copy_rows(
    published: duckdb.DuckDBPyConnection, dsn: str, relations: Sequence[Relation]
) -> int:
    """Copy the rows of every table in one transaction, and return their number."""
    import_extension("postgres_scanner")
    published.execute("load postgres_scanner")
    target = conninfo.make_conninfo(dsn, application_name=APPLICATION)
    try:
        published.execute(f"attach {quote_text(target)} as target (type postgres)")
    except duckdb.Error:
        # DuckDB's message contains the whole connection string, so it is left out.
        raise SwapError("DuckDB could not connect to the server, which psycopg did") from None
    count = 0
    try:
        with _transaction(published):
            for relation in relations:
                if not relation.is_view:
                    source = quote_name("published", relation.schema, relation.name)
                    rows = published.execute(
                        f"insert into target.{loading_name(relation)} select * from {source}"
                    ).fetchall()
                    count += int(rows[0][0])
            for name, query in query_area_rows(relations):
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


def _create_keys_and_rights(
    connection: psycopg.Connection, relations: Sequence[Relation], rights: Iterable[str]
) -> str:
    """Create keys, views, comments and rights in one transaction, and return its id."""
    tables = [relation for relation in relations if not relation.is_view]
    with connection.transaction():
        for statements in (
            create_keys(tables),
            create_views(relations),
            rights,
            create_comments(relations),
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
    """Raise `SwapError` if a table's number of rows differs from the published one."""
    for relation in relations:
        if not relation.is_view:
            name = quote_name(relation.schema, relation.name)
            (published_count,) = published.execute(
                f"select count(*) from published.{name}"
            ).fetchall()[0]
            (loaded_count,) = connection.execute(
                f"select count(*) from {loading_name(relation)}"
            ).fetchone() or (0,)
            if published_count != loaded_count:
                raise SwapError(
                    f"{relation.full_name} has {loaded_count:,} rows, not {published_count:,}"
                )
