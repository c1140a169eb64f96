"""Ten questions of an auditor, and ten kinds of figure, answered from the site by clicks alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.expectations.conftest import HASH
from tests.expectations.site.browsing import front_page, needs_browser, opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [*needs_browser, pytest.mark.drill]
EXTRACT = "authority_extract-213-2025-Q4-cccccccccccc"
# A click on the heading of a folded part of an area's page.
UNFOLD = "the part of the page"
DETAILS = "Where these figures come from"
ROWS = "Rows behind these figures, with delivery, file and line"
OF_AN_AREA = "rows of Steelford"
MOST_CLICKS = 4
# The kind of figure, the page and section in which it is, and the clicks from there to a line. A
# click on `Where these figures come from` opens what is folded under the figure.
FIGURES = (
    ("children missing", "index.html", "", ("Children missing in", OF_AN_AREA)),
    ("known to both", "index.html", "", ("Known to both sources in", OF_AN_AREA)),
    ("children of a month", "index.html", "months", (DETAILS, ROWS, OF_AN_AREA)),
    ("children of an area", "areas/373.html", "children", (UNFOLD, DETAILS, ROWS)),
    ("agreement of an area", "areas/373.html", "agreement", (UNFOLD, DETAILS, ROWS)),
    ("harm", "areas/373.html", "police-facts", (UNFOLD, DETAILS, ROWS)),
    ("interviews", "areas/E92000001.html", "interviews", (UNFOLD, DETAILS, ROWS, OF_AN_AREA)),
    ("reasons", "agreement.html", "why", (DETAILS, ROWS, OF_AN_AREA)),
    ("rules broken", "suppliers/213.html", "rules", ("567",)),
    ("deliveries", "deliveries.html", "all", ("authority_return-213-2025-26-eeeeeeeeeeee",)),
)


def _click(page: Page, section: str, name: str) -> None:
    """Click a link or what folds, in the section that begins with a heading."""
    scope = page.locator("main")
    if name == UNFOLD:
        page.locator(f"details.folded:has(#{section}) > summary").click()
        return
    if name == DETAILS:
        sources = page.locator(f"#{section} ~ details.source, #{section} > details.source")
        sources.locator("summary").first.click()
        return
    links = scope.get_by_role("link", name=name)
    if section:
        after = page.locator(f"#{section} ~ *").get_by_role("link", name=name)
        links = after if after.count() else links
    links.first.click()


@pytest.mark.parametrize(
    ("path", "section", "clicks"), [figure[1:] for figure in FIGURES], ids=[f[0] for f in FIGURES]
)
def test_a_figure_leads_to_a_line_by_few_clicks(
    browser: Browser, site: Path, path: str, section: str, clicks: Sequence[str]
) -> None:
    """Prevents a figure whose lines are reached only by a command, or by many pages."""
    page = opened_page(browser)
    page.goto((site / path).as_uri())
    assert len(clicks) <= MOST_CLICKS
    for place, name in enumerate(clicks):
        _click(page, section if place == 0 or name == DETAILS else "", name)
    line = page.locator("tbody tr").filter(has_text=".csv").first
    assert line.is_visible()
    assert line.locator("td").filter(has_text=".csv").count() == 1


def _facts(page: Page) -> dict[str, str]:
    terms = page.locator("dl.facts dt").all_inner_texts()
    values = page.locator("dl.facts dd").all_inner_texts()
    return dict(zip(terms, values, strict=True))


def _delivery(browser: Browser, site: Path, delivery: str) -> Page:
    """From the front page to a delivery, as an auditor looks for one."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Deliveries", exact=True).click()
    page.locator("#all ~ *").get_by_role("link", name=delivery).first.click()
    return page


def test_when_was_a_delivery_received_and_in_what_state_is_it(browser: Browser, site: Path) -> None:
    """Prevents a delivery of which the site knows the id alone."""
    facts = _facts(_delivery(browser, site, EXTRACT))
    assert facts["Received"] == "2026-01-10 09:00 UTC"
    assert (facts["Outcome"], facts["State"]) == ("Accepted", "Superseded")


def test_is_this_file_the_one_that_was_loaded(browser: Browser, site: Path) -> None:
    """Prevents a delivered file that cannot be told from another."""
    assert _facts(_delivery(browser, site, EXTRACT))["Hash of the content (SHA-256)"] == HASH


def test_which_delivery_counts_in_the_place_of_another(browser: Browser, site: Path) -> None:
    """Prevents a superseded delivery without its successor."""
    page = _delivery(browser, site, EXTRACT)
    page.locator("dl.facts").get_by_role("link", name="2026-Q1").click()
    assert _facts(page)["State"] == "Current"


def test_why_was_a_delivery_rejected_and_what_is_to_be_put_right(
    browser: Browser, site: Path
) -> None:
    """Prevents a rejection without its rule."""
    page = front_page(browser, site)
    page.get_by_role("link", name="What was rejected, and why?").click()
    page.get_by_role("link", name="The file is not well-formed XML").first.click()
    assert page.locator("h1").inner_text() == "Rule: Malformed xml"
    assert "What to put right" in _facts(page)
    assert page.get_by_role("link", name="police_reports-E23000011-2025-11").first.is_visible()


def test_which_lines_break_a_rule(browser: Browser, site: Path) -> None:
    """Prevents a rule whose breaches are a number."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Deliveries", exact=True).click()
    page.get_by_role("link", name="Every rule, what it means").click()
    page.get_by_role("link", name="567").click()
    assert "missing.csv\t7" in page.locator("tbody tr").first.inner_text()


def test_does_the_list_have_as_many_rows_as_the_figure(browser: Browser, site: Path) -> None:
    """Prevents a list beside a figure that counts something else."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Known to both sources in").click()
    page.get_by_role("link", name="rows of North").first.click()
    table = page.get_by_role("table", name="Known to both: 28 absences")
    places = table.locator("tbody th").all_inner_texts()
    assert len(set(places)) == 28


def test_how_does_an_area_compare_with_its_peers(browser: Browser, site: Path) -> None:
    """Prevents a comparison that an auditor has to make by hand."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Steelford").first.click()
    assert page.locator("h1").inner_text() == "Steelford"
    page.get_by_role("heading", name="Compared with others").click()
    table = page.get_by_role("table", name="This area compared with the authorities of its region")
    assert table.get_by_role("rowheader").count() >= 2


def test_what_is_tolerated_why_and_who_decided(browser: Browser, site: Path) -> None:
    """Prevents a red box without its reason and owner."""
    page = front_page(browser, site)
    page.get_by_role("link", name="All checks, and those outside tolerance").click()
    page.locator(".verdict a").first.click()
    article = page.locator("article.expectation:target")
    text = article.inner_text()
    assert "Publication lead" in text
    assert "A key that leads nowhere drops rows from every joined figure." in text


def test_who_is_late_and_with_what(browser: Browser, site: Path) -> None:
    """Prevents a supplier that is late unseen."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Which suppliers are late?").click()
    table = page.get_by_role("table", name="The newest periods late or missing")
    assert "2026-01-12\tdelivered late" in table.locator("tbody tr").first.inner_text()


def test_which_delivery_moved_a_figure_since_the_last_load(browser: Browser, site: Path) -> None:
    """Prevents a figure that moves overnight, and a cause that cannot be opened."""
    page = front_page(browser, site)
    page.get_by_role("link", name="What changed since the last load, and why?").click()
    table = page.get_by_role("table", name="Figures that changed most, by authority and year")
    table.get_by_role("link", name="police_reports-E23000001-2025-11-888888888888").first.click()
    assert _facts(page)["Received"] == "2026-06-11 09:00 UTC"
