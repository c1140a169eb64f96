"""Who reads what in PostgreSQL: five roles, grants, and the rows of an area from functions.

`register_area` may read no table. It has schemas of its own, `area_register` and so on, whose
views show what a function returns: the rows of the areas that its member is granted
(`register.serving.grants`). What a member asks is put to those rows alone, so that no plan, error
or function of its own is ever near another area's (decision 61). Of a table that no rule here is
about it sees nothing.

Figures about children are exact for `register_exact` and for an area's own rows. All others read
rounded ones (`register.serving.postgres_rounding`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from register.queries import read_query
from register.serving.catalogue import Relation
from register.serving.grants import Grant
from register.serving.postgres_rounding import (
    LEVEL,
    ROUNDED_PREFIX,
    RoundingRules,
    create_rounded,
    has_figures_of_children,
    is_comparison,
    rounded_place,
)
from register.serving.postgres_tables import NEXT, create_views, literal, place, quoted

ACCESS = "register_access"
# Before the name of a schema: the same relations, as a member of an area sees them.
AREA_PREFIX = "area_"
NATIONAL, AREA, EXACT, AGGREGATE, QUALITY = (
    "register_national",
    "register_area",
    "register_exact",
    "register_aggregate",
    "register_quality",
)
ROLES = {
    NATIONAL: "Reads every row of the served register.",
    AREA: "Reads the rows of the areas that its member is granted, and rounded national figures.",
    EXACT: "Reads exact aggregates and reference data; no row about a child.",
    AGGREGATE: "Reads rounded aggregates and reference data; no row about a child.",
    QUALITY: "Reads what came, what was kept and which rules were broken; no row about a child.",
}
FACTS = ("fct_", "bridge_")
# Keys of a child, or of what happened to one: a row that has one is about a child.
KEY_OF_A_CHILD = re.compile(r"_id_register$|^child_version_id$|^return_interview_id$")
# A column that a condition compares.
COMPARED = re.compile(r"\b(\w+) in \(")
QUALITY_FACTS = ("register.fct_rule_breaches",)

MINE = f"(select {ACCESS}{NEXT}.own_areas())"
EPISODES = f"episode_id_register in (select {ACCESS}{NEXT}.my_episodes())"
CHILDREN = f"child_id_register in (select {ACCESS}{NEXT}.my_children())"
REPORTS = f"report_id_register in (select {ACCESS}{NEXT}.my_reports())"
SUPPLIED = f"supplier_code in {MINE}"
# Of tables with rows about children: which rows are an area's own.
OWN_ROWS = {
    "register.fct_episodes": EPISODES,
    "register.fct_reports": f"{SUPPLIED} or {EPISODES}",
    "register.fct_return_interviews": f"{SUPPLIED} or {EPISODES}",
    "register.bridge_episode_reports": EPISODES,
    "register.bridge_child_sources": f"issuer_code in {MINE}",
    "register.dim_children": CHILDREN,
    "register.dim_children_current": CHILDREN,
    "register.dim_child_keys": CHILDREN,
    "register.dim_placements": (
        f"placing_authority_code_dfe in {MINE} or host_authority_code_dfe in {MINE}"
        f" or host_police_force_code in {MINE}"
    ),
    "register.fct_rule_breaches": SUPPLIED,
    "agreement.fct_agreement": f"{EPISODES} or {REPORTS}",
    "agreement.fct_interviews_owed": EPISODES,
}
# Of all others: an area sees the rows that name it, by the first of these that a table has.
NAMED_BY = (
    (("area_level_code", "area_code"), f"area_code in {MINE}"),
    (("supplier_code",), SUPPLIED),
    (("body_code",), f"body_code in {MINE}"),
    (
        ("authority_code_dfe", "police_force_code"),
        f"authority_code_dfe in {MINE} or police_force_code in {MINE}",
    ),
    (("authority_code_dfe",), f"authority_code_dfe in {MINE}"),
    (("police_force_code",), f"police_force_code in {MINE}"),
)
# Of a table by areas an area sees the nation's rows too, with figures rounded.
NATION = "area_level_code = 'nation'"
# Lists that anybody may have: which authorities, forces and suppliers there are.
REFERENCE = ("dim_authorities", "dim_police_forces", "dim_suppliers")
# What the policies read, worked out by DuckDB from the published file, and its columns.
AREAS = {
    "episode_areas": (
        "episode_id_register",
        read_query(__package__, "episode_areas"),
    ),
    "child_areas": (
        "child_id_register",
        """
        select distinct episodes.child_id_register, areas.area_code
        from register.fct_episodes as episodes
        inner join ({episode_areas}) as areas using (episode_id_register)
        union
        select child_id_register, issuer_code
        from register.bridge_child_sources
        where child_id_register is not null and issuer_code is not null
        """,
    ),
}
# Who asks: within a function that reads with its owner's rights that is no longer `current_user`.
ASKER = "coalesce(nullif(current_setting('role'), 'none'), session_user)"
OWN_AREAS = f"""
    select area_code from {ACCESS}{NEXT}.member_areas
    where member = {ASKER} and (expires_on is null or expires_on >= current_date)
