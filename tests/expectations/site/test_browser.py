"""An auditor with a browser and no network reads the site from the front page to the source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.accessibility import WIDTHS, list_faults_in_browser
from tests.expectations.site.browsing import front_page, needs_browser, opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser


class Watch:
    """What a page asked for and complained of while it was open."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))


def _pages(site: Path, kind: str) -> list[Path]:
    """Every page of the site, or one of each folder below it, whose pages are made alike."""
    pages = sorted(site.rglob("*.html"))
    if kind == "all":
        return pages
    one_each = {path if path.parent == site else path.parent: path for path in pages}
    return list(one_each.values())


EXTENT = pytest.mark.parametrize("kind", ["each", pytest.param("all", marks=pytest.mark.drill)])


@EXTENT
def test_every_page_opens_without_a_network_and_without_complaint(
    browser: Browser, site: Path, kind: str
) -> None:
    """Prevents a site that works only where it was built."""
    page = opened_page(browser)
    watch = Watch(page)
    for path in _pages(site, kind):
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text()
        assert page.locator("main").evaluate("element => getComputedStyle(element).display")
    assert watch.complaints == []
    assert {url.split(":")[0] for url in watch.requests} <= {"file", "data"}


def _cells(page: Page, caption: str, row: str) -> list[str]:
    """The cells of the first row of a table with this text."""
    table = page.get_by_role("table", name=caption, exact=True)
    return table.get_by_role("row").filter(has_text=row).first.get_by_role("cell").all_inner_texts()


def test_an_auditor_walks_from_the_verdict_to_the_rows(browser: Browser, site: Path) -> None:
    """Prevents a verdict without a way to the results against it, and to their suppliers."""
    page = front_page(browser, site)
    page.get_by_role("link", name="All checks, and those outside tolerance").click()
    assert page.locator(".verdict .word").inner_text() == "Not fit for use"
    page.locator(".verdict").get_by_role(
        "link",
        name="Few absences that both sources should record were recorded by the police only.",
    ).click()
    assert page.url.endswith("suites/agreement.html#agreement_police_only")
    article = page.locator("article#agreement_police_only")
    article.get_by_text("Where these figures come from").click()
    assert article.get_by_text("register trace --mart agreement.fct_agreement").is_visible()
    article.get_by_role("link", name="Steelford").click()
    assert page.locator("h1").inner_text() == "Steelford"
    assert page.get_by_text("Late", exact=True).last.is_visible()


def test_how_many_children_by_each_source_and_by_both(browser: Browser, site: Path) -> None:
    """Prevents the register's first question from needing an analyst."""
    page = front_page(browser, site)
    page.get_by_role("link", name="How many children went missing, by each source").click()
    assert page.url.endswith("index.html#children")
    cells = _cells(page, "Children by the source that reported an absence", "Every child")
    # Of 40 children 38 are known to the police and 31 to an authority: 29 to both.
    delivered = "in progress: police to 2026-03-31, authorities to 2025-12-31"
    assert cells == [delivered, "Every child", "38", "31", "29", "40", "80"]


def test_where_the_sources_agree_least_and_why(browser: Browser, site: Path) -> None:
    """Prevents a ranking without intervals, and a low place without a reason."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Where do the sources agree least, and why?").click()
    assert page.locator("#least").inner_text() == "Where the sources agree least"
    cells = _cells(page, "The 5 authorities that agree least, and why", "Steelford")
    assert cells[1] == "86.7% (80.7% to 90.7%)"
    assert cells[3].startswith("D0 Unexplained (")
    page.get_by_role("table", name="The 5 authorities that agree least").get_by_role(
        "link", name="Steelford"
    ).click()
    assert page.locator("h1").inner_text() == "Steelford"
    caption = "This area compared with the authorities of its region in 2025-26"
    page.get_by_role("heading", name="Compared with others").click()
    compared = _cells(page, caption, "Steelford")
    assert compared[7] == "86.7% (80.7% to 90.7%)"
    page.get_by_role("heading", name="Why the two sources differ").click()
    assert _cells(page, "Reasons in 2025-26, the commonest first", "D0")[0] == "Unexplained"


def test_how_sure_we_are(browser: Browser, site: Path) -> None:
    """Prevents figures of linkage without the interval and without what they are measured by."""
    page = front_page(browser, site)
    page.get_by_role("link", name="How sure are we?").click()
    cells = _cells(page, "Precision and recall of linkage as a whole", "Central")
    assert cells[1] == "the truth of this simulated home"
    assert cells[2] == "99.0% (98.0% to 99.5%)"
    assert _cells(page, "Precision and recall by sex", "Female")[0] == "99.2% (98.2% to 99.7%)"


def test_which_suppliers_are_late_and_what_was_rejected_and_why(
    browser: Browser, site: Path
) -> None:
    """Prevents questions that an auditor asks first from being answered last."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Which suppliers are late?").click()
    cells = _cells(page, "The newest periods late or missing, at most 25", "Steelford")
    assert cells[-1] == "delivered late"
    page = front_page(browser, site)
    page.get_by_role("link", name="What was rejected, and why?").click()
    assert "The file is not well-formed XML" in _cells(page, "Rejected", "Ridings Police")
    page.get_by_role("link", name="Suppliers", exact=True).click()
    assert _cells(page, "Local authorities", "Steelford")[2] == "1"


