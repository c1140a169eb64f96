"""The exported site in a browser, from a web server: readable by everybody, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

import pytest

from official_statistics.documents import Confidentiality, ReleaseFacts
from official_statistics.export import export_release
from official_statistics.releases import announce
from register.settings import load_settings
from tests.accessibility import WIDTHS, list_page_faults
from tests.docs.page_blocks import measure_page
from tests.docs.sentences import LONGEST
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM
from tests.statistics.documents.conftest import default_release, done, facts
from tests.statistics.exported_versions import make_version
from tests.statistics.versions import RELEASE_AT, at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["default_release", "done", "facts"]

LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
# The width of an A4 page without its margins, in pixels of style sheets.
PAPER_WIDTH = 718
GREATEST_MEAN = 12.0
CUT = """
    [...document.querySelectorAll("main *, header *, footer *")]
        .filter(item => !item.closest(".hidden") && item.getBoundingClientRect().width)
        .filter(item => item.getBoundingClientRect().right > innerWidth + 1
            || (item.matches(".scroll") && item.scrollWidth > item.clientWidth + 1))
        .map(item => item.tagName + " " + item.className + " " + item.textContent.slice(0, 40))
"""


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep requests out of the output of the tests."""


@pytest.fixture
def site(default_release: Path, facts: ReleaseFacts, done: Confidentiality, tmp_path: Path) -> Path:
    """The exported site of two versions, the second with early access."""
    environ = {"REGISTER_HOME": str(tmp_path / "home"), "REGISTER_ENVIRONMENT": "test"}
    settings = load_settings(environ)
    announce(settings, 2026, RELEASE_AT, at(-60))
    make_version(settings, default_release, facts, done)
    version = make_version(settings, default_release, facts, done, number=2)
    export_release(settings, version, tmp_path / "out")
    return tmp_path / "out" / "site"


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The address of a web server that serves the site and does nothing else."""
    handler = partial(_QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser of this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _list_pages(site: Path) -> list[str]:
    """The newest version's pages and the front page, by path. The older has the same pages."""
    paths = [site / "index.html", *sorted((site / "2026" / "v2").rglob("*.html"))]
    return [path.relative_to(site).as_posix() for path in paths]


def _read(address: str) -> str:
    try:
        with urlopen(address) as response:  # noqa: S310 - the server of this test
            return str(response.read().decode("utf-8", errors="replace"))
    except HTTPError:
        return ""


def test_no_link_is_broken(address: str, site: Path) -> None:
    """Prevents a link to a file or heading that is not there, and a page without a link to it."""
    texts: dict[str, str] = {}
    waiting, broken, outside = [address], [], set()
    while waiting:
        place = waiting.pop()
        texts[place] = _read(place)
        for link in re.findall(r'(?:href|src)="([^"]*)"', texts[place]):
            target, anchor = urldefrag(urljoin(place, link))
            if not target.startswith(address):
                outside.add(target)
                continue
            if target not in texts:
                texts[target] = _read(target)
                if target.endswith(".html"):
                    waiting.append(target)
            if not texts[target] or (anchor and f'id="{anchor}"' not in texts[target]):
                broken.append((place, link))
    assert broken == []
    assert outside == {LICENCE, "mailto:statistics@register.example"}
    pages = {address + path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {place for place in texts if place.endswith(".html")} - {address} == pages


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_everybody_can_read_every_page(address: str, site: Path, browser: Browser) -> None:
    """Prevents pages that a screen reader or a telephone cannot show, or that load from outside."""
    requests: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    faults = {}
    for name in _list_pages(site):
        for width in WIDTHS:
            page.goto(address + name)
            if found := list_page_faults(page, width):
                faults[name, width] = found
    assert faults == {}
    pages = {address + name for name in _list_pages(site)}
    assert {each for each in requests if not each.endswith("favicon.ico")} == pages


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_page_prints_on_a4_without_cut_columns(
    address: str, site: Path, browser: Browser
) -> None:
    """Prevents a table or chart whose last columns are missing on paper."""
    context = browser.new_context(viewport={"width": PAPER_WIDTH, "height": 1000})
    page = context.new_page()
    page.emulate_media(media="print")
    for name in _list_pages(site):
        page.goto(address + name)
        assert page.evaluate(CUT) == [], name
    page.goto(f"{address}2026/v2/index.html")
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_page_needs_no_script(address: str, browser: Browser) -> None:
    """Prevents figures that readers without script do not see."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="Read the latest release").click()
    assert page.get_by_role("heading", name="Headlines").is_visible()
    page.get_by_role("link", name="Methodology").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Methodology"
    page.get_by_role("link", name="All releases").click()
    assert page.url == f"{address}index.html"


def test_the_pages_are_in_plain_words(site: Path) -> None:
    """Prevents sentences that readers of statistics have to read twice."""
    for name in _list_pages(site):
        found = measure_page((site / name).read_text(encoding="utf-8"))
        assert found.longest <= LONGEST, (name, found.too_long)
        assert found.mean <= GREATEST_MEAN, (name, found.mean)
