"""The coarse form of the register in PostgreSQL: each relation, in separate schemas.

A table has a view there, which is read with the rights of its owner, so that its readers need no
right to exact tables. A view has a table there, because PostgreSQL would read the exact view with
the rights of the reader. Both give each column as the coarse form of the published file does
(`register.publishing.coarse_form`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from register.publishing import CoarseColumn, Levels, coarsen_column
from register.serving.catalogue import Column, Relation
from register.serving.postgres_tables import create_comments, loading_name, quote_name

# Schemas with the coarse form have this prefix.
COARSE_PREFIX = "coarse_"


def coarsen_relations(relations: Sequence[Relation], levels: Levels) -> list[Relation]:
    """Return the coarse form of each relation that `levels` has, in their own schemas."""
    return [
        replace(
            relation,
            schema=COARSE_PREFIX + relation.schema,
            is_view=not relation.is_view,
            columns=tuple(
                Column(coarse.name, coarse.data_type, coarse.is_nullable, coarse.comment)
                for column in relation.columns
                if (coarse := _coarsen(relation, levels, column)) is not None
            ),
            primary_key=(),
            foreign_keys=(),
        )
        for relation in relations
        if relation.full_name in levels
    ]


def create_coarse_relations(relations: Sequence[Relation], levels: Levels) -> Iterator[str]:
    """Yield statements that create the coarse relations and their comments."""
    exact = {(COARSE_PREFIX + item.schema, item.name): item for item in relations}
    coarse = coarsen_relations(relations, levels)
    for relation in coarse:
        source = exact[relation.schema, relation.name]
        kind = "view" if relation.is_view else "table"
        columns = ", ".join(
            f"{visible.expression} as {quote_name(visible.name)}"
            for column in source.columns
            if (visible := _coarsen(source, levels, column)) is not None
        )
        query = f"select {columns} from {loading_name(source)}"
        yield f"create {kind} {loading_name(relation)} as {query}"
    yield from create_comments(coarse)


def coarse_schemas(relations: Sequence[Relation]) -> list[str]:
    """Return the schemas with the coarse form."""
    return sorted({COARSE_PREFIX + relation.schema for relation in relations})


def _coarsen(relation: Relation, levels: Levels, column: Column) -> CoarseColumn | None:
    return coarsen_column(
        relation.full_name,
        levels[relation.full_name],
        column.name,
        column.data_type,
        column.is_nullable,
        column.comment,
    )
