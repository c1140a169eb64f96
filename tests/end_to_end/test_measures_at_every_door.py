"""Each count of the nation is the same number under the same name, at whatever door it is asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest

from interfaces.quality_site import build_site
from official_statistics.production import DraftOrder, draft_release
from official_statistics.releases import Person, Version, announce, read_practice
from orchestration.releases import release_tools
from register.publishing import publish as publish_generation
from register.settings import PROJECT_ROOT, Settings
from tests.end_to_end.asking import Asker
from tests.end_to_end.conftest import Nation
from tests.expectations.reading import Structure

pytestmark = pytest.mark.drill  # minutes: measures, asks, counts and protects a nation

YEAR = "2025-26"
NOW = read_practice(datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
PRODUCER = Person("Pat Reed", "producer")
# The rule of each category once more, over what each source recorded and over care.
RULES = {
    "missing": "'missing' in (category_police_code, category_authority_code)",
    "away": "category_authority_code = 'away' and care_status_code = 'looked_after'",
    "no_apparent_risk": "category_police_code in ('no_apparent_risk', 'absent')",
}
COUNTS = {
    "children_missing": "count(distinct child_id_register) filter (where category = 'missing')",
    "episodes_missing": "count(*) filter (where category = 'missing')",
    "children_away": "count(distinct child_id_register) filter (where category = 'away')",
    "episodes_away": "count(*) filter (where category = 'away')",
    "children_no_apparent_risk": (
        "count(distinct child_id_register) filter (where category = 'no_apparent_risk')"
    ),
    "episodes_no_apparent_risk": "count(*) filter (where category = 'no_apparent_risk')",
    "children_category_not_known": (
        "count(distinct child_id_register) filter (where category = 'not_known')"
    ),
    "episodes_category_not_known": "count(*) filter (where category = 'not_known')",
    "children_missing_or_away": "count(distinct child_id_register)",
    "episodes_missing_or_away": "count(*)",
    "police_missing_incidents": (
        "count(*) filter (where category_police_code in ('missing', 'no_apparent_risk'))"
    ),
    "police_missing_incidents_above_no_apparent_risk": (
        "count(*) filter (where category_police_code = 'missing')"
    ),
}
COLUMNS = {
    "children_missing": "missing_children_count",
    "episodes_missing": "missing_episode_count",
    "children_away": "away_children_count",
    "episodes_away": "away_episode_count",
    "children_no_apparent_risk": "no_apparent_risk_children_count",
    "episodes_no_apparent_risk": "no_apparent_risk_episode_count",
    "children_category_not_known": "category_not_known_children_count",
    "episodes_category_not_known": "category_not_known_episode_count",
    "children_missing_or_away": "children_count",
    "episodes_missing_or_away": "episode_count",
}
INCIDENTS = {
    "police_missing_incidents": "incident_count",
    "police_missing_incidents_above_no_apparent_risk": "incident_count_above_no_risk",
}
Counts = Mapping[str, int]


def _measures() -> dict[str, dict[str, str]]:
    path = PROJECT_ROOT / "seeds" / "ref__measures.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["measure_code"]: row for row in csv.DictReader(lines)}


def _one(path: Path, query: str) -> dict[str, Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql(query).to_arrow_table().to_pylist()[0]


@pytest.fixture(scope="module")
def home(nation: Nation, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the nation's home, in which what was built is published."""
    copied = nation.copy(tmp_path_factory.mktemp("doors") / "home")
    publish_generation(copied.settings, copied.built)
    return copied.settings


@pytest.fixture(scope="module")
def counted(nation: Nation) -> Counts:
    """Every count of England, from the absences themselves and the rules of the seed."""
    category = " ".join(f"when {rule} then '{name}'" for name, rule in RULES.items())
    chosen = ", ".join(f"{count} as {code}" for code, count in COUNTS.items())
    found = _one(
        nation.built / "national_register.duckdb",
        f"select {chosen} from (select *, case {category} else 'not_known' end as category"
        " from register.fct_episodes where care_status_code <> 'short_break'"
        f" and collection_year = '{YEAR}')",
    )
    assert found["children_missing"] > found["children_away"] > 0
    assert found["episodes_no_apparent_risk"] > 0
    return found


@pytest.fixture(scope="module")
def release(home: Settings) -> Iterator[Version]:
    """A draft of the nation's statistics."""
    announce(home, 2026, NOW.now, read_practice(datetime(2026, 9, 1, tzinfo=UTC)))
    order = DraftOrder(2026, provisional_reason="Simulated")
    return draft_release(home, order, PRODUCER, NOW, release_tools(print))


