"""Statements that give each PostgreSQL role its rights, and each area its own rows.

Members of `register_area` may read no table. They read views in separate schemas: `area_register`
and so on have the coarse form, `area_exact_register` and so on the exact form. These views call
functions that return the rows of the areas granted to the member who asks
(`register.access_grants`). A member's query sees only those rows, so no plan, error or function
reveals another area's rows (decision 61). A table with rows about children that has no rule in
`OWN_ROWS` is hidden from areas.

Figures about children are exact for `register_exact`, and for an area's own rows. Other readers get
rounded figures (`register.serving.postgres_rounding`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from register.choices import Level
from register.publishing import Levels
from register.queries import read_query
from register.serving.catalogue import Relation
from register.serving.postgres_coarse import COARSE_PREFIX, coarsen_relations
from register.serving.postgres_rounding import (
    LEVEL,
    ROUNDED_PREFIX,
    RoundingRules,
    create_rounded,
    has_figures_of_children,
    is_comparison,
    rounded_loading_name,
)
from register.serving.postgres_tables import (
    NEXT,
    create_views,
    loading_name,
    quote_name,
    quote_text,
)

ACCESS = "register_access"
# Schemas for members of one area have this prefix.
AREA_PREFIX = "area_"
NATIONAL, NATIONAL_EXACT, AREA, EXACT, AGGREGATE, QUALITY = (
    "register_national",
    "register_national_exact",
    "register_area",
    "register_exact",
    "register_aggregate",
    "register_quality",
)
ROLES = {
    NATIONAL: "Reads every row of the served register in its coarse form: dates are months.",
    NATIONAL_EXACT: "Reads every row of the served register, with exact dates.",
    AREA: "Reads the rows of the areas that its member is granted, and rounded national figures.",
    EXACT: "Reads exact aggregates and reference data; no row about a child.",
    AGGREGATE: "Reads rounded aggregates and reference data; no row about a child.",
    QUALITY: "Reads what came, what was kept and which rules were broken; no row about a child.",
}
FACTS = ("fct_", "bridge_")
# A row with a column of one of these names is about a child or an event in a child's life.
KEY_OF_A_CHILD = re.compile(r"_id_register$|^child_version_id$|^return_interview_id$")
# Finds each column that a condition compares with a list.
COMPARED = re.compile(r"\b(\w+) in \(")
# Tables with rows about children that the role for data quality reads in the coarse form.
QUALITY_FACTS = ("register.fct_rule_breaches",)

# Conditions for the rows of the areas that a member may see.
OWN_AREA_CODES = f"(select {ACCESS}{NEXT}.own_areas())"
OWN_EPISODES = f"episode_id_register in (select {ACCESS}{NEXT}.my_episodes())"
OWN_CHILDREN = f"child_id_register in (select {ACCESS}{NEXT}.my_children())"
OWN_REPORTS = f"report_id_register in (select {ACCESS}{NEXT}.my_reports())"
OWN_SUPPLIES = f"supplier_code in {OWN_AREA_CODES}"
# For each table with rows about children: the condition for an area's own rows.
OWN_ROWS = {
    "register.fct_episodes": OWN_EPISODES,
    "register.fct_reports": f"{OWN_SUPPLIES} or {OWN_EPISODES}",
    "register.fct_return_interviews": f"{OWN_SUPPLIES} or {OWN_EPISODES}",
    "register.bridge_episode_reports": OWN_EPISODES,
    "register.bridge_child_sources": f"issuer_code in {OWN_AREA_CODES}",
    "register.bridge_former_keys": " or ".join(
        f"current_id_register in (select {ACCESS}{NEXT}.{function}())"
        for function in ("my_children", "my_episodes", "my_reports")
    ),
    "register.dim_children": OWN_CHILDREN,
    "register.dim_children_current": OWN_CHILDREN,
    "register.dim_child_keys": OWN_CHILDREN,
    "register.dim_placements": (
        f"placing_authority_code_dfe in {OWN_AREA_CODES}"
        f" or host_authority_code_dfe in {OWN_AREA_CODES}"
        f" or host_police_force_code in {OWN_AREA_CODES}"
    ),
    "register.fct_rule_breaches": OWN_SUPPLIES,
    "agreement.fct_agreement": f"{OWN_EPISODES} or {OWN_REPORTS}",
    "agreement.fct_interviews_owed": OWN_EPISODES,
    "bi.episodes": OWN_EPISODES,
}
# In all other tables, a member of an area reads the rows that name the area. The first entry whose
# columns the table has gives the condition.
NAMED_BY = (
    (("area_level_code", "area_code"), f"area_code in {OWN_AREA_CODES}"),
    (("supplier_code",), OWN_SUPPLIES),
    (("body_code",), f"body_code in {OWN_AREA_CODES}"),
    (
        ("authority_code_dfe", "police_force_code"),
        f"authority_code_dfe in {OWN_AREA_CODES} or police_force_code in {OWN_AREA_CODES}",
    ),
    (("authority_code_dfe",), f"authority_code_dfe in {OWN_AREA_CODES}"),
    (("police_force_code",), f"police_force_code in {OWN_AREA_CODES}"),
)
# In tables with one row for each area, a member of an area also reads the nation's rows, rounded.
NATION = "area_level_code = 'nation'"
# Lists of authorities, forces and suppliers, which members of every area read in full.
REFERENCE = ("dim_authorities", "dim_police_forces", "dim_suppliers")
# For each table that lists the areas of episodes or children: its key column, and the query of the
# published file that fills it.
AREAS = {
    "episode_areas": ("episode_id_register", read_query(__package__, "episode_areas")),
    "child_areas": ("child_id_register", read_query(__package__, "child_areas")),
}
# The role that runs the query. Inside a function that runs with its owner's rights, `current_user`
# would be the owner.
MEMBER = "coalesce(nullif(current_setting('role'), 'none'), session_user)"
OWN_AREAS = f"""
    select area_code from {ACCESS}{NEXT}.member_areas
    where member = {MEMBER} and (expires_on is null or expires_on >= current_date)
