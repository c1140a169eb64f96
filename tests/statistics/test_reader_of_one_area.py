"""A reader of the exported site who looks for one local authority, in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from official_statistics.documents import Confidentiality, ReleaseFacts
from official_statistics.export import export_release
from official_statistics.releases import announce
from register.settings import load_settings
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM
from tests.statistics.documents.area_examples import USUAL, write_areas
from tests.statistics.documents.conftest import default_release, done, facts
from tests.statistics.exported_versions import make_version
from tests.statistics.versions import RELEASE_AT, at

__all__ = ["default_release", "done", "facts"]

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

WIDTH, HEIGHT = 1280, 800
# The most screens that a reader has to look at, and the most seconds that three pages may take.
SCREENS, SECONDS = 2, 60
# What a reader of one area looks for: its words on the page, and the column of its figures.
SENTENCE = "In the year ending 31 March 2026, 140 children went missing in Leeds"
RATE, CHANGE = "1.40 (1.18 to 1.65)", "higher"
NEIGHBOUR = "York"


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep requests out of the output of the test."""


@pytest.fixture
def address(
    default_release: Path, facts: ReleaseFacts, done: Confidentiality, tmp_path: Path
) -> Iterator[str]:
    """The address of a web server with the exported site of a release of four authorities."""
    public = tmp_path / "areas" / "public"
    shutil.copytree(default_release, public)
    write_areas(public, USUAL)
    environ = {"REGISTER_HOME": str(tmp_path / "home"), "REGISTER_ENVIRONMENT": "test"}
    settings = load_settings(environ)
    announce(settings, 2026, RELEASE_AT, at(-60))
    version = make_version(settings, public, facts, done)
    export_release(settings, version, tmp_path / "out")
    handler = partial(_QuietHandler, directory=str(tmp_path / "out" / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_reader_finds_an_authority_within_three_links_and_two_screens(address: str) -> None:
    """Prevents a site on which a reader gives up before rate, change, neighbours and quotation."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        start = monotonic()
        page.goto(address)
        for words in ("Read the latest release", "Find a local authority or police force", "Leeds"):
            link = page.get_by_role("link", name=words).first
            # A reader does not look for links below the first screens.
            assert link.bounding_box()["y"] < SCREENS * HEIGHT, words  # type: ignore[index]
            link.click()
        assert page.get_by_role("heading", level=1).inner_text() == "Leeds"
        sought = {
            "sentence": page.get_by_text(SENTENCE).first,
            "rate": page.get_by_role("cell", name=RATE, exact=True).first,
            "change": page.get_by_role("cell", name=CHANGE, exact=True).first,
            "neighbour": page.get_by_role("link", name=NEIGHBOUR, exact=True),
        }
        for name, item in sought.items():
            assert item.is_visible(), name
            box = item.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= SCREENS * HEIGHT, name
        assert monotonic() - start < SECONDS
        browser.close()
