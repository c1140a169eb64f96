"""Statements that create tables, views, keys and comments in PostgreSQL.

They create everything in schemas of the load, which readers do not see. Readers' rights belong in
`register.serving.postgres_access`.
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
# PostgreSQL shortens longer names, so two of them could become equal.
MAX_NAME_BYTES = 63
INDEXED = "collection_year"


def materialise_referenced_views(relations: Iterable[Relation]) -> list[Relation]:
    """Return the relations. Each view that a foreign key refers to becomes a table.

    PostgreSQL has no foreign keys to views.
    """
    served = list(relations)
    referenced = {key.to_table for relation in served for key in relation.foreign_keys}
    return [
        replace(relation, is_view=False)
        if (relation.schema, relation.name) in referenced
        else relation
        for relation in served
    ]


def quote_name(*names: str) -> str:
    """Return a quoted name of one or more parts, valid in PostgreSQL and DuckDB."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def quote_text(text: str) -> str:
    """Return a quoted text, valid in PostgreSQL and DuckDB."""
    return "'" + text.replace("'", "''") + "'"


def loading_name(relation: Relation) -> str:
    """Return the name under which a load writes a relation."""
    return quote_name(relation.schema + NEXT, relation.name)


def create_table(relation: Relation) -> str:
    """Return the statement that creates an empty table."""
    names = (relation.schema + NEXT, relation.name, *relation.column_names)
    if long := [name for name in names if len(name.encode()) > MAX_NAME_BYTES]:
        raise UnservedTypeError(f"{relation.full_name}: the name {long[0]} is too long")
    columns = ", ".join(
        f"{quote_name(column.name)} {_convert_type(relation, column)}"
        + ("" if column.is_nullable else " not null")
        for column in relation.columns
    )
    return f"create table {loading_name(relation)} ({columns})"


def _convert_type(relation: Relation, column: Column) -> str:
    if decimal := DECIMAL.match(column.data_type):
        return f"numeric({decimal.group(1)})"
    if column.data_type not in TYPES:
        raise UnservedTypeError(
            f"{relation.full_name}.{column.name} has the type {column.data_type}, for which"
            " serving to PostgreSQL has no word"
        )
    return TYPES[column.data_type]


def create_keys(tables: Sequence[Relation]) -> Iterator[str]:
    """Yield statements that create primary keys, indexes and foreign keys.

    The collection year has an index, and the columns of each foreign key have one.
    """
    for table in tables:
        if table.primary_key:
            primary_key = _join_columns(table.primary_key)
            yield f"alter table {loading_name(table)} add primary key ({primary_key})"
    for table in tables:
        indexed = [key.columns for key in table.foreign_keys]
        if INDEXED in table.column_names:
            indexed.append((INDEXED,))
        for columns in dict.fromkeys(indexed):
            if columns != table.primary_key:
                yield f"create index on {loading_name(table)} ({_join_columns(columns)})"
        for key in table.foreign_keys:
            schema, name = key.to_table
            yield (
                f"alter table {loading_name(table)} add foreign key ({_join_columns(key.columns)})"
                f" references {quote_name(schema + NEXT, name)} ({_join_columns(key.to_columns)})"
            )


def _join_columns(names: Iterable[str]) -> str:
    return ", ".join(quote_name(name) for name in names)


def create_comments(relations: Iterable[Relation]) -> Iterator[str]:
    """Yield statements that copy the comments on relations and columns from the published file."""
    for relation in relations:
        kind = "view" if relation.is_view else "table"
        if relation.comment:
            yield f"comment on {kind} {loading_name(relation)} is {quote_text(relation.comment)}"
        for column in relation.columns:
            if column.comment:
                name = f"{loading_name(relation)}.{quote_name(column.name)}"
                yield f"comment on column {name} is {quote_text(column.comment)}"


def create_views(
    relations: Sequence[Relation],
    prefix: str = "",
    withheld: Collection[tuple[str, str]] = (),
) -> Iterator[str]:
    """Yield statements that create the views, each after the views that it reads.

    Without a `prefix`, a view is read with the rights of its reader, so it shows no row that its
    tables would hide. With a `prefix`, views are created in schemas with this prefix and read from
    them. Views that read `withheld` relations are left out.
    """
    options = "" if prefix else " with (security_invoker = true)"
    left_out = set(withheld)
    views = {(view.schema, view.name): view for view in relations if view.is_view}
    schemas = {relation.schema for relation in relations}
    selects = {name: _parse_select(view) for name, view in views.items()}
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
        body = _translate_query(selects[name]).sql(dialect="postgres")
        columns = _join_columns(views[name].column_names)
        target = quote_name(prefix + name[0] + NEXT, name[1])
        yield f"create view {target} ({columns}){options} as {body}"


def _parse_select(view: Relation) -> exp.Expression:
    statement = sqlglot.parse_one(view.definition, read="duckdb")
    select = statement.expression
    assert isinstance(select, exp.Expression)
    return select


def _translate_query(select: exp.Expression) -> exp.Expression:
    """Replace DuckDB expressions that PostgreSQL lacks and that sqlglot does not translate."""
    query = select.transform(_translate_expression)
    for group in query.find_all(exp.Group):
        if group.args.get("all") and isinstance(group.parent, exp.Select):
            group.set("all", None)
            group.set("expressions", _list_group_columns(group.parent))
    return query


def _list_group_columns(select: exp.Select) -> list[exp.Expression]:
    return [item.unalias().copy() for item in select.expressions if item.find(exp.AggFunc) is None]


def _translate_expression(part: exp.Expression) -> exp.Expression:
    if isinstance(part, exp.Anonymous) and part.name.lower() == "count_star":
        return exp.Count(this=exp.Star())
    if isinstance(part, exp.IgnoreNulls) and isinstance(part.this, exp.AnyValue):
        part = part.this
    if isinstance(part, exp.AnyValue):
        # PostgreSQL has `any_value` only from version 16. `min` also returns one of the values.
        return exp.Min(this=part.this)
    if isinstance(part, exp.Round) and part.args.get("decimals") is not None:
        # In PostgreSQL, only decimals can be rounded to a number of digits.
        number = exp.cast(part.this, "decimal", dialect="postgres")
        rounded = exp.Round(this=number, decimals=part.args["decimals"])
        return exp.cast(rounded, "double precision", dialect="postgres")
    return part
