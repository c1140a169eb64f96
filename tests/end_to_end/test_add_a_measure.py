"""The page that adds a measure of agreement, followed in a copy of the project."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from register.settings import PROJECT_ROOT
from tests.dbt.runs import run_dbt
from tests.docs.followed_pages import copy_project, read_blocks
from tests.end_to_end.conftest import Nation

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-measure.md"
FILES_AT_MOST = 4
QUERY = re.compile(r"^```sql\n(select .*?)^```", re.MULTILINE | re.DOTALL)
COLUMNS = [f"category_different_{end}" for end in ("count", "share", "share_lower", "share_upper")]
# Each relation, and which of its rows together have every absence once.
WHOLE_NATION = "area_level_code = 'nation' and population_code = 'every_child'"
RELATIONS = {
    "agreement.agg_agreement_by_authority_force_month": "true",
    "agreement.agg_agreement_by_authority_year": "true",
    "agreement.agg_agreement_by_area_year": WHOLE_NATION,
    "agreement.agg_agreement_by_linkage": f"{WHOLE_NATION} and linkage_code = 'central'",
    "bi.agreement_by_area_year": WHOLE_NATION,
}
BUILT = ("int_linkage_area_counts", *(name.partition(".")[2] for name in RELATIONS))
# What the page's example counts, from the rows of agreement themselves: categories in three groups.
GROUP = "case {} when 'missing' then 1 when 'unmapped' then 2 else 3 end"
COUNTED = f"""
    select
        collection_year,
        count(*) as both_count,
        count(
            case
                when category_police_code is null or category_authority_code is null then null
                when {GROUP.format("category_police_code")}
                    != {GROUP.format("category_authority_code")} then 1
            end
        ) as category_different_count
    from agreement.fct_agreement
    where is_in_scope and status = 'both'
    group by collection_year
    order by collection_year
"""


def test_the_page_touches_four_files_at_most() -> None:
    """Prevents a measure from needing more places than a newcomer is told of, or than are few."""
    blocks = read_blocks(PAGE)
    assert len(blocks) > FILES_AT_MOST
    assert len({block.file for block in blocks}) <= FILES_AT_MOST


@pytest.mark.drill
@pytest.mark.slow
def test_a_measure_added_as_the_page_says_is_in_every_mart_and_the_view(
    tmp_path: Path, nation: Nation
) -> None:
    """Prevents instructions that leave a measure out of a mart, or count other rows in one."""
    project = copy_project(tmp_path / "project", "dbt_project", "seeds", "docs")
    for block in read_blocks(PAGE):
        block.apply(project)
    copy = nation.copy(tmp_path / "home")
    outcome = run_dbt(
        copy.settings, copy.built, "build", "--select", *BUILT, project=project / "dbt_project"
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    assert (
        "category_different_share"
        in (project / "docs" / "explanation" / "agreement-statistics.md").read_text()
    )
    path = copy.built / "national_register.duckdb"
    with duckdb.connect(str(path), read_only=True) as register:
        counted = register.execute(COUNTED).fetchall()
        assert any(0 < row[2] < row[1] for row in counted), "none differs: nothing is tried"
        for relation, rows in RELATIONS.items():
            assert _columns_of(register, relation) == COLUMNS
            assert _summed(register, relation, rows) == counted, relation
        (query,) = QUERY.findall(PAGE.read_text(encoding="utf-8"))
        shown = register.execute(query).fetchall()
    assert [row[:3] for row in shown] == counted
    assert [row[3] for row in shown] == [pytest.approx(row[2] / row[1]) for row in counted]


def _columns_of(register: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    named = register.execute(f"describe {relation}").fetchall()
    return [row[0] for row in named if row[0] in COLUMNS]


def _summed(
    register: duckdb.DuckDBPyConnection, relation: str, rows: str
) -> list[tuple[object, ...]]:
    """Return the counts of each year over rows that have every absence once."""
    return register.execute(
        "select collection_year, sum(both_count)::bigint, sum(category_different_count)::bigint"
        f" from {relation} where {rows} group by collection_year"
        " having sum(both_count) > 0 order by collection_year"
    ).fetchall()