"""
# Keys of a member's own rows. Of a subquery the planner might think that they are too many to
# remember, and look for each row's among all; of a function it is told how many there are.
OWN_KEYS = {
    "my_episodes": (
        "select distinct episode_id_register"
        f" from {ACCESS}{NEXT}.episode_areas where area_code in {MINE}"
    ),
    "my_children": (
        "select distinct child_id_register"
        f" from {ACCESS}{NEXT}.child_areas where area_code in {MINE}"
    ),
    "my_reports": (
        f"select report_id_register from register{NEXT}.fct_reports where {SUPPLIED} or {EPISODES}"
    ),
}
# Its body is bound to tables and not to names, so that a swap by renaming takes it along.
FUNCTION = """
    create function {name}() returns setof {kind} language sql stable security definer rows {rows}
    begin atomic {query}; end
"""
# What the areas of rows are read from; without them a member of `register_area` sees no row of a
# child.
NEEDED = {
    "register.fct_episodes": {
        "authority_code_dfe",
        "placing_authority_code_dfe",
        "police_force_code",
        "placement_id_register",
        "child_id_register",
    },
    "register.dim_placements": {"placement_id_register", "host_authority_code_dfe"},
    "register.fct_reports": {"episode_id_register", "supplier_code"},
    "register.bridge_child_sources": {"child_id_register", "issuer_code"},
}


def is_about_a_child(relation: Relation) -> bool:
    """Whether a row of it is about one child, or about one record of one."""
    return relation.name.startswith(FACTS) or any(
        KEY_OF_A_CHILD.search(name) for name in relation.column_names
    )


def own_rows(table: Relation) -> str | None:
    """The condition under which an area sees a row: `true` for every row, None for no row."""
    columns = set(table.column_names)
    if is_about_a_child(table):
        rule = OWN_ROWS.get(table.full_name)
        return rule if rule is not None and set(COMPARED.findall(rule)) <= columns else None
    if table.name.removesuffix("_current") in REFERENCE:
        return "true"
    return next((rule for names, rule in NAMED_BY if set(names) <= columns), "true")


def is_secured(table: Relation) -> bool:
    """Whether its rows differ by reader."""
    return own_rows(table) not in {"true", None}


def readers(relation: Relation) -> list[str]:
    """The roles that may read a relation as it is; areas and rounded figures have their own.

    A view shows what its tables show its reader, so that all may ask.
    """
    if relation.is_view:
        return [NATIONAL, EXACT, QUALITY]
    found = [NATIONAL]
    if not is_about_a_child(relation):
        found.append(EXACT)
    is_reference = relation.schema == "register" and not is_about_a_child(relation)
    is_quality = relation.schema == "quality" and not has_figures_of_children(relation)
    if is_quality or is_reference or relation.full_name in QUALITY_FACTS:
        found.append(QUALITY)
    return found


def create_areas() -> Iterator[str]:
    """Statements that make the empty tables of which row is of which area."""
    for name, (key, _) in AREAS.items():
        columns = f"{key} text not null, area_code text not null"
        yield f"create table {ACCESS}{NEXT}.{name} ({columns})"


def area_rows(relations: Sequence[Relation]) -> Iterator[tuple[str, str]]:
    """Each table of areas, and the query of the published file that gives its rows.

    Where the file lacks a column that they are read from, they stay empty.
    """
    columns = {relation.full_name: set(relation.column_names) for relation in relations}
    if all(needed <= columns.get(name, set()) for name, needed in NEEDED.items()):
        for name, (_, query) in AREAS.items():
            yield name, query.format(episode_areas=AREAS["episode_areas"][1])


def area_rights(relations: Sequence[Relation], grants: Iterable[Grant]) -> Iterator[str]:
    """Statements that say who has which areas, and make what each member reads."""
    yield from _member_areas(grants)
    yield from _own_keys(relations)
    for table in relations:
        is_own = not table.is_view and own_rows(table) is not None
        if is_own and not _is_exact_alone(table):
            yield from _own_relation(table)
    withheld = {
        (table.schema, table.name)
        for table in relations
        if not table.is_view and (own_rows(table) is None or _is_exact_alone(table))
    }
    yield from create_views(relations, AREA_PREFIX, withheld)
    yield f"revoke all on all functions in schema {ACCESS}{NEXT} from public"
    yield f"grant execute on all functions in schema {ACCESS}{NEXT} to {AREA}"
    for schema in area_schemas(relations):
        yield f"grant usage on schema {quoted(schema + NEXT)} to {AREA}"
        yield f"grant select on all tables in schema {quoted(schema + NEXT)} to {AREA}"
    yield f"grant usage on schema {ACCESS}{NEXT} to {AREA}"
    yield f"grant select on {ACCESS}{NEXT}.my_areas to {AREA}"


def area_schemas(relations: Iterable[Relation]) -> list[str]:
    """The schemas that members of an area read from."""
    return sorted({AREA_PREFIX + relation.schema for relation in relations})


def _member_areas(grants: Iterable[Grant]) -> Iterator[str]:
    access = ACCESS + NEXT
    yield (
        f"create table {access}.member_areas (member text, area_code text, expires_on date,"
        " primary key (member, area_code))"
    )
    for grant in grants:
        until = f"date {literal(grant.expires_on)}" if grant.expires_on else "null"
        values = f"{literal(grant.member)}, {literal(grant.area_code)}, {until}"
        yield f"insert into {access}.member_areas values ({values})"
    yield _function(f"{access}.own_areas", "text", OWN_AREAS, rows=3)
    yield f"create view {access}.my_areas as select area_code from {access}.own_areas() area_code"


def _own_keys(relations: Iterable[Relation]) -> Iterator[str]:
    for name in AREAS:
        yield f"create index on {ACCESS}{NEXT}.{name} (area_code)"
    columns = {relation.full_name: set(relation.column_names) for relation in relations}
    has_reports = {"report_id_register", "supplier_code", "episode_id_register"} <= columns.get(
        "register.fct_reports", set()
    )
    for name, query in OWN_KEYS.items():
        is_known = name != "my_reports" or has_reports
        found = query if is_known else "select null::text where false"
        yield _function(f"{ACCESS}{NEXT}.{name}", "text", found)


def _is_exact_alone(table: Relation) -> bool:
    """Whether an area would read exact figures that are not its own: no rounded form is made."""
    return is_comparison(table) and own_rows(table) == "true"


def _own_relation(table: Relation) -> Iterator[str]:
    """A view of a table's own rows; where they differ by reader, a function returns them.

    Figures of the nation come from the rounded form of the table.
    """
    source, condition = place(table), own_rows(table)
    shared = rounded_place(table) if has_figures_of_children(table) else source
    columns = ", ".join(quoted(name) for name in table.column_names)
    query = f"select {columns} from {shared}"
    if is_secured(table):
        function = f"{ACCESS}{NEXT}.{quoted(f'{table.schema}_{table.name}')}"
        yield _function(function, source, f"select {columns} from {source} where {condition}")
        own = f"select {columns} from {function}()"
        has_nation = not (is_about_a_child(table) or is_comparison(table))
        is_by_area = has_nation and LEVEL in table.column_names
        query = f"{own} union all {query} where {NATION}" if is_by_area else own
    name = quoted(AREA_PREFIX + table.schema + NEXT, table.name)
    yield f"create view {name} as {query}"


def _function(name: str, kind: str, query: str, rows: int = 1000) -> str:
    return FUNCTION.format(name=name, kind=kind, query=query, rows=rows)


def rounded_relations(relations: Sequence[Relation], rules: RoundingRules) -> Iterator[str]:
    """Statements that make the rounded schemas, which have no row about a child."""
    withheld = {
        (table.schema, table.name)
        for table in relations
        if not table.is_view and (is_about_a_child(table) or is_comparison(table))
    }
    yield from create_rounded(relations, withheld, rules)


def rounded_schemas(relations: Iterable[Relation]) -> list[str]:
    """The schemas with rounded figures."""
    return sorted({ROUNDED_PREFIX + relation.schema for relation in relations})


def role_rights(relations: Sequence[Relation]) -> Iterator[str]:
    """Statements that let each role but that of areas read its relations."""
    for schema in sorted({relation.schema for relation in relations}):
        exact, rounded = quoted(schema + NEXT), quoted(ROUNDED_PREFIX + schema + NEXT)
        yield f"grant usage on schema {exact} to {NATIONAL}, {EXACT}, {QUALITY}"
        readers_of_rounded = f"{NATIONAL}, {EXACT}, {AGGREGATE}"
        if schema == "quality":
            readers_of_rounded += f", {QUALITY}"
        yield f"grant usage on schema {rounded} to {readers_of_rounded}"
        yield f"grant select on all tables in schema {rounded} to {readers_of_rounded}"
    for relation in relations:
        yield f"grant select on {place(relation)} to {', '.join(readers(relation))}"
