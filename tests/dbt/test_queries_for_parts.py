"""The queries by which models say which parts a parent changes (`materializations/parts.sql`)."""

from __future__ import annotations

import duckdb
import pytest

from register.settings import load_settings
from register.yaml_file import read_yaml


def asked(path: str, parent: str, changed: str = "select part from noted where false") -> str:
    """The query of a model for a parent, of invented tables: `this` and the parent by its name."""
    said = read_yaml(load_settings().dbt_project / "models" / path)["models"][0]
    query = " ".join(said["config"]["meta"]["part_of"][parent].split())
    return f"{query} ".replace(" changed ", f" ({changed}) ")


@pytest.fixture
def invented() -> duckdb.DuckDBPyConnection:
    """A database for invented tables."""
    connection = duckdb.connect()
    connection.execute("create table noted (part varchar)")
    return connection


def test_care_of_an_episode_is_made_again_where_its_first_day_is_covered_otherwise(
    invented: duckdb.DuckDBPyConnection,
) -> None:
    """Prevents a covered day that is not one any more, or all children for one more month."""
    invented.execute("""
        create table int_supplier_coverage as select * from (values
            ('police', 'E1', date '2026-01-01', date '2026-01-31'),
            ('authority', '370', date '1900-01-01', date '2026-02-28')
        ) as spans (source, supplier_code, covered_from_date, covered_to_date);
        create table this as select * from (values
            ('as_it_was', 'E1', '370', date '2026-01-31', true, true),
            ('police_withdrawn', 'E1', '370', date '2026-02-01', true, true),
            ('police_new', 'E1', '370', date '2026-01-01', false, true),
            ('authority_withdrawn', 'E2', '370', date '2026-03-01', false, true),
            ('authority_new', 'E1', '370', date '2026-01-02', true, false),
            ('of_another_source', 'E1', 'E1', date '2026-01-02', true, false),
            ('of_nobody', null, null, date '2026-01-02', false, false)
        ) as care (
            child_id_register, police_force_code, authority_code_dfe, start_date,
            is_police_covered, is_authority_covered
        )
    """)
    query = asked("episodes/int_episode_care.yml", "int_supplier_coverage")
    assert sorted(invented.execute(query).fetchall()) == [
        ("authority_new",), ("authority_withdrawn",), ("police_new",), ("police_withdrawn",)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ("of_a_report", []),
        ("of_a_new_child", ["of_a_new_child"]),
        ("of_a_child_that_is_gone", ["of_a_child_that_is_gone"]),
        ("of_a_placement_that_is_gone", ["placed"]),
        ("of_a_new_placement", ["not_placed"]),
    ],
)
def test_spells_of_care_are_made_again_for_keys_of_children_and_of_placements(
    invented: duckdb.DuckDBPyConnection, changed: str, made: list[str]
) -> None:
    """Prevents spells of a placement whose key came or went, and parts for keys of reports."""
    invented.execute("""
        create table int_source_keys as select * from (values
            ('of_a_report', 'report', '370'),
            ('of_a_new_child', 'person', '370'),
            ('of_a_new_placement', 'placement', '370')
        ) as keys (source_key, kind, issuer);
        create table this as select * from (values
            ('placed', 'of_a_placement_that_is_gone', '370'),
            ('not_placed', null, '370'),
            ('not_placed_elsewhere', null, '371'),
            ('of_a_child_that_is_gone', 'of_another_placement', '370')
        ) as spells (mention_key, placement_key, authority_code_dfe)
    """)
    query = asked("care/int_care_spells.yml", "int_source_keys", f"select '{changed}' as part")
    assert [part for (part,) in invented.execute(query).fetchall()] == made


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ("of_a_report", []),
        ("of_a_new_interview", ["372"]),
        ("of_an_interview_that_is_gone", ["370"]),
    ],
)
def test_return_interviews_of_a_supplier_are_made_again_for_keys_of_interviews(
    invented: duckdb.DuckDBPyConnection, changed: str, made: list[str]
) -> None:
    """Prevents an interview whose key is not its own any more, and all for a report's key."""
    invented.execute("""
        create table int_source_keys as select * from (values
            ('of_a_report', 'report', '371'),
            ('of_a_new_interview', 'interview', '372')
        ) as keys (source_key, kind, issuer);
        create table this as select * from (values
            ('of_an_interview_that_is_gone', '370'), (null, '371')
        ) as interviews (interview_key, supplier_code)
    """)
    query = asked(
        "reports/int_return_interviews.yml", "int_source_keys", f"select '{changed}' as part"
    )
    assert [part for (part,) in invented.execute(query).fetchall()] == made
