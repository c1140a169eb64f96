"""The catalogue of a published file: its relations with their types, keys and comments.

The file does not contain the keys of the marts. Their contracts declare them, and callers pass
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from register.access import COARSE_FORM, EXACT_FORM
from register.publishing import Generation, PublishError
from register.settings import Settings

SYSTEM_SCHEMAS = ("information_schema", "main", "pg_catalog")
OBJECTS = r"""
    select schema_name, table_name, false, trim(coalesce(comment, ''), e' \n'), '', estimated_size
    from duckdb_tables()
    where not internal and database_name = current_database()
    union all
    select schema_name, view_name, true, trim(coalesce(comment, ''), e' \n'), sql, 0
    from duckdb_views()
    where not internal and database_name = current_database()
    order by all
"""
COLUMNS = r"""
    select schema_name, table_name, column_name, data_type, is_nullable,
        trim(coalesce(comment, ''), e' \n')
    from duckdb_columns()
    where not internal and database_name = current_database()
    order by schema_name, table_name, column_index
"""
PRIMARY_KEYS = """
    select schema_name, table_name, constraint_column_names
    from duckdb_constraints()
    where constraint_type = 'PRIMARY KEY' and database_name = current_database()
"""

Name = tuple[str, str]


@dataclass(frozen=True)
class Column:
    """A column. `data_type` is DuckDB's type."""

    name: str
    data_type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a relation that refer to the key of another relation."""

    table: Name
    columns: tuple[str, ...]
    to_table: Name
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """A table or view. A view has a `definition` (its SQL), and a table has its number of `rows`.

    The primary key of a view consists of the columns that foreign keys refer to.
    """

    schema: str
    name: str
    is_view: bool
    comment: str
    definition: str
    rows: int
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def full_name(self) -> str:
        """The name with its schema: `schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def stable_order(self) -> str:
        """The columns that give rows a fixed order: the primary key, or else all columns."""
        return ", ".join(f'"{name}"' for name in self.primary_key) or "all"


@contextmanager
def open_published(
    settings: Settings, generation: Generation, *, is_exact: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a pseudonymous file of a generation read-only, as the database `published`.

    It is the coarse form unless `is_exact`. The file of case lists, which names children, is never
    opened. Raises `PublishError` if an earlier program version published no coarse form.
    """
    path = generation.folder / (EXACT_FORM if is_exact else COARSE_FORM)
    if not path.exists():
        raise PublishError(
            f"generation {generation.generation_id} has no {path.name}: run `register load`"
        )
    with duckdb.connect(config={"memory_limit": f"{settings.memory_gigabytes:g}GB"}) as connection:
        # The warehouse's folder is private, so rows that spill to disk are protected.
        spill = settings.warehouse / "serving_spill"
        connection.execute(f"set temp_directory = '{spill}'")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute("use published")
        yield connection


def read_catalogue(
    connection: duckdb.DuckDBPyConnection,
    keys: Sequence[ForeignKey] = (),
    primary_keys: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Relation]:
    """Return every relation of the database, by schema and name.

    `primary_keys` are those of the generation. Files of earlier program versions declare their own.
    Foreign keys are left out if the database lacks their columns, because an older generation may
    have other tables than the contracts of this release.
    """
    columns: dict[Name, list[Column]] = {}
    for schema, table, *column in connection.execute(COLUMNS).fetchall():
        columns.setdefault((schema, table), []).append(Column(*column))
    primary = {
        (schema, table): tuple(names)
        for schema, table, names in connection.execute(PRIMARY_KEYS).fetchall()
    }
    names = {table: {column.name for column in members} for table, members in columns.items()}
    for full_name, key_columns in (primary_keys or {}).items():
        schema, table = full_name.split(".")
        # The coarse form lacks the key of a table whose key is built from a position in a file.
        if names.get((schema, table), set()).issuperset(key_columns):
            primary[schema, table] = key_columns
    usable = [key for key in keys if _has_columns(names, key)]
    for key in usable:
        primary.setdefault(key.to_table, key.to_columns)
    return [
        Relation(
            schema=schema,
            name=name,
            is_view=is_view,
            comment=comment,
            definition=definition,
            rows=rows,
            columns=tuple(columns[schema, name]),
            primary_key=primary.get((schema, name), ()),
            foreign_keys=tuple(
                key
                for key in usable
                # A foreign key in SQL can refer only to a primary key.
                if key.table == (schema, name) and primary[key.to_table] == key.to_columns
            ),
        )
        for schema, name, is_view, comment, definition, rows in connection.execute(
            OBJECTS
        ).fetchall()
        if schema not in SYSTEM_SCHEMAS
    ]


def _has_columns(names: dict[Name, set[str]], key: ForeignKey) -> bool:
    columns, to_columns = names.get(key.table, set()), names.get(key.to_table, set())
    return columns.issuperset(key.columns) and to_columns.issuperset(key.to_columns)
