"""Who reads what in PostgreSQL: each role connects, and tries to read what it may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import errors

from register.access_grants import decide_grant
from register.serving import serve_postgres
from register.settings import Settings
from tests.serving.registers import CHILD_KEYS, CHILDREN, published
from tests.serving.server import Server, serving_into

ROLES = ("national", "area", "exact", "aggregate", "quality")
# What Leeds and West Yorkshire may see of, each by its keys.
OF_LEEDS = {
    "register.fct_episodes": {"E1", "E2", "E4"},
    "register.fct_reports": {"R1", "R2", "R4", "R5"},
    "register.dim_placements": {"P1", "P2"},
    "register.dim_child_keys": {"C1", "C2", "C4"},
    "register.bridge_child_sources": {"M1"},
    "register.fct_rule_breaches": {"B1"},
    "agreement.agg_measures_by_area_year": {"N", "L"},
    "quality.agg_rows_by_delivery": {"D1"},
    "bi.episodes": {"E1", "E2", "E4"},
}
SECRET = re.compile(r"\b(E3|C3|R3|R6|P3|M3|B2|D2|F\d+)\b|division by zero")
EXPLAIN = "explain (analyze, timing off, summary off, buffers off) "
LEAK = """
    create function pg_temp.leak(text) returns boolean language plpgsql cost 0.0000001 as
    $$ begin raise notice 'seen %', $1; return true; end $$
"""
ATTACKS = (
    "select * from register.fct_episodes where episode_id_register = 'E3'",
    "select * from register.fct_episodes where pg_temp.leak(child_id_register)",
    "select * from bi.episodes where pg_temp.leak(child_id_register)",
    "select * from register.fct_reports where pg_temp.leak(report_id_register)",
    "select count(*) from register.dim_child_keys where child_id_register > 'C2' and"
    " child_id_register < 'C4' and cast(child_id_register as integer) = 1",
    "select * from register.fct_episodes order by"
    " cast(case when episode_id_register = 'E3' then episode_id_register else '0' end as integer)",
    "select * from register.fct_episodes where episode_id_register ~ '^E' and"
    " 1 / (case when episode_id_register = 'E3' then 0 else 1 end) = 1",
    "select row_to_json(reports) from register.fct_reports as reports",
    "select string_agg(episodes::text, '') from bi.episodes",
    "table register.dim_placements",
    "with found as materialized (table register.bridge_child_sources) table found",
    EXPLAIN + "select * from bi.episodes where pg_temp.leak(child_id_register)",
    "select ctid, * from register.fct_episodes",
)
# What a national reader is not told either, or does not need.
OTHER_ATTACKS = (
    "table register_access.episode_areas",
    "select * from register_access.child_areas where pg_temp.leak(child_id_register)",
    "select * from pg_stats where schemaname in ('register', 'agreement', 'quality', 'bi')",
    "select * from pg_statistic_ext_data",
    "select most_common_vals from pg_stats where tablename = 'episode_areas'",
    EXPLAIN + "select * from register.fct_episodes where child_id_register > 'C2'",
    "select * from register_access.register_fct_episodes() where pg_temp.leak(child_id_register)",
    "create temp view mine as select * from register.fct_episodes; table mine",
)
DENIED = (
    "table register.fct_episodes",
    "table bi.episodes",
    "explain select * from register.fct_episodes where episode_id_register = 'E3'",
    "select 1 from register.dim_child_keys where ctid = '(0,3)'",
    "table agreement.agg_measures_by_area_year",
    "table coarse_register.fct_episodes",
    "table coarse_bi.episodes",
    "table register_access.child_areas",
    "table register.fct_identity_events",
    "table register_access.member_areas",
    "select * from pg_statistic",
    "set role register_national",
    "set session authorization postgres",
    "insert into register_access.member_areas values ('leeds', '330', null)",
    "update register.fct_episodes set authority_code_dfe = '383'",
    "delete from register.fct_episodes",
    "truncate register.fct_episodes",
    "create table register.mine (one integer)",
    "create view register_access.my_areas as select '330' as area_code",
    "create or replace view area_register.fct_episodes as select 1 as one",
    "create or replace function register_access.own_areas() returns setof text language sql as"
    " $$ select '330' $$",
)
NOT_OWN = "child_id_register <> 'C2' and child_id_register <> 'C4'"
# Questions that differ in what is asked of other areas' rows alone: a plan may not.
PAIRS = (
    (
        "episode_id_register >= 'E3' and episode_id_register < 'E4'",
        "episode_id_register >= 'E9' and episode_id_register < 'F0'",
    ),
    ("episode_id_register = 'E3'", "episode_id_register = 'E9'"),
    (
        "episode_id_register > 'F' and episode_id_register < 'F2'",
        "episode_id_register > 'X' and episode_id_register < 'X2'",
    ),
    ("authority_code_dfe = '330' and NOT_OWN", "authority_code_dfe = '999' and NOT_OWN"),
    ("child_id_register = 'C3'", "child_id_register = 'C9'"),
    ("police_force_code = 'E23000014' and NOT_OWN", "police_force_code = 'E23000099' and NOT_OWN"),
    ("collection_year = '2025-26' and duration_hours_upper = 3", None),
)


@dataclass(frozen=True)
class Served:
    """A served register, and how each of its readers connects."""

    settings: Settings
    server: Server

    def dsn(self, name: str, role: str | None) -> str:
        """The connection string of a member."""
        return self.server.member(self.settings.postgres_dsn, name, role)

    def ask(self, name: str, role: str | None, query: str) -> list[tuple[Any, ...]]:
        """What a member gets for a query."""
        with psycopg.connect(self.dsn(name, role)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Served:
    """The invented children, served once for the tests that only read."""
    from register.home import prepare_home
    from register.settings import load_settings

    home = str(tmp_path_factory.mktemp("roles") / "home")
    result = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    prepare_home(result)
    settings = serving_into(result, server.database())
    for member, area in (("leeds", "383"), ("west_yorkshire", "E23000010"), ("late", "383")):
        until = date(2026, 1, 1) if member == "late" else None
        decide_grant(settings, "grant", member, area, "exact", by="A", reason="B", expires_on=until)
    decide_grant(settings, "grant", "everywhere", "all", "exact", by="A", reason="B")
    serve_postgres(settings, published(settings, 1, CHILDREN), CHILD_KEYS)
    return Served(settings, server)


@pytest.fixture
def leeds(served: Served) -> Iterator[psycopg.Connection]:
    """A session of Leeds, with a function that tells whatever it is given."""
    with psycopg.connect(served.dsn("leeds", "register_area"), autocommit=True) as connection:
        connection.execute(LEAK)
        yield connection


@pytest.mark.parametrize("table", OF_LEEDS)
def test_an_area_reads_its_own_rows_and_no_other(served: Served, table: str) -> None:
    """Prevents an authority from reading about other authorities' children, or not its own."""
    result = served.ask("leeds", "register_area", f"table area_{table}")
    assert {row[0] for row in result} == OF_LEEDS[table]


