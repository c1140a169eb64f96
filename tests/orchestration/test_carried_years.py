"""Rule D6 as dbt counts it: an authority's year is carried over with all that is counted in it.

The models that decide it are the real ones; what they read of a generation is invented.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from official_statistics.production.draft import Counting, count_cells
from official_statistics.releases import Version
from orchestration.dbt import build_publication
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.dbt.forked import forked_dbt
from tests.statistics.invented_generation import InventedGeneration, Rows

EPISODE = {
    "reporting_year": 2026,
    "care_status": "looked_after",
    "absence_category": "missing",
    "source_status": "both",
    "is_expected_both": "yes",
    "same_area": "yes",
    "sex": "female",
    "duration_band": "unknown",
    "hours_band": "unknown",
    "start_month": "04",
    "outcome": "found",
    "legal_status": "care_order",
    "unaccompanied": "no",
    "trafficking_risk": "no",
}
LEVELS = {
    "E92000001": "nation",
    "E12000001": "region",
    "E12000007": "region",
    "E13000001": "sub_region",
}


def _episodes(authority: str, region: str, first: int, bands: Mapping[int, str]) -> Rows:
    """Ten children with an episode each; `bands` has the durations that some of them have."""
    return [
        EPISODE
        | {
            "episode_id_register": f"E{first + number}",
            "child_id_register": f"C{first + number}",
            "authority_code_dfe": authority,
            "region_code": region,
            "duration_band": bands.get(number, "unknown"),
        }
        for number in range(10)
    ]


def _care(counts: Mapping[str, int], year: str = "2025-26") -> Rows:
    return [
        {
            "area_level_code": LEVELS.get(area, "authority"),
            "area_code": area,
            "collection_year": year,
            "population_code": "looked_after",
            "looked_after_children_count": count,
        }
        for area, count in counts.items()
    ]


def _links(counts: Mapping[str, int]) -> Rows:
    return [
        {
            "area_level_code": LEVELS[area],
            "area_code": area,
            "collection_year": "2025-26",
            "population_code": "every_child",
            "linkage_code": "strict",
            "both_count": count,
            "police_only_count": 0,
            "authority_only_count": 0,
        }
        for area, count in counts.items()
    ]


class Home:
    """A home with an invented generation, of which versions are counted one after the other."""

    def __init__(self, invented: InventedGeneration) -> None:
        self.invented = invented
        self.versions: list[Version] = []

    def count(self, first_replaced_year: int = 0, **arguments: Rows) -> Version:
        """Count a version after those before it, from the rows that are given."""
        self.invented.give(**arguments)
        settings = self.invented.settings
        number = len(self.versions) + 1
        folder = settings.statistics / "missing_children" / "2026" / f"v{number}"
        version = Version(2026, number, folder)
        version.internal.mkdir(parents=True)
        before = self.versions[-1] if self.versions else None
        counting = Counting(2026, before, first_replaced_year, children_most=7)
        count_cells(settings, version, self.invented.generation, counting, build_publication)
        self.versions.append(version)
        return version


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home in which a version has been counted: three authorities of two regions."""
    root = tmp_path_factory.mktemp("carried")
    project = root / "project" / "dbt_project"
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(root / "home")})
    prepare_home(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "dbt_project", property(lambda _: project))
        patch.setattr("orchestration.dbt.dbt_executable", forked_dbt)
        result = Home(InventedGeneration(settings, project))
        _count_first(result)
        yield result


@pytest.fixture
def home(counted: Home) -> Iterator[Home]:
    """The home with its first version alone; what a test counts is taken away after it."""
    yield counted
    for version in counted.versions[1:]:
        shutil.rmtree(version.folder)
    del counted.versions[1:]


def _count_first(home: Home) -> None:
    home.count(
        fct_publication_episodes=[
            *_episodes("301", "E13000001", 0, {}),
            *_episodes("302", "E13000001", 100, {}),
            *_episodes("400", "E12000001", 200, {}),
        ],
        agg_measures_by_area_year=_care(
            {
                "301": 100,
                "302": 200,
                "400": 50,
                "E13000001": 298,
                "E12000007": 297,
                "E12000001": 50,
                "E92000001": 347,
            }
        ),
        agg_agreement_by_linkage=_links(
            {"E13000001": 20, "E12000007": 99, "E12000001": 10, "E92000001": 30}
        ),
    )


