"""Who reads what in PostgreSQL: four roles, grants, and row-level security by area.

`register_area` sees rows of the areas that its member is granted (`register.serving.grants`). Of a
table that no rule here is about it sees nothing. A table with row-level security has no index but
its key and no statistics of its columns: `explain` would tell a member counts of other areas by
them (decision 34).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from register.serving.catalogue import Relation
from register.serving.grants import Grant
from register.serving.postgres_tables import NEXT, literal, place, quoted

ACCESS = "register_access"
NATIONAL, AREA, AGGREGATE, QUALITY = (
    "register_national",
    "register_area",
    "register_aggregate",
    "register_quality",
)
ROLES = {
    NATIONAL: "Reads every row of the served register.",
    AREA: "Reads the rows of the areas that its member is granted, and national figures.",
    AGGREGATE: "Reads aggregates and reference data; no row about a child.",
    QUALITY: "Reads what came, what was kept and which rules were broken; no row about a child.",
}
FACTS = ("fct_", "bridge_")
# Keys of a child, or of what happened to one: a row that has one is about a child.
KEY_OF_A_CHILD = re.compile(r"_id_register$|^child_version_id$|^return_interview_id$")
# A column that a condition compares.
COMPARED = re.compile(r"\b(\w+) in \(")
QUALITY_FACTS = ("register.fct_rule_breaches",)

MINE = f"(select area_code from {ACCESS}{NEXT}.my_areas)"
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
    (("area_level_code", "area_code"), f"area_level_code = 'nation' or area_code in {MINE}"),
    (("supplier_code",), SUPPLIED),
    (("body_code",), f"body_code in {MINE}"),
    (
        ("authority_code_dfe", "police_force_code"),
        f"authority_code_dfe in {MINE} or police_force_code in {MINE}",
    ),
    (("authority_code_dfe",), f"authority_code_dfe in {MINE}"),
    (("police_force_code",), f"police_force_code in {MINE}"),
)
# Lists that anybody may have: which authorities, forces and suppliers there are.
REFERENCE = ("dim_authorities", "dim_police_forces", "dim_suppliers")
# What the policies read, worked out by DuckDB from the published file, and its columns.
AREAS = {
    "episode_areas": (
        "episode_id_register",
        """
        select distinct episode_id_register, area_code
        from (
            select episode_id_register, unnest([
                authority_code_dfe, placing_authority_code_dfe, police_force_code
            ]) as area_code
            from register.fct_episodes
            union all
            select episodes.episode_id_register, placements.host_authority_code_dfe
            from register.fct_episodes as episodes
            inner join register.dim_placements as placements using (placement_id_register)
            union all
            select episode_id_register, supplier_code from register.fct_reports
        )
        where episode_id_register is not null and area_code is not null
        """,
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
# Keys of a member's own rows, read with its own rights. Without statistics the planner would take
# them for too many to remember, and look for each row's among all; of a function it is told how
# many there are.
OWN_KEYS = {
    "my_episodes": f"select episode_id_register from {ACCESS}.episode_areas",
    "my_children": f"select child_id_register from {ACCESS}.child_areas",
    "my_reports": "select report_id_register from register.fct_reports",
}
OWN_KEYS_FUNCTION = """
    create function {access}.{name}() returns setof text language plpgsql stable rows 1000 as
    $$ begin return query {query}; end $$
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
    """The roles that may read a relation; row-level security comes on top.

    A view shows what its tables show its reader, so that all may ask.
    """
    if relation.is_view:
        return list(ROLES)
    found = [NATIONAL]
    if own_rows(relation) is not None:
        found.append(AREA)
    if not is_about_a_child(relation):
        found.append(AGGREGATE)
    is_reference = relation.schema == "register" and not is_about_a_child(relation)
    if relation.schema == "quality" or is_reference or relation.full_name in QUALITY_FACTS:
        found.append(QUALITY)
    return found


def create_areas() -> Iterator[str]:
    """Statements that make the empty tables of which row is of which area."""
    for name, (key, _) in AREAS.items():
        columns = f"{key} text not null, area_code text not null"
        yield f"create table {ACCESS}{NEXT}.{name} ({columns})"
        for column in (key, "area_code"):
            yield f"alter table {ACCESS}{NEXT}.{name} alter column {column} set statistics 0"


def area_rows(relations: Sequence[Relation]) -> Iterator[tuple[str, str]]:
    """Each table of areas, and the query of the published file that gives its rows.

    Where the file lacks a column that they are read from, they stay empty.
    """
    columns = {relation.full_name: set(relation.column_names) for relation in relations}
    if all(needed <= columns.get(name, set()) for name, needed in NEEDED.items()):
        for name, (_, query) in AREAS.items():
            yield name, query.format(episode_areas=AREAS["episode_areas"][1])


def area_rights(grants: Iterable[Grant]) -> Iterator[str]:
    """Statements that say who has which areas, and let each member see what is in its own."""
    access = ACCESS + NEXT
    yield (
        f"create table {access}.member_areas (member text, area_code text, expires_on date,"
        " primary key (member, area_code))"
    )
    for grant in grants:
        until = f"date {literal(grant.expires_on)}" if grant.expires_on else "null"
        values = f"{literal(grant.member)}, {literal(grant.area_code)}, {until}"
        yield f"insert into {access}.member_areas values ({values})"
    # Its owner reads the table; whoever asks is who is looked up.
    yield (
        f"create view {access}.my_areas with (security_barrier = true) as"
        f" select area_code from {access}.member_areas where member = current_user"
        " and (expires_on is null or expires_on >= current_date)"
    )
    for name, query in OWN_KEYS.items():
        yield OWN_KEYS_FUNCTION.format(access=access, name=name, query=query)
    for name in AREAS:
        yield from _secure(f"{access}.{name}", f"area_code in {MINE}", [AREA])
        yield f"grant select on {access}.{name} to {AREA}"
    yield f"grant usage on schema {access} to {AREA}"
    yield f"grant select on {access}.my_areas to {AREA}"


def grants_and_policies(relations: Sequence[Relation]) -> Iterator[str]:
    """Statements that let each role read its relations, and of them its rows."""
    for schema in sorted({relation.schema for relation in relations}):
        yield f"grant usage on schema {quoted(schema + NEXT)} to {', '.join(ROLES)}"
    for relation in relations:
        yield f"grant select on {place(relation)} to {', '.join(readers(relation))}"
    for table in relations:
        condition = None if table.is_view else own_rows(table)
        if condition is not None and is_secured(table):
            others = [role for role in readers(table) if role != AREA]
            yield from _secure(place(table), condition, [AREA])
            yield f"create policy every_row on {place(table)} to {', '.join(others)} using (true)"


def _secure(table: str, condition: str, roles: Sequence[str]) -> Iterator[str]:
    yield f"alter table {table} enable row level security"
    yield f"create policy own_rows on {table} to {', '.join(roles)} using ({condition})"


def without_statistics(table: Relation) -> str:
    """The statement that keeps the values of a secured table out of what the planner tells."""
    parts = (f"alter column {quoted(name)} set statistics 0" for name in table.column_names)
    return f"alter table {place(table)} {', '.join(parts)}"
