"""The front page and the verdict of a register in which a source has delivered nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from expectations import NOT_APPLICABLE, Result, index_overall_results, measure
from interfaces.quality_site import build_site
from interfaces.quality_site.checks_page import judge_fitness
from interfaces.quality_site.delivered_sources import list_gap_rows
from register.delivery_gaps import find_delivery_gaps
from register.settings import PROJECT_ROOT, Settings
from tests.expectations.reading import Structure

NO_AUTHORITY = "delete from register.dim_deliveries where feed <> 'police_reports'"
NOTHING = "delete from register.dim_deliveries"
NEEDED = {
    NO_AUTHORITY: ("completeness_placements_type", "agreement_counts_add_up"),
    NOTHING: ("completeness_placements_type", "coverage_register_children"),
}


@pytest.mark.parametrize("change", [NO_AUTHORITY, NOTHING])
def test_what_was_never_delivered_is_not_judged(
    published: Callable[..., Settings], change: str
) -> None:
    """Prevents a register from being unfit for use because a source has not delivered yet."""
    settings = published(change)
    results = index_overall_results(list(measure(settings).results))
    for name in NEEDED[change]:
        assert results[name].status == NOT_APPLICABLE, name
        assert results[name].statement.startswith("not delivered: "), name
    is_empty = change == NOTHING
    assert (results["coverage_register_children"].status == NOT_APPLICABLE) == is_empty
    page = build_site(settings).read_text(encoding="utf-8")
    assert "What is delivered, and what is missing" in page
    assert ("<strong>Not delivered.</strong>" in page) == is_empty
    assert ("Month by month" in page) != is_empty
    assert "Known to both sources in" not in page
    assert "Where do the sources agree least" not in page
    checks = (settings.quality / "site" / "suites" / "agreement.html").read_text(encoding="utf-8")
    assert "Not delivered</span>" in checks
    assert "What to deliver next" in checks and "What to deliver next" not in page


def test_a_register_of_a_year_in_progress_shows_that_year(
    published: Callable[..., Settings],
) -> None:
    """Prevents the site of a first month from counting no child in a year without a name."""
    settings = published("update register.dim_deliveries set received_at = timestamp '2020-01-01'")
    page = build_site(settings).read_text(encoding="utf-8")
    assert "Children missing in 2025-26" in page
    area = (settings.quality / "site" / "areas" / "373.html").read_text(encoding="utf-8")
    assert "In 2025-26" in area


@pytest.mark.parametrize(("month", "year"), [("2026-03-31", "2025-26"), ("2026-04-01", "2026-27")])
def test_the_site_shows_a_year_that_somebody_delivered(
    published: Callable[..., Settings], month: str, year: str
) -> None:
    """Prevents old absences of a first extract from standing for a year without deliveries."""
    settings = published(
        "insert into agreement.agg_measures_by_area_year by name select * replace"
        " ('2026-27' as collection_year) from agreement.agg_measures_by_area_year"
        " where collection_year = '2025-26'",
        "update quality.agg_supplier_coverage_by_period"
        f" set period_start = date '{month}', period_end = date '{month}'",
    )
    assert f"Children missing in {year}" in build_site(settings).read_text(encoding="utf-8")


def test_a_supplier_of_a_part_is_asked_for_the_rest(published: Callable[..., Settings]) -> None:
    """Prevents a page that denies the month that a supplier of quarters has delivered."""
    settings = published(
        "update quality.agg_silent_suppliers_by_feed set last_coverage_code = 'in_part'"
    )
    build_site(settings)
    area = (settings.quality / "site" / "areas" / "373.html").read_text(encoding="utf-8")
    assert "Only a part has arrived of the periods due since 2026-01-30" in area


def test_a_register_of_both_sources_shows_its_figures_first(read: dict[str, Structure]) -> None:
    """Prevents a table of deliveries before the figures that a whole country waits for."""
    titles = [" ".join(item.text.split()) for item in read["index.html"].all("h2")]
    assert "Known to both sources in 2025-26" in titles
    assert "What is delivered, and what is missing" not in titles


def test_the_verdict_names_what_is_not_delivered() -> None:
    """Prevents "fit for use" from being read as a judgement of both sources."""
    row = {"feed": "police_reports", "supplier_code": "E23000018", "period": "2026-05"}
    row |= {"status": "current", "period_start": None, "period_end": None}
    passed: list[Result] = []
    gaps = find_delivery_gaps(PROJECT_ROOT / "seeds", [row])
    verdict = judge_fitness(passed, gaps)
    assert verdict.heading == "Fit for use"
    assert "Not delivered: extracts of local authorities" in verdict.explanation
    texts = [(each["source"], each["used"]) for each in list_gap_rows(gaps)]
    assert texts[:2] == [
        ("police reports", "2026-05"),
        ("extracts of local authorities", "not delivered"),
    ]
