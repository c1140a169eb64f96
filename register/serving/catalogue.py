"""What a published file contains, as its readers need to know it: relations, types, keys, comments.

Primary keys and comments are in the file. Foreign keys are declared in the contracts of the marts
and not created there: whoever knows the contracts hands them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from register.publishing import Generation
from register.settings import Settings

PUBLISHED = "national_register.duckdb"
SCHEMAS_OF_THE_ENGINE = ("information_schema", "main", "pg_catalog")
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
    """One column, with its type in the engine's words."""

    name: str
    data_type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True)
class ForeignKey:
    """Columns of one relation whose values are those of another's key."""

    table: Name
    columns: tuple[str, ...]
    to_table: Name
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """One table or view; `definition` is the statement of a view, `rows` the size of a table.

    The key of a view is what foreign keys lead to: no constraint of the file states it.
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
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def order(self) -> str:
        """An order in which equal contents are written equally: by key, else by every column."""
        return ", ".join(f'"{name}"' for name in self.primary_key) or "all"


@contextmanager
def open_published(
    settings: Settings, generation: Generation
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the pseudonymous file of a generation, to read it and to write files from it.

    The file with case lists is never opened: what is served cannot name a child.
    """
    with duckdb.connect(config={"memory_limit": f"{settings.memory_gigabytes:g}GB"}) as connection:
        # What does not fit into memory is put aside with the warehouse, whose access it has.
        spill = settings.warehouse / "serving_spill"
        connection.execute(f"set temp_directory = '{spill}'")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{generation.folder / PUBLISHED}' as published (read_only)")
        connection.execute("use published")
        yield connection


def read_catalogue(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[ForeignKey] = ()
) -> list[Relation]:
    """Every relation of the database, by schema and name.

    A key of `keys` that the database has no columns for is left out: an older generation has
    other tables than today's contracts.
    """
    columns: dict[Name, list[Column]] = {}
    for schema, table, *column in connection.execute(COLUMNS).fetchall():
        columns.setdefault((schema, table), []).append(Column(*column))
    primary = {
        (schema, table): tuple(names)
        for schema, table, names in connection.execute(PRIMARY_KEYS).fetchall()
    }
    known = {name: {column.name for column in found} for name, found in columns.items()}
    usable = [key for key in keys if _is_known(key, known)]
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
                # No constraint leads to columns that are no key.
                if key.table == (schema, name) and primary[key.to_table] == key.to_columns
            ),
        )
        for schema, name, is_view, comment, definition, rows in connection.execute(
            OBJECTS
        ).fetchall()
        if schema not in SCHEMAS_OF_THE_ENGINE
    ]


def _is_known(key: ForeignKey, known: dict[Name, set[str]]) -> bool:
    return set(key.columns) <= known.get(key.table, set()) and set(key.to_columns) <= known.get(
        key.to_table, set()
    )