"""
# The functions of the coarse form, which conditions call. Those of the exact form have this ending.
OWN_FUNCTION = re.compile(r"(?<=\.)((?:own|my)_[a-z]+)\(\)")
# Functions that return the keys of a member's own rows. Each function states an expected number of
# rows. If conditions contained a subquery instead, the planner might expect too many rows for a
# hash, and scan them again for each row of the table.
OWN_KEYS = {
    "my_episodes": (
        "select distinct episode_id_register"
        f" from {ACCESS}{NEXT}.episode_areas where area_code in {OWN_AREA_CODES}"
    ),
    "my_children": (
        "select distinct child_id_register"
        f" from {ACCESS}{NEXT}.child_areas where area_code in {OWN_AREA_CODES}"
    ),
    "my_reports": (
        f"select report_id_register from register{NEXT}.fct_reports"
        f" where {OWN_SUPPLIES} or {OWN_EPISODES}"
    ),
}
# The function body is bound to the tables themselves, so it stays valid when their schemas are
# renamed.
FUNCTION = """
    create function {name}() returns setof {kind} language sql stable security definer rows {rows}
    begin atomic {query}; end
"""
# Columns from which `AREAS` are filled. Without them, members of an area would see no row about a
# child.
REQUIRED_COLUMNS = {
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


@dataclass(frozen=True)
class OwnForm:
    """A form in which members read their own rows.

    `prefix` is that of the schemas that members read, and `source_prefix` that of the schemas from
    which these views read. Functions have the `ending`, and areas are granted at `level`.
    """

    prefix: str
    source_prefix: str
    ending: str
    level: Level

    def call_functions(self, condition: str) -> str:
        """Return a condition that calls the functions of this form."""
        return OWN_FUNCTION.sub(rf"\1{self.ending}()", condition)


COARSE_FORM = OwnForm(AREA_PREFIX, COARSE_PREFIX, "", "coarse")
EXACT_FORM = OwnForm(f"{AREA_PREFIX}exact_", "", "_exact", "exact")
OWN_FORMS = (COARSE_FORM, EXACT_FORM)


def is_about_a_child(relation: Relation) -> bool:
    """Return whether each row of the relation is about one child, or one record of a child."""
    return relation.name.startswith(FACTS) or any(
        KEY_OF_A_CHILD.search(name) for name in relation.column_names
    )


def select_own_rows(table: Relation) -> str | None:
    """Return the condition for the rows that an area reads in a table.

    It is `true` if the area reads all rows, and None if it reads none.
    """
    columns = set(table.column_names)
    if is_about_a_child(table):
        rule = OWN_ROWS.get(table.full_name)
        return rule if rule is not None and set(COMPARED.findall(rule)) <= columns else None
    if table.name.removesuffix("_current") in REFERENCE:
        return "true"
    return next((rule for names, rule in NAMED_BY if set(names) <= columns), "true")


def _list_readers(relation: Relation) -> list[str]:
    """Return the roles that may read all rows of a relation with exact figures.

    In a view, a reader sees only rows from tables that the reader may read.
    """
    if relation.is_view:
        return [NATIONAL_EXACT, EXACT, QUALITY]
    roles = [NATIONAL_EXACT]
    if not is_about_a_child(relation):
        roles.append(EXACT)
    is_reference = relation.schema == "register" and not is_about_a_child(relation)
    is_quality = relation.schema == "quality" and not has_figures_of_children(relation)
    if is_quality or is_reference:
        roles.append(QUALITY)
    return roles


def create_area_tables() -> Iterator[str]:
    """Yield statements that create empty tables for the areas of episodes and of children."""
    for name, (key, _) in AREAS.items():
        columns = f"{key} text not null, area_code text not null"
        yield f"create table {ACCESS}{NEXT}.{name} ({columns})"


def query_area_rows(relations: Sequence[Relation]) -> Iterator[tuple[str, str]]:
    """Yield each table of areas, and the query of the published file that fills the table.

    If the file lacks a required column, nothing is yielded.
    """
    columns = {relation.full_name: set(relation.column_names) for relation in relations}
    if all(required <= columns.get(name, set()) for name, required in REQUIRED_COLUMNS.items()):
        for name, (_, query) in AREAS.items():
            yield name, query.format(episode_areas=AREAS["episode_areas"][1])


def create_area_access(
    relations: Sequence[Relation],
    levels: Levels,
    grants: Mapping[Level, Iterable[tuple[str, str, str]]],
) -> Iterator[str]:
    """Yield statements that record the grants and create the functions and views of members.

    A grant is a member, an area code and a last day, or an empty text. `grants` has those of each
    level, which include those of more detailed ones.
    """
    yield from _create_grants_table()
    for name in AREAS:
        yield f"create index on {ACCESS}{NEXT}.{name} (area_code)"
    for form in OWN_FORMS:
        yield from _record_grants(form, grants[form.level])
        yield from _create_key_functions(form, relations)
        is_coarse = form == COARSE_FORM
        sources = _list_coarse_sources(relations, levels) if is_coarse else relations
        withheld = {
            (table.schema, table.name)
            for table in sources
            if not table.is_view and (select_own_rows(table) is None or _has_only_exact_form(table))
        }
        for table in sources:
            if not table.is_view and (table.schema, table.name) not in withheld:
                yield from _create_own_view(form, table)
        yield from create_views(sources, form.prefix, withheld)
    own_areas = f"select area_code from {ACCESS}{NEXT}.own_areas() area_code"
    yield f"create view {ACCESS}{NEXT}.my_areas as {own_areas}"
    yield f"revoke all on all functions in schema {ACCESS}{NEXT} from public"
    yield f"grant execute on all functions in schema {ACCESS}{NEXT} to {AREA}"
    for schema in area_schemas(relations):
        yield f"grant usage on schema {quote_name(schema + NEXT)} to {AREA}"
        yield f"grant select on all tables in schema {quote_name(schema + NEXT)} to {AREA}"
    yield f"grant usage on schema {ACCESS}{NEXT} to {AREA}"
    yield f"grant select on {ACCESS}{NEXT}.my_areas to {AREA}"


def area_schemas(relations: Iterable[Relation]) -> list[str]:
    """Return the schemas that members of an area read."""
    schemas = {relation.schema for relation in relations}
    return sorted(form.prefix + schema for form in OWN_FORMS for schema in schemas)


def _list_coarse_sources(relations: Sequence[Relation], levels: Levels) -> list[Relation]:
    """Return the relations with the columns of their coarse form.

    A view with rows about children counts as a table: its coarse form comes from its exact rows.
    """
    coarse = {(item.schema, item.name): item for item in coarsen_relations(relations, levels)}
    return [
        replace(
            relation,
            columns=coarse[COARSE_PREFIX + relation.schema, relation.name].columns,
            is_view=relation.is_view and not is_about_a_child(relation),
        )
        for relation in relations
        if relation.full_name in levels
    ]


def _create_grants_table() -> Iterator[str]:
    yield (
        f"create table {ACCESS}{NEXT}.member_areas (member text, area_code text, level text,"
        " expires_on date, primary key (member, area_code, level))"
    )


def _record_grants(form: OwnForm, grants: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    access = ACCESS + NEXT
    last_days: dict[tuple[str, str], str] = {}
    for member, area_code, last_day in grants:
        # A member may hold an area by a grant of its own and by one for the nation.
        known = last_days.get((member, area_code), last_day)
        last_days[member, area_code] = max(known, last_day) if known and last_day else ""
    for (member, area_code), last_day in last_days.items():
        until = f"date {quote_text(last_day)}" if last_day else "null"
        values = ", ".join(map(quote_text, (member, area_code, form.level)))
        yield f"insert into {access}.member_areas values ({values}, {until})"
    areas = f"{OWN_AREAS} and level = {quote_text(form.level)}"
    yield _create_function(f"{access}.own_areas{form.ending}", "text", areas, rows=3)


def _create_key_functions(form: OwnForm, relations: Iterable[Relation]) -> Iterator[str]:
    columns = {relation.full_name: set(relation.column_names) for relation in relations}
    has_reports = {"report_id_register", "supplier_code", "episode_id_register"} <= columns.get(
        "register.fct_reports", set()
    )
    for name, query in OWN_KEYS.items():
        is_known = name != "my_reports" or has_reports
        keys = form.call_functions(query) if is_known else "select null::text where false"
        yield _create_function(f"{ACCESS}{NEXT}.{name}{form.ending}", "text", keys)


def _has_only_exact_form(table: Relation) -> bool:
    """Return whether the table would show an area exact figures of other areas."""
    return is_comparison(table) and select_own_rows(table) == "true"


def _create_own_view(form: OwnForm, table: Relation) -> Iterator[str]:
    """Yield statements that create a view of an area's rows, and the function that returns them.

    A table of which areas read all rows needs no function. The nation's figures come from the
    rounded form of the table.
    """
    source = quote_name(form.source_prefix + table.schema + NEXT, table.name)
    condition = form.call_functions(select_own_rows(table) or "false")
    shared = rounded_loading_name(table) if has_figures_of_children(table) else source
    columns = ", ".join(quote_name(name) for name in table.column_names)
    query = f"select {columns} from {shared}"
    if condition != "true":
        name = f"{table.schema}_{table.name}{form.ending}"
        function = f"{ACCESS}{NEXT}.{quote_name(name)}"
        yield _create_function(
            function, source, f"select {columns} from {source} where {condition}"
        )
        own = f"select {columns} from {function}()"
        has_nation = not (is_about_a_child(table) or is_comparison(table))
        is_by_area = has_nation and LEVEL in table.column_names
        query = f"{own} union all {query} where {NATION}" if is_by_area else own
    name = quote_name(form.prefix + table.schema + NEXT, table.name)
    yield f"create view {name} as {query}"


def _create_function(name: str, kind: str, query: str, rows: int = 1000) -> str:
    return FUNCTION.format(name=name, kind=kind, query=query, rows=rows)


def create_rounded_relations(relations: Sequence[Relation], rules: RoundingRules) -> Iterator[str]:
    """Yield statements that create the rounded relations. Rows about one child are left out."""
    withheld = {
        (table.schema, table.name)
        for table in relations
        if not table.is_view and (is_about_a_child(table) or is_comparison(table))
    }
    yield from create_rounded(relations, withheld, rules)


def rounded_schemas(relations: Iterable[Relation]) -> list[str]:
    """Return the schemas with rounded figures."""
    return sorted({ROUNDED_PREFIX + relation.schema for relation in relations})


def grant_role_rights(relations: Sequence[Relation], levels: Levels) -> Iterator[str]:
    """Yield statements that let each role read its relations; the role for areas is left out."""
    for schema in sorted({relation.schema for relation in relations}):
        exact, rounded, coarse = (
            quote_name(prefix + schema + NEXT) for prefix in ("", ROUNDED_PREFIX, COARSE_PREFIX)
        )
        yield f"grant usage on schema {exact} to {NATIONAL_EXACT}, {EXACT}, {QUALITY}"
        yield f"grant usage on schema {coarse} to {NATIONAL}, {NATIONAL_EXACT}, {QUALITY}"
        yield f"grant select on all tables in schema {coarse} to {NATIONAL}, {NATIONAL_EXACT}"
        readers_of_rounded = f"{NATIONAL}, {NATIONAL_EXACT}, {EXACT}, {AGGREGATE}"
        if schema == "quality":
            readers_of_rounded += f", {QUALITY}"
        yield f"grant usage on schema {rounded} to {readers_of_rounded}"
        yield f"grant select on all tables in schema {rounded} to {readers_of_rounded}"
    for relation in relations:
        yield f"grant select on {loading_name(relation)} to {', '.join(_list_readers(relation))}"
    for view in coarsen_relations(relations, levels):
        if view.full_name.removeprefix(COARSE_PREFIX) in QUALITY_FACTS:
            yield f"grant select on {loading_name(view)} to {QUALITY}"