def test_a_force_reads_its_own_rows(served: Served) -> None:
    """Prevents a force from reading another force's absences, or missing its own."""
    result = served.ask("west_yorkshire", "register_area", "table area_register.fct_episodes")
    assert {row[0] for row in result} == {"E1"}


@pytest.mark.parametrize("table", OF_LEEDS)
def test_a_grant_for_all_reads_the_rows_of_every_area(served: Served, table: str) -> None:
    """Prevents a grant for the nation from meaning no area, or only some, in PostgreSQL."""
    everywhere = served.ask("everywhere", "register_area", f"table area_{table}")
    nation = served.ask("exact_nation", "register_national_exact", f"table {table}")
    assert sorted(row[0] for row in everywhere) == sorted(row[0] for row in nation)


@pytest.mark.parametrize("name", ["stranger", "late"])
def test_without_a_grant_in_force_no_row_of_a_child_is_read(served: Served, name: str) -> None:
    """Prevents a member who was granted nothing, or whose grant is over, from reading anybody."""
    for table in OF_LEEDS:
        result = {row[0] for row in served.ask(name, "register_area", f"table area_{table}")}
        assert result <= {"N"}, table


def _of_area(query: str) -> str:
    """A question about the register, put to the schemas of an area."""
    return re.sub(r"(?<![\w'])(register|agreement|quality|bi)\.", r"area_\1.", query)


def collect_messages(connection: psycopg.Connection, query: str) -> str:
    """All that a session is told by a query: rows, notices and errors."""
    notices: list[str] = []
    connection.add_notice_handler(lambda diagnosis: notices.append(str(diagnosis.message_primary)))
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        return f"{error} {notices}"
    return f"{rows} {notices}"


