"""Two signatories, each in a browser, take a release from its check to its withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from official_statistics.releases import (
    Change,
    announce,
    latest_version,
    list_signers,
    read_practice,
    verify_all,
    verify_signatures,
)
from tests.accessibility import WIDTHS, list_page_faults
from tests.statistics.versions import version_in_state
from tests.web.test_two_reviewers import CHROMIUM, Served, browser, served, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "served", "sign_in"]
PASSPHRASE = "three invented words"
pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: no browser to open"),
]


@pytest.fixture(autouse=True)
def signatories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Carol is the producer, and Dan the head of profession, of the application as it is served."""
    people = "carol=producer dan=head_of_profession"
    monkeypatch.setenv("REGISTER_STATISTICS_SIGNATORIES", people)


def _sign(page: Page, link: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()
    page.get_by_label("Passphrase of your signing key").fill(PASSPHRASE)
    page.get_by_role("button", name=link, exact=True).click()


def test_two_people_release_and_withdraw_in_browsers(
    served: Served, sign_in: Callable[..., Page]
) -> None:
    """Prevents pages of releases that only a test's own browser can use, or that exclude people."""
    home = replace(served.settings, signatories={"carol": "producer", "dan": "head_of_profession"})
    soon = datetime.now(UTC) + timedelta(seconds=1)
    # Nobody signs this announcement: it only brings the release to its hour.
    change = Change("A test", "Ann Hill")
    announce(replace(home, signatories={}), 2026, soon, read_practice(), change)
    version = version_in_state(replace(home, signatories={}), "checked")
    carol, dan = sign_in("carol"), sign_in("dan")
    place = f"{served.address}/releases"
    faults: dict[tuple[str, int], list[str]] = {}

    def note_faults(page: Page) -> None:
        for width in WIDTHS:
            if found := list_page_faults(page, width):
                faults[page.url, width] = found

    for page in (carol, dan):
        page.goto(f"{place}/key")
        note_faults(page)
        page.get_by_label("New passphrase").fill(PASSPHRASE)
        page.get_by_label("The same passphrase again").fill(PASSPHRASE)
        page.get_by_role("button", name="Make your key").click()
    for form in ("draft", "announce"):
        carol.goto(f"{place}/{form}")
        note_faults(carol)
    carol.goto(f"{place}/2026/1")
    note_faults(carol)
    carol.goto(f"{place}/2026/1/steps/sign")
    note_faults(carol)
    carol.goto(f"{place}/2026/1")
    _sign(carol, "Sign")
    dan.goto(f"{place}/2026/1")
    _sign(dan, "Approve")
    carol.goto(f"{place}/2026/1/steps/publish")
    carol.get_by_role("button", name="Publish").click()
    assert latest_version(home) == version
    carol.get_by_role("link", name="Ask to withdraw").click()
    carol.get_by_label("Why").fill("A wrong table")
    carol.get_by_role("button", name="Ask to withdraw").click()
    dan.goto(place)
    note_faults(dan)
    dan.get_by_role("link", name="Look at the request").click()
    note_faults(dan)
    dan.get_by_label("Passphrase of your signing key").fill(PASSPHRASE)
    dan.get_by_role("button", name="Approve", exact=True).click()
    assert (version.state, latest_version(home)) == ("withdrawn", None)
    assert (verify_all(home), verify_signatures(home, list_signers(home))) == ([], [])
    assert faults == {}
