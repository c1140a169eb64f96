"""Statements that make the served relations in PostgreSQL: tables, views, keys, comments.

Every statement names the schemas that a load writes into, which readers do not see. Who may
read what belongs to `register.serving.postgres_access`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter

import sqlglot
from sqlglot import exp

from register.serving.catalogue import Column, Relation
from register.serving.datapackage import UnservedTypeError

NEXT = "_next"
OLD = "_old"
TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TINYINT": "smallint",
    "VARCHAR": "text",
}
DECIMAL = re.compile(r"^DECIMAL\((\d+,\s*\d+)\)$")
# PostgreSQL cuts longer names, and two could become one.
LONGEST_NAME = 63
INDEXED = "collection_year"


def as_tables(relations: Iterable[Relation]) -> list[Relation]:
    """The relations as they are served: a view that foreign keys lead to becomes a table.

    A foreign key cannot lead to a view, and a current version is then found by its key.
    """
    found = list(relations)
    led_to = {key.to_table for relation in found for key in relation.foreign_keys}
    return [
        replace(
            relation, is_view=relation.is_view and (relation.schema, relation.name) not in led_to
        )
        for relation in found
    ]


def quoted(*names: str) -> str:
    """A name of one or more parts as PostgreSQL and DuckDB both read it."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str) -> str:
    """A text as PostgreSQL reads it."""
    return "'" + text.replace("'", "''") + "'"


def place(relation: Relation) -> str:
    """Where a load writes a relation."""
    return quoted(relation.schema + NEXT, relation.name)


def create_table(relation: Relation) -> str:
    """The statement that makes an empty table with its types."""
    names = (relation.schema + NEXT, relation.name, *relation.column_names)
    if long := [name for name in names if len(name.encode()) > LONGEST_NAME]:
        raise UnservedTypeError(f"{relation.full_name}: the name {long[0]} is too long")
    columns = ", ".join(
        f"{quoted(column.name)} {_type(relation, column)}"
        + ("" if column.is_nullable else " not null")
        for column in relation.columns
    )
    return f"create table {place(relation)} ({columns})"


def _type(relation: Relation, column: Column) -> str:
    if found := DECIMAL.match(column.data_type):
        return f"numeric({found.group(1)})"
    if column.data_type not in TYPES:
        raise UnservedTypeError(
            f"{relation.full_name}.{column.name} has the type {column.data_type}, for which"
            " serving to PostgreSQL has no word"
        )
    return TYPES[column.data_type]


def keys_and_indexes(tables: Sequence[Relation]) -> Iterator[str]:
    """Primary keys, then foreign keys with an index each, and an index on the collection year."""
    for table in tables:
        if table.primary_key:
            yield f"alter table {place(table)} add primary key ({_columns(table.primary_key)})"
    for table in tables:
        indexed = [key.columns for key in table.foreign_keys]
        if INDEXED in table.column_names:
            indexed.append((INDEXED,))
        for columns in dict.fromkeys(indexed):
            if columns != table.primary_key:
                yield f"create index on {place(table)} ({_columns(columns)})"
        for key in table.foreign_keys:
            schema, name = key.to_table
            yield (
                f"alter table {place(table)} add foreign key ({_columns(key.columns)})"
                f" references {quoted(schema + NEXT, name)} ({_columns(key.to_columns)})"
            )


def _columns(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def comments(relations: Iterable[Relation]) -> Iterator[str]:
    """The comments of relations and columns, as the published file has them."""
    for relation in relations:
        kind = "view" if relation.is_view else "table"
        if relation.comment:
            yield f"comment on {kind} {place(relation)} is {literal(relation.comment)}"
        for column in relation.columns:
            if column.comment:
                name = f"{place(relation)}.{quoted(column.name)}"
                yield f"comment on column {name} is {literal(column.comment)}"


def create_views(
    relations: Sequence[Relation],
    prefix: str = "",
    withheld: Collection[tuple[str, str]] = (),
) -> Iterator[str]:
    """The views, each after those that it reads, in PostgreSQL's words.

    A view is read with the rights of whoever reads it: it shows no row that its tables would not.
    With a `prefix` it is made in, and reads from, the schemas with that prefix, whose relations
    give everybody their own rows; a view of what is `withheld` there is left out.
    """
    options = "" if prefix else " with (security_invoker = true)"
    left_out = set(withheld)
    views = {(view.schema, view.name): view for view in relations if view.is_view}
    schemas = {relation.schema for relation in relations}
    selects = {name: _select(view) for name, view in views.items()}
    reads = {
        name: {(table.db, table.name) for table in select.find_all(exp.Table)} & views.keys()
        for name, select in selects.items()
    }
    for name in TopologicalSorter(reads).static_order():
        sources = {(table.db, table.name) for table in selects[name].find_all(exp.Table)}
        if sources & left_out:
            left_out.add(name)
            continue
        for part in selects[name].find_all(exp.Table, exp.Column):
            if part.args.get("db") is not None and part.text("db") in schemas:
                schema = f"{prefix}{part.text('db')}{NEXT}"
                part.set("db", exp.to_identifier(schema, quoted=True))
                part.set("catalog", None)
        body = _in_postgres(selects[name]).sql(dialect="postgres")
        columns = _columns(views[name].column_names)
        target = quoted(prefix + name[0] + NEXT, name[1])
        yield f"create view {target} ({columns}){options} as {body}"


def _select(view: Relation) -> exp.Expression:
    statement = sqlglot.parse_one(view.definition, read="duckdb")
    select = statement.expression
    assert isinstance(select, exp.Expression)
    return select


def _in_postgres(select: exp.Expression) -> exp.Expression:
    """What the engine says and PostgreSQL does not, and the translator leaves as it is."""
    found = select.transform(_one_in_postgres)
    for group in found.find_all(exp.Group):
        if group.args.get("all") and isinstance(group.parent, exp.Select):
            group.set("all", None)
            group.set("expressions", _grouped(group.parent))
    return found


def _grouped(select: exp.Select) -> list[exp.Expression]:
    return [item.unalias().copy() for item in select.expressions if item.find(exp.AggFunc) is None]


def _one_in_postgres(part: exp.Expression) -> exp.Expression:
    if isinstance(part, exp.Anonymous) and part.name.lower() == "count_star":
        return exp.Count(this=exp.Star())
    if isinstance(part, exp.IgnoreNulls) and isinstance(part.this, exp.AnyValue):
        part = part.this
    if isinstance(part, exp.AnyValue):
        # Before PostgreSQL 16 there is none; of equal values the least is any.
        return exp.Min(this=part.this)
    if isinstance(part, exp.Round) and part.args.get("decimals") is not None:
        # Numbers with a fraction are rounded to places as decimals alone.
        number = exp.cast(part.this, "decimal", dialect="postgres")
        rounded = exp.Round(this=number, decimals=part.args["decimals"])
        return exp.cast(rounded, "double precision", dialect="postgres")
    return part