@pytest.mark.parametrize("attack", [*ATTACKS, *OTHER_ATTACKS])
def test_no_question_of_an_area_tells_of_another(leeds: psycopg.Connection, attack: str) -> None:
    """Prevents functions, operators, views and plans from telling what row security hides."""
    for question in (attack, _of_area(attack)):
        assert SECRET.findall(collect_messages(leeds, question).replace(question, "")) == []


def test_the_attacks_would_tell_whoever_may_read_all(served: Served) -> None:
    """Prevents attacks that find nothing because they ask for nothing."""
    dsn = served.dsn("exact_nation", "register_national_exact")
    with psycopg.connect(dsn, autocommit=True) as nation:
        nation.execute(LEAK)
        telling = [attack for attack in ATTACKS if SECRET.search(collect_messages(nation, attack))]
    assert set(ATTACKS) - set(telling) == set()


@pytest.mark.parametrize("statement", DENIED)
def test_an_area_cannot_help_itself(leeds: psycopg.Connection, statement: str) -> None:
    """Prevents a member from widening its own grant, or changing what others read."""
    with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
        leeds.execute(statement)


@pytest.mark.parametrize(("query", "other"), PAIRS)
def test_a_plan_is_the_same_whatever_other_areas_have(
    leeds: psycopg.Connection, query: str, other: str | None
) -> None:
    """Prevents `explain` from counting the rows of others: estimates, and rows removed."""
    other = other or query.replace("= 3", "= 1e9")
    for source in ("area_register.fct_episodes", "area_bi.episodes"):
        for options in ("", "analyze, verbose, buffers, timing off, summary off, "):
            # The first time round, catalogues are read too.
            *_, first, second = (
                leeds.execute(
                    f"explain ({options}format json) select * from {source} where"
                    f" {one.replace('NOT_OWN', NOT_OWN)}"
                ).fetchall()
                for one in (query, other) * 2
            )
            plans = (first, second)
            bare = [_without_what_was_asked(plan[0][0]) for plan in plans]
            assert bare[0] == bare[1]
            assert "Index" not in str(plans)


def _without_what_was_asked(plan: Any) -> Any:
    """All that a plan tells, without the words of the question and what planning read."""
    if isinstance(plan, dict):
        return {
            name: _without_what_was_asked(value)
            for name, value in plan.items()
            if name not in {"Filter", "Planning"}
        }
    return [_without_what_was_asked(each) for each in plan] if isinstance(plan, list) else plan


def test_a_key_of_another_area_cannot_be_found_letter_by_letter(
    leeds: psycopg.Connection,
) -> None:
    """Prevents the plan of a search by key from saying how many keys of the nation begin so."""
    keys = {
        "fct_episodes": "episode_id_register",
        "fct_reports": "report_id_register",
        "dim_child_keys": "child_id_register",
    }
    for table, key in keys.items():
        (own,) = leeds.execute(f"select count(*) from area_register.{table}").fetchall()[0]
        for start in ("A", "C3", "E3", "F", "F1", "F12", "R3", "Z"):
            plan = "\n".join(
                row[0]
                for row in leeds.execute(
                    f"{EXPLAIN} select 1 from area_register.{table}"
                    f" where {key} >= '{start}' and {key} < '{start}~'"
                )
            )
            assert f"Rows Removed by Filter: {own}" in plan
            assert set(re.findall(r"actual rows=(\d+)", plan)) <= {"0"}


def test_who_asks_cannot_be_another(served: Served) -> None:
    """Prevents a member from being taken for another by a setting, a function or a session."""
    with psycopg.connect(served.dsn("stranger", "register_area"), autocommit=True) as stranger:
        for attempt in ("set role leeds", "select set_config('role', 'leeds', false)"):
            with pytest.raises(errors.InsufficientPrivilege):
                stranger.execute(attempt)
        stranger.execute(
            "create function pg_temp.current_setting(text) returns text language sql"
            " as $$ select 'leeds' $$"
        )
        stranger.execute("set search_path = pg_temp, pg_catalog")
        assert stranger.execute("table area_register.fct_episodes").fetchall() == []
        assert stranger.execute("table register_access.my_areas").fetchall() == []
    with psycopg.connect(served.dsn("leeds", "register_area"), autocommit=True) as leeds:
        assert leeds.execute("table register_access.my_areas").fetchall() == [("383",)]