def _values(version: Version, query: str) -> dict[Any, Any]:
    with duckdb.connect(str(version.internal / "cells.duckdb"), read_only=True) as connection:
        return dict(connection.execute(query).fetchall())


CARE = "select area_code, looked_after_count from statistics.fct_publication_care"
LINKS = """
select area_code, episode_count from statistics.fct_publication_links
where source_status = 'both'
"""
ORIGINS = """
select authority_code_dfe, any_value(revision_code) from statistics.fct_publication_base
group by authority_code_dfe having count(distinct revision_code) = 1 and count(*) = 10
"""


def test_children_looked_after_are_carried_over_with_their_year(home: Home) -> None:
    """Prevents a year that is carried over with today's number of children in care."""
    later = home.count(
        fct_publication_episodes=[
            *_episodes("301", "E13000001", 0, dict.fromkeys(range(7), "under_1")),
            *_episodes("302", "E13000001", 100, dict.fromkeys(range(8), "under_1")),
            *_episodes("400", "E12000001", 200, {}),
        ],
        agg_measures_by_area_year=_care(
            {
                "301": 104,
                "302": 230,
                "400": 51,
                "E13000001": 331,
                "E12000007": 333,
                "E12000001": 51,
                "E92000001": 381,
            }
        ),
        agg_agreement_by_linkage=_links(
            {"E13000001": 18, "E12000007": 99, "E12000001": 9, "E92000001": 27}
        ),
    )
    assert _values(later, ORIGINS) == {"301": "carried", "302": "replaced", "400": "carried"}
    assert _values(later, CARE) == {
        "301": 100,
        "302": 230,
        "400": 50,
        "E13000001": 298 + 30,
        "E12000007": 297 + 30,
        "E12000001": 50,
        "E92000001": 347 + 30,
    }
    assert _values(later, LINKS) == {
        "E13000001": 18,
        "E12000007": 18,
        "E12000001": 10,
        # The nation as drawn has one episode fewer in the region that is carried over.
        "E92000001": 27 + 1,
    }


def test_a_year_that_is_final_keeps_every_count(home: Home) -> None:
    """Prevents a year that may not be revised any more from moving in one column."""
    later = home.count(
        first_replaced_year=2027,
        fct_publication_episodes=_episodes("301", "E13000001", 0, dict.fromkeys(range(10), "x")),
        agg_measures_by_area_year=_care({"301": 1, "E13000001": 1, "E12000007": 1, "E92000001": 1}),
    )
    first = home.versions[0]
    assert set(_values(later, ORIGINS).values()) == {"carried"}
    for query in (CARE, LINKS):
        assert _values(later, query) == _values(first, query)


def test_a_new_year_is_counted_beside_years_that_are_carried_over(home: Home) -> None:
    """Prevents a yearly release whose new year has no children in care."""
    later = home.count(
        fct_publication_episodes=[
            *_episodes("301", "E13000001", 0, {}),
            *_episodes("302", "E13000001", 100, {}),
            *_episodes("400", "E12000001", 200, {}),
            *({**row, "reporting_year": 2027} for row in _episodes("301", "E13000001", 300, {})),
        ],
        agg_measures_by_area_year=[
            *_care({"301": 90, "E13000001": 90, "E12000007": 90, "E92000001": 90}),
            *_care(
                {"301": 120, "400": 3, "E13000001": 120, "E12000007": 120, "E92000001": 123},
                "2026-27",
            ),
        ],
    )
    care = "select reporting_year || ' ' || area_code, looked_after_count from statistics.{}"
    result = _values(later, care.format("fct_publication_care"))
    assert {key: value for key, value in result.items() if key.startswith("2027")} == {
        "2027 301": 120,
        "2027 400": 3,
        "2027 E13000001": 120,
        "2027 E12000007": 120,
        "2027 E92000001": 123,
    }
    assert result["2026 301"] == 100
    assert result["2026 E92000001"] == 347