@pytest.mark.parametrize(
    "relation",
    ["agreement.agg_measures_by_area_year", "bi.children_by_area_year"],
)
def test_marts_and_views_count_by_the_rules(nation: Nation, counted: Counts, relation: str) -> None:
    """Prevents a mart that counts the police's no apparent risk as away, or a code as missing."""
    basis = " and basis_code = 'register'" if "agg" in relation else ""
    chosen = ", ".join(f"{column} as {code}" for code, column in COLUMNS.items())
    found = _one(
        nation.built / "national_register.duckdb",
        f"select {chosen} from {relation} where area_level_code = 'nation'"
        f" and population_code = 'every_child' and collection_year = '{YEAR}'{basis}",
    )
    assert found == {code: counted[code] for code in COLUMNS}


def test_facts_of_the_police_count_incidents_by_risk_level(nation: Nation, counted: Counts) -> None:
    """Prevents incidents by risk level that do not add up to those of all risk levels."""
    found = _one(
        nation.built / "national_register.duckdb",
        "select cast(sum(episode_count) as bigint) as police_missing_incidents,"
        " cast(sum(episode_count) filter (where value_code <> 'no_apparent') as bigint)"
        " as police_missing_incidents_above_no_apparent_risk"
        " from agreement.agg_police_facts_by_area_year where fact_code = 'risk_level'"
        " and area_level_code = 'nation' and population_code = 'every_child'"
        f" and collection_year = '{YEAR}'",
    )
    assert found == {code: counted[code] for code in INCIDENTS}


def test_metrics_answer_the_same(nation: Nation, counted: Counts, tmp_path: Path) -> None:
    """Prevents a metric that answers otherwise than the mart of the same name."""
    asked = {"episodes" if code == "episodes_missing_or_away" else code: code for code in counted}
    rows = Asker.of(nation, tmp_path).ask(
        *("--metrics", ",".join(asked)), *("--group-by", "episode__collection_year")
    )
    row = next(row for row in rows if row["episode__collection_year"] == YEAR)
    assert {code: int(float(row[metric])) for metric, code in asked.items()} == dict(counted)


def test_the_front_page_shows_each_count_by_its_name(home: Settings, counted: Counts) -> None:
    """Prevents a front page with children missing or away under the name of children missing."""
    page = Structure(build_site(home).read_text(encoding="utf-8"))
    cells = [" ".join(unescape(item.text).split()) for item in page.all("th", "td")]
    for code, count in counted.items():
        name = _measures()[code]["measure_name"]
        place = next(
            place
            for place, text in enumerate(cells)
            if text == name and cells[place + 1].replace(",", "").isdigit()
        )
        assert cells[place + 1] == f"{count:,}", name
    titles = [" ".join(item.text.split()) for item in page.all("h2")]
    figures = [" ".join(item.text.split()) for item in page.all("p")]
    assert titles[0] == f"Children missing in {YEAR}"
    assert f"{counted['children_missing']:,}" in figures


def test_a_release_counts_and_shows_the_same(release: Version, counted: Counts) -> None:
    """Prevents a public figure that rounds another count than the one whose name it bears."""
    with duckdb.connect(str(release.internal / "cells.duckdb"), read_only=True) as connection:
        found = {
            tuple(row[:3]): row[3]
            for row in connection.execute(
                "select dataset, filter_values, measure, value"
                " from statistics.fct_publication_cells"
                " where reporting_year = 2026 and area_code = 'E92000001'"
            ).fetchall()
        }
    for code, count in counted.items():
        file, items, measure = _cell(code)
        filter_values = ";".join(f"{name}={item}" for name, item in items.items())
        assert found[file, filter_values, measure] == count, code
        shown = _shown(release, file, items, measure)
        # Protection may hide a count; what it shows is the count rounded to 10.
        assert shown in {"c", "low"} or abs(int(shown) - count) <= 5, code


def _cell(code: str) -> tuple[str, dict[str, str], str]:
    if code in INCIDENTS:
        return "police_recording_by_area", {"recording_force": "Total"}, INCIDENTS[code]
    items = {"care_status": "Total", "absence_category": _measures()[code]["category_name"]}
    measure = "child_count" if code.startswith("children") else "episode_count"
    return "missing_children_by_area", items, measure


def _shown(release: Version, file: str, items: Mapping[str, str], measure: str) -> str:
    with (release.data / f"{file}.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            row
            for row in csv.DictReader(lines)
            if row["geographic_level"] == "National" and row["time_period"] == "2026"
        ]
    (row,) = (row for row in rows if all(row[name] == item for name, item in items.items()))
    return row[measure]
