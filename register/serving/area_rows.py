"""The rows of a published DuckDB file that belong to some areas, by the rules of PostgreSQL.

The conditions of `register.serving.postgres_access` call functions that return a member's own keys.
Here, macros of the same names stand for these functions, so there is one definition of which area a
row belongs to. Rows are copied before anybody's condition is evaluated, and the published file is
detached, so no condition can see another area's rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

import duckdb

from register.publishing import Generation, open_area_copy, open_register
from register.serving.catalogue import Relation, read_catalogue
from register.serving.postgres_access import (
    ACCESS,
    OWN_KEYS,
    is_about_a_child,
    query_area_rows,
    select_own_rows,
)
from register.serving.postgres_tables import NEXT, quote_text

AGREEMENT = "agreement.fct_agreement"
# Tables that are copied besides the one that is asked for, to trace its rows to delivered lines.
TRACED = (
    "register.fct_reports",
    "register.fct_rule_breaches",
    "register.dim_child_keys",
    "register.dim_deliveries",
    "register.dim_suppliers",
)


def build_area_copy(generation: Generation, areas: Collection[str], mart: str) -> tuple[str, ...]:
    """Return the statements that copy the areas' rows of a mart, and of tables for tracing them.

    A mart that is not about children, or that areas may not read, is left out.
    """
    with open_register(generation) as connection:
        relations = {relation.full_name: relation for relation in read_catalogue(connection)}
    return tuple(_list_statements(areas, relations, mart))


@lru_cache(maxsize=16)
def list_own_agreements(generation: Generation, areas: frozenset[str]) -> frozenset[str]:
    """Return the ids of the rows of `fct_agreement` that belong to the areas.

    A generation never changes, so the ids are kept: of a national year they take seconds.
    """
    statements = build_area_copy(generation, areas, AGREEMENT)
    with open_area_copy(generation, statements) as connection:
        try:
            rows = connection.execute(f"select agreement_id from {AGREEMENT}").fetchall()
        except duckdb.CatalogException:
            # A generation of an earlier release does not say to which areas its rows belong.
            rows = []
    return frozenset(agreement_id for (agreement_id,) in rows)


def _list_statements(
    areas: Collection[str], relations: dict[str, Relation], mart: str
) -> Iterator[str]:
    keys = dict(query_area_rows(list(relations.values())))
    if not keys:
        return
    access, loading = ACCESS + NEXT, f"register{NEXT}"
    codes = ", ".join(quote_text(code) for code in sorted(areas))
    yield f"create schema memory.{access}"
    yield f"create schema memory.{loading}"
    yield f"create view memory.{loading}.fct_reports as from published.register.fct_reports"
    # The rules name schemas only, which are looked up in the databases of this path.
    yield f"set search_path = 'published.register,memory.{access},memory.{loading}'"
    yield f"create macro memory.{access}.own_areas() as unnest([{codes}]::varchar[])"
    for name, query in keys.items():
        yield f"create table memory.{access}.{name} as {query}"
    for name, query in OWN_KEYS.items():
        yield f"create table memory.{access}.{name}_keys(key) as {query}"
        yield (
            f"create macro memory.{access}.{name}() as"
            f" unnest((select list(key) from memory.{access}.{name}_keys))"
        )
    copied = [relations[name] for name in dict.fromkeys((mart, *TRACED)) if name in relations]
    for schema in sorted({relation.schema for relation in copied}):
        yield f"create schema own.{schema}"
    for relation in copied:
        condition = select_own_rows(relation)
        is_open = relation.full_name != mart or is_about_a_child(relation)
        if condition is not None and is_open:
            yield (
                f"create table own.{relation.full_name} as"
                f" select * from published.{relation.full_name} where {condition}"
            )