def test_a_figure_leads_to_the_line_of_the_file(browser: Browser, site: Path) -> None:
    """Prevents a figure whose file cannot be found: the last step of every audit."""
    page = front_page(browser, site)
    page.get_by_role("link", name="Which line of which file is behind a figure?").click()
    page.get_by_role("link", name="rows of North").first.click()
    caption = "Known to both: 28 absences, with one row of this table for each report"
    rows = page.get_by_role("table", name=caption).get_by_role("row").all_inner_texts()
    assert any(
        "police_reports-E23000011-2025-10-bbbbbbbbbbbb" in row and "police.csv\t3" in row
        for row in rows
    )
    page.get_by_role("link", name="authority_extract-213-2025-Q4-cccccccccccc").first.click()
    assert page.get_by_text("authority_extract-213-2026-Q1-999999999999").is_visible()


def test_what_changed_since_the_last_load_and_why(browser: Browser, site: Path) -> None:
    """Prevents a figure that moves overnight without anybody knowing by which delivery."""
    page = front_page(browser, site)
    page.get_by_role("link", name="What changed since the last load, and why?").click()
    replaced = _cells(page, "New deliveries, and what they replaced", "2026-Q1")
    assert replaced == [
        "authority_extract-213-2026-Q1-999999999999",
        "Accepted",
        "authority_extract-213-2025-Q4-cccccccccccc",
    ]
    moved = _cells(page, "Figures that changed most, by authority and year", "Steelford")
    assert moved[1] == "28 \N{RIGHTWARDS ARROW} 0"
    assert "police_reports-E23000001-2025-11-888888888888" in moved[-1]


@EXTENT
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_passes_an_automated_check_of_accessibility(
    browser: Browser, site: Path, kind: str, width: int
) -> None:
    """Prevents pages that a reader with a screen reader, or with poor sight, cannot use."""
    assert list_faults_in_browser(browser, _pages(site, kind), width) == {}


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: Path) -> None:
    """Prevents a reader without a mouse from passing every link of the navigation."""
    page = opened_page(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


@EXTENT
def test_a_narrow_screen_does_not_scroll_sideways(browser: Browser, site: Path, kind: str) -> None:
    """Prevents pages that cannot be read enlarged: wide tables scroll by themselves."""
    page = opened_page(browser, width=320)
    for path in _pages(site, kind):
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, (path.name, width)


def test_the_front_page_prints(browser: Browser, site: Path) -> None:
    """Prevents a printed page that begins with a navigation that cannot be clicked."""
    page = opened_page(browser)
    page.goto((site / "index.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav.site").is_visible()
    assert page.locator(".verdict-line").is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_what_is_folded_on_the_screen_is_there_on_paper(browser: Browser, site: Path) -> None:
    """Prevents a print-out that lacks the tables which a reader would have opened."""
    page = opened_page(browser)
    page.goto((site / "agreement.html").as_uri())
    folded = page.locator("details:not(.source) table")
    assert folded.count() and not folded.first.is_visible()
    page.emulate_media(media="print")
    assert all(folded.nth(place).is_visible() for place in range(folded.count()))
