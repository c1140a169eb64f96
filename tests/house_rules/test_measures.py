"""Each count has one name, in the seed of measures, and every door shows it by that name."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from interfaces.quality_site.front_page import COUNT_COLUMNS
from interfaces.quality_site.sections import read_table_texts
from interfaces.quality_site.tile_map import MEASURES as MAPPED
from official_statistics import data_set_named
from register.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "ref__measures.csv"
# Of each count: its column in `agg_measures_by_area_year` and in `bi.children_by_area_year`.
COLUMNS = {
    code: column for code, column in COUNT_COLUMNS.items() if code != "police_missing_incidents"
}
CATEGORIES = {
    "missing": "missing",
    "away": "away",
    "no_apparent_risk": "no_apparent_risk",
    "category_not_known": "not_known",
}


def _measures() -> dict[str, dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as lines:
        return {row["measure_code"]: row for row in csv.DictReader(lines)}


NAMES = {code: row["measure_name"] for code, row in _measures().items()}


def _metric(code: str) -> str:
    return "episodes" if code == "episodes_missing_or_away" else code


@pytest.mark.parametrize("code", [*COLUMNS, "police_missing_incidents"])
def test_a_metric_has_the_name_of_its_measure(manifest: dict[str, Any], code: str) -> None:
    """Prevents a metric that shows one count under the name of another."""
    metric = manifest["metrics"][f"metric.national_register.{_metric(code)}"]
    assert metric["label"] == NAMES[code]


@pytest.mark.parametrize("code", COLUMNS)
@pytest.mark.parametrize(
    "model", ["agg_measures_by_area_year", "agg_measures_by_area_month", "children_by_area_year"]
)
def test_a_column_is_described_by_the_name_of_its_measure(
    manifest: dict[str, Any], model: str, code: str
) -> None:
    """Prevents a mart or view in which children away are described as missing."""
    columns = manifest["nodes"][f"model.national_register.{model}"]["columns"]
    assert columns[COLUMNS[code]]["description"].startswith(f"{NAMES[code]}: ")


def test_a_release_has_the_categories_of_the_measures_and_their_names() -> None:
    """Prevents a release that counts the police's no apparent risk as away from placement."""
    items = data_set_named("missing_children_by_area").get_filter("absence_category").items
    assert {item.codes[0]: item.name for item in items[1:]} == {
        CATEGORIES[code.removeprefix("children_")]: row["category_name"]
        for code, row in _measures().items()
        if code.startswith("children_") and code.removeprefix("children_") in CATEGORIES
    }


def test_a_release_counts_police_incidents_with_and_without_no_apparent_risk() -> None:
    """Prevents police incidents at the lowest risk level from being in no count."""
    recorded = data_set_named("police_recording_by_area")
    every = recorded.get_indicator("incident_count")
    above = recorded.get_indicator("incident_count_above_no_risk")
    assert every.label == NAMES["police_missing_incidents"]
    assert above.label == NAMES["police_missing_incidents_above_no_apparent_risk"]
    left_out = set(every.where["police_risk_level"]) - set(above.where["police_risk_level"])
    assert left_out == {"no_apparent"}


def test_the_two_sources_categories_are_compared_each_by_its_own_name() -> None:
    """Prevents the police's no apparent risk from being published as away."""
    compared = data_set_named("category_agreement")
    police, authority = (
        [item.name for item in compared.get_filter(f"category_{source}").items[1:]]
        for source in ("police", "authority")
    )
    assert police == ["Missing", "No apparent risk or absent"]
    assert authority == ["Missing", NAMES and _measures()["children_away"]["category_name"]]


def test_children_looked_after_are_named_alike_in_a_release() -> None:
    """Prevents a denominator under a name that nobody defines."""
    label = data_set_named("missing_children_by_area").get_indicator("cla_child_count").label
    assert label.removeprefix("Number of ").capitalize() == NAMES["children_looked_after"]


def test_the_site_names_a_count_as_the_seed_does() -> None:
    """Prevents a front page that shows children missing or away as children missing."""
    probe = {column: number for number, column in enumerate(COLUMNS.values())}
    probe |= dict.fromkeys(
        f"over_24_hours_{unit}_count_{end}"
        for unit in ("children", "episode")
        for end in ("lower", "upper")
    )
    named_counts = {
        f"#{name}": str(probe[COLUMNS[code]]) for code, name in NAMES.items() if code in COLUMNS
    }
    texts = read_table_texts()
    for name in ("areas.children", "areas.compared", "measures.measures"):
        for head in texts[name].columns.keys() & named_counts.keys():
            assert texts[name].read_cell(head, probe) == named_counts[head], head
    assert {
        f"#{NAMES['children_missing_or_away']}",
        f"#{NAMES['episodes_missing_or_away']}",
    } <= set(texts["front.counts"].columns)
    assert (MAPPED[0].name, MAPPED[0].count_column) == (
        NAMES["children_missing"],
        COLUMNS["children_missing"],
    )
    assert MAPPED[0].title == f"{NAMES['children_missing']} per 1,000 children"
    assert len(set(texts["measures.measures"].columns) & set(named_counts)) == 6


def test_every_measure_is_shown_in_the_page_of_definitions() -> None:
    """Prevents a count that the page of measures does not define."""
    page = (PROJECT_ROOT / "docs" / "reference" / "measures.md").read_text(encoding="utf-8")
    assert [name for name in NAMES.values() if name.lower() not in page.lower()] == []
    assert json.dumps(sorted(NAMES)) == json.dumps(sorted(set(NAMES)))


def test_every_measure_of_agreement_is_defined(manifest: dict[str, Any]) -> None:
    """Prevents a share or a coefficient of agreement that its page does not define."""
    columns = manifest["nodes"]["model.national_register.agg_agreement_by_area_year"]["columns"]
    measures = {
        name
        for name, column in columns.items()
        if column["data_type"] == "double"
        # How certain a measure is; and its estimate for ranking.
        and not name.endswith(("_lower", "_upper", "_error", "_shrunk"))
    }
    assert len(measures) > 5
    page = (PROJECT_ROOT / "docs" / "explanation" / "agreement-statistics.md").read_text(
        encoding="utf-8"
    )
    assert {name for name in measures if f"`{name}`" not in page} == set()
