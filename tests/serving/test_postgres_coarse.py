"""The coarse form in PostgreSQL: who reads it, and what it does not tell."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from register.access_grants import decide_grant
from register.serving import serve_postgres
from register.settings import Settings
from tests.serving.registers import CHILDREN, published
from tests.serving.server import Server
from tests.serving.test_postgres_roles import Served

MONTHS = {"register.fct_episodes": {"started_at": "month", "duration_hours_upper": "omitted"}}
LEVELS = {
    "register.fct_episodes": {"duration_hours_upper": "omitted"},
    "bi.episodes": {"duration_hours_upper": "omitted", "rounded": "omitted"},
}
OWN_COARSE = ("area_register.fct_episodes", "area_bi.episodes")
NATION, EXACT_NATION = "register_national", "register_national_exact"


def test_a_national_analyst_reads_months(to_postgres: Settings, server: Server) -> None:
    """Prevents the role of analysts from reading a day or a minute, in any schema."""
    served = Served(to_postgres, server)
    serve_postgres(to_postgres, published(to_postgres, 1, levels=MONTHS))
    query = "select distinct started_at::date::text from {}register.fct_episodes order by 1"
    months = [("2024-04-01",), ("2025-04-01",), ("2025-05-01",)]
    assert served.ask("nation", NATION, query.format("coarse_")) == months
    assert ("2025-04-02",) in served.ask("exact_nation", EXACT_NATION, query.format(""))
    stamp = "select count(*) from coarse_register.published_generation"
    assert served.ask("nation", NATION, stamp) == [(1,)]
    with pytest.raises(errors.InsufficientPrivilege):
        served.ask("nation", NATION, query.format(""))
    with pytest.raises(errors.UndefinedColumn):
        served.ask(
            "nation", NATION, "select duration_hours_upper from coarse_register.fct_episodes"
        )
    with pytest.raises(errors.UndefinedColumn):
        served.ask("nation", NATION, "select ctid from coarse_register.fct_episodes")


def test_views_of_the_coarse_form_are_computed_from_exact_rows(
    to_postgres: Settings, server: Server
) -> None:
    """Prevents a coarse view that its reader may not read, or that lacks what it needs."""
    served = Served(to_postgres, server)
    serve_postgres(to_postgres, published(to_postgres, 1, CHILDREN, levels=LEVELS))
    (row,) = served.ask("nation", NATION, "select count(*) from coarse_bi.episodes")
    assert row == (3004,)
    rows = served.ask("nation", NATION, "table coarse_bi.children_by_year")
    assert rows == [("2025-26", 3004, "330")]
    for role in ("register_aggregate", "register_exact", "register_area"):
        with pytest.raises(errors.InsufficientPrivilege):
            served.ask(f"plain_{role}", role, "table coarse_bi.episodes")


def test_a_member_of_an_area_reads_the_form_of_their_grant(
    to_postgres: Settings, server: Server
) -> None:
    """Prevents a grant of months from opening exact rows, through views or their functions."""
    served = Served(to_postgres, server)
    for member, level in (("leeds_coarse", "coarse"), ("leeds_exact", "exact")):
        decide_grant(to_postgres, "grant", member, "383", level, by="A", reason="B")
    serve_postgres(to_postgres, published(to_postgres, 1, CHILDREN, levels=LEVELS))
    exact = (
        "select duration_hours_upper from area_exact_register.fct_episodes",
        "select duration_hours_upper from area_exact_bi.episodes",
        "select duration_hours_upper from register_access.register_fct_episodes_exact()",
    )
    for member, exact_rows in (("leeds_coarse", 0), ("leeds_exact", 3)):
        for relation in OWN_COARSE:
            assert len(served.ask(member, "register_area", f"table {relation}")) == 3
        for query in exact:
            assert len(served.ask(member, "register_area", query)) == exact_rows, query
    for relation in OWN_COARSE:
        with (
            psycopg.connect(served.dsn("leeds_exact", "register_area")) as connection,
            pytest.raises(errors.UndefinedColumn),
        ):
            connection.execute(f"select duration_hours_upper from {relation}")