def test_copying_a_table_out_is_held_to_the_same_rows(leeds: psycopg.Connection) -> None:
    """Prevents an export from having more than a query."""
    with leeds.cursor().copy("copy (table area_register.fct_reports) to stdout") as rows:
        text = b"".join(bytes(part) for part in rows).decode()
    assert "R1" in text
    assert not SECRET.search(text)


def test_a_plan_that_was_prepared_for_another_role_is_made_anew(served: Served) -> None:
    """Prevents a pooled session from reading by the rights of who used it before."""
    served.dsn("leeds", "register_area")
    with psycopg.connect(served.server.administrator, dbname=_database(served)) as pooled:
        pooled.execute(
            "prepare all_episodes as select episode_id_register from area_register.fct_episodes"
        )
        assert pooled.execute("execute all_episodes").fetchall() == []
        pooled.execute("set role leeds")
        assert len(pooled.execute("execute all_episodes").fetchall()) == 3


def _database(served: Served) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(served.settings.postgres_dsn)["dbname"])


@pytest.mark.parametrize("role", ["exact", "aggregate", "quality"])
@pytest.mark.parametrize(
    "table",
    [
        "register.fct_episodes",
        "register.fct_reports",
        "register.bridge_child_sources",
        "register.dim_child_keys",
        "register.dim_placements",
        "register.fct_identity_events",
        "bi.episodes",
        "bi.children_by_year",
        "register_access.episode_areas",
        "register_access.my_areas",
        "area_register.fct_episodes",
    ],
)
def test_no_row_about_a_child_is_read_by(served: Served, role: str, table: str) -> None:
    """Prevents a reader of aggregates or of quality from reading a fact, also through a view."""
    for query in (f"table {table}", f"select 1 from {table}", f"explain select 1 from {table}"):
        if query.startswith("explain") and table.startswith("bi."):
            # A plan of a view is refused for its tables when it runs.
            query = query.replace("explain", "explain analyze")  # noqa: PLW2901
        with pytest.raises(errors.InsufficientPrivilege):
            served.ask(role, f"register_{role}", query)


@pytest.mark.parametrize(
    ("role", "counts"),
    [
        ("national_exact", (3004, 3, 2, 2)),
        ("national", (None, None, None, None)),
        ("exact", (None, 3, 2, None)),
        ("aggregate", (None, None, None, None)),
        ("quality", (None, None, 2, None)),
    ],
)
def test_a_role_reads_what_it_is_for(
    served: Served, role: str, counts: tuple[int | None, ...]
) -> None:
    """Prevents rights so narrow that a role is of no use."""
    tables = (
        "register.fct_episodes",
        "agreement.agg_measures_by_area_year",
        "quality.agg_rows_by_delivery",
        "register.fct_rule_breaches",
    )
    result: list[int | None] = []
    for table in tables:
        try:
            result.append(len(served.ask(role, f"register_{role}", f"table {table}")))
        except errors.InsufficientPrivilege:
            result.append(None)
    assert tuple(result) == counts


def test_whoever_has_no_role_reads_nothing(served: Served) -> None:
    """Prevents any log-in of the server from reading the register."""
    with pytest.raises(errors.InsufficientPrivilege):
        served.ask("nobody", None, "table agreement.agg_measures_by_area_year")


def test_views_are_views_with_their_readers_rights(served: Served) -> None:
    """Prevents a view from reading with the rights of who made it."""
    result = served.ask(
        "exact_nation",
        "register_national_exact",
        "select relname, reloptions from pg_class where relkind = 'v'"
        " and relnamespace = 'bi'::regnamespace order by 1",
    )
    options = ["security_invoker=true"]
    assert result == [("children_by_year", options), ("episodes", options)]
    rows = served.ask("exact_nation", "register_national_exact", "table bi.children_by_year")
    assert rows == [("2025-26", 3004, "330")]


def test_a_revoked_grant_is_over_with_the_next_serving(
    to_postgres: Settings, server: Server
) -> None:
    """Prevents a member who has left from reading on."""
    served = Served(to_postgres, server)
    decide_grant(to_postgres, "grant", "leaver", "383", "exact", by="A", reason="B")
    serve_postgres(to_postgres, published(to_postgres, 1, CHILDREN))
    query = "table area_register.fct_episodes"
    assert len(served.ask("leaver", "register_area", query)) == 3
    decide_grant(to_postgres, "revoke", "leaver", "383", by="A", reason="left")
    serve_postgres(to_postgres, published(to_postgres, 2, CHILDREN))
    assert served.ask("leaver", "register_area", query) == []
