"""What an analyst reads first: the relations of the schema `bi`, in the file as it is published."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Nation

AS_ATTACHED = "attach '{path}' as somewhere_else (read_only)"
NAMES = re.compile(r"_name$")


@pytest.fixture(scope="module")
def moved(nation: Nation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The published file, copied to another place under another name."""
    path = tmp_path_factory.mktemp("elsewhere") / "a copy.duckdb"
    shutil.copy(nation.built / "national_register.duckdb", path)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def analyst(moved: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Somebody who attached the copy under a name of their own, and can open nothing else."""
    with duckdb.connect() as connection:
        connection.execute(AS_ATTACHED.format(path=moved))
        connection.execute("set enable_external_access = false")
        yield connection


def _relations(analyst: duckdb.DuckDBPyConnection) -> list[str]:
    found = analyst.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'somewhere_else' and table_schema = 'bi' order by 1"
    ).fetchall()
    return [name for (name,) in found]


def test_every_relation_is_read_from_a_copy_under_another_name(
    analyst: duckdb.DuckDBPyConnection,
) -> None:
    """Prevents a view that needs the warehouse, or the name under which the file was written."""
    names = _relations(analyst)
    assert len(names) == 11
    empty = {
        name
        for name in names
        if not analyst.execute(f"select count(*) from somewhere_else.bi.{name}").fetchall()[0][0]
    }
    assert empty == set()


def test_every_code_of_a_relation_has_words(analyst: duckdb.DuckDBPyConnection) -> None:
    """Prevents a code that an analyst has to look up, and one without a label."""
    unnamed = {}
    for relation in _relations(analyst):
        found = analyst.execute(f"from somewhere_else.bi.{relation}").to_arrow_table()
        for name in filter(NAMES.search, found.column_names):
            code = name.removesuffix("_name") + "_code"
            coded = [value for value in found.column_names if value.startswith(code)] or [None]
            words = found.column(name).to_pylist()
            codes = words if coded[0] is None else found.column(coded[0]).to_pylist()
            lacking = {key for key, word in zip(codes, words, strict=True) if key and not word}
            if lacking:
                unnamed[f"{relation}.{name}"] = lacking
    assert unnamed == {}


def test_children_missing_from_care_by_age_and_what_both_know_is_one_query(
    analyst: duckdb.DuckDBPyConnection, nation: Nation
) -> None:
    """Prevents the question that took an analyst three queries and four traps.

    Children missing from care in one authority a year by age band, and the share of what both
    sources should have recorded that both did.
    """
    answers = analyst.execute(
        """
        select area_name, collection_year, value_name, missing_children_count,
            matched_share_in_scope
        from somewhere_else.bi.children_by_characteristic
        where area_level_code = 'authority' and population_name = 'Looked after'
            and characteristic_code = 'age_band'
        """
    ).fetchall()
    with duckdb.connect(str(nation.built / "national_register.duckdb"), read_only=True) as fact:
        counted = fact.execute(
            """
            select authority_name, episodes.collection_year,
                case age_band_code when '16_and_over' then '16 and over'
                    when 'under_1' then 'Under 1' when 'unknown' then 'Not known'
                    else replace(age_band_code, '_', ' ') end,
                count(distinct child_id_register) filter (where category_code = 'missing'),
                round(avg(cast(agreement.source_status = 'both' as integer))
                    filter (where is_police_expected and is_authority_expected), 9)
            from register.fct_episodes as episodes
            inner join agreement.fct_agreement as agreement using (episode_id_register)
            inner join register.dim_authorities_current as authorities
                on episodes.authority_code_dfe = authorities.authority_code_dfe
            where episodes.care_status_code = 'looked_after'
            group by all
            """
        ).fetchall()
    assert sorted(answers, key=str) == sorted(counted, key=str)
    assert len(answers) > 10
