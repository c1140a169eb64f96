"""An auditor with a browser and no network reads the site from the front page to the source."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: the site is not opened"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the machine's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


class Watch:
    """What a page asked for and complained of while it was open."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))


def _page(browser: Browser, width: int = 1100) -> Page:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    return context.new_page()


def test_every_page_opens_without_a_network_and_without_complaint(
    browser: Browser, site: Path
) -> None:
    """Prevents a site that works only where it was built."""
    page = _page(browser)
    watch = Watch(page)
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text()
        assert page.locator("main").evaluate("element => getComputedStyle(element).display")
    assert watch.complaints == []
    assert {url.split(":")[0] for url in watch.requests} <= {"file", "data"}


def test_an_auditor_walks_from_the_verdict_to_the_rows(browser: Browser, site: Path) -> None:
    """Prevents a figure from which nobody gets to the file behind it."""
    page = _page(browser)
    page.goto((site / "index.html").as_uri())
    assert page.locator(".verdict .word").inner_text() == "Not fit for use"
    page.locator(".verdict").get_by_role(
        "link", name="Few absences that the authority should hold are known to the police only."
    ).click()
    assert page.url.endswith("suites/agreement.html#agreement_police_only")
    article = page.locator("article#agreement_police_only")
    article.get_by_text("Where these figures come from").click()
    assert article.get_by_text("register trace <agreement_id>").is_visible()
    assert article.get_by_text("agreement.fct_agreement", exact=True).is_visible()
    article.get_by_role("link", name="Steelford").click()
    assert page.locator("h1").inner_text() == "Steelford"
    assert page.get_by_text("Late", exact=True).last.is_visible()


def test_which_suppliers_are_late_and_what_was_rejected_is_two_clicks_away(
    browser: Browser, site: Path
) -> None:
    """Prevents questions that an auditor asks first from being answered last."""
    page = _page(browser)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Which deliveries were rejected or held, and why").click()
    assert page.get_by_text("The file is not well-formed XML").is_visible()
    page.get_by_role("link", name="Suppliers", exact=True).click()
    row = page.get_by_role("row").filter(has_text="Steelford")
    assert row.get_by_role("cell").nth(2).inner_text() == "1"


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: Path) -> None:
    """Prevents a reader without a mouse from passing every link of the navigation."""
    page = _page(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_a_narrow_screen_does_not_scroll_sideways(browser: Browser, site: Path) -> None:
    """Prevents pages that cannot be read enlarged: wide tables scroll by themselves."""
    page = _page(browser, width=320)
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, (path.name, width)


def test_the_front_page_prints(browser: Browser, site: Path) -> None:
    """Prevents a printed page that begins with a navigation nobody can click."""
    page = _page(browser)
    page.goto((site / "index.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav.site").is_visible()
    assert page.locator(".verdict").is_visible()
    assert page.pdf().startswith(b"%PDF")
