"""Reviewers' pages: complete, private and readable with no network."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from register.data_keys import KeyRing, make_key
from register.private_files import read_key_id, read_private
from register.publishing import Generation
from register.review.pair_page import render_pair_page, write_pages
from register.review.pairs import CaseLists
from register.settings import Settings
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import CHROMIUM
from tests.review.cases import AUTHORITY_NAME, FORCE, FORCE_NAME, mention_id, pair_id


@pytest.fixture
def page_folder(
    published: tuple[Settings, Generation], case_lists: CaseLists, tmp_path: Path
) -> Path:
    """Pages of every pair for review, in a home of their own."""
    settings = replace(published[0], home=tmp_path / "home")
    return write_pages(settings, case_lists, case_lists.pairs_for_review())


def test_pages_are_for_the_operator_alone(page_folder: Path) -> None:
    """Prevents pages that name children from being read by everybody on the machine."""
    assert page_folder.relative_to(page_folder.parents[2]).parts[:2] == ("operations", "review")
    for each in (page_folder, page_folder.parent, page_folder.parent.parent):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700
    pages = sorted(page_folder.glob("*.html"))
    assert len(pages) > 2
    assert {stat.S_IMODE(page.stat().st_mode) for page in pages} == {0o600}


def test_a_page_holds_both_sides_and_every_weight(case_lists: CaseLists) -> None:
    """Prevents a chart without its figures, and a page that asks anybody for anything."""
    pair = case_lists.read_pair(pair_id("1", "5"))
    page = render_pair_page(case_lists, pair)
    assert page.count("Zoe Sample") == 2
    for weight in case_lists.read_weights(pair.review_pair_id):
        assert f"{weight.weight:+.2f}" in page
    assert f"{pair.match_weight:+.2f}" in page
    assert 'role="img"' in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_names_the_suppliers(case_lists: CaseLists) -> None:
    """Prevents a page on which a reviewer reads codes of forces and authorities."""
    page = render_pair_page(case_lists, case_lists.read_pair(pair_id("2", "4")))
    assert page.count(f"<p><mark>{AUTHORITY_NAME}</mark></p>") == 2
    # The records that keep the two apart have a table of their own.
    assert page.count(f"<p>{FORCE_NAME}</p>") == 1
    assert page.count(f"<p>{AUTHORITY_NAME}</p>") == 1
    assert FORCE not in page
    assert "<p>370</p>" not in page


def test_a_page_says_what_clustering_did_and_what_a_decision_would_move(
    case_lists: CaseLists,
) -> None:
    """Prevents a kept pair from being shown as if it waited to be linked."""
    joined_page = " ".join(
        render_pair_page(case_lists, case_lists.read_pair(pair_id("1", "3"))).split()
    )
    assert "Strong links of other records keep them together" in joined_page
    assert "If they were split, 3 published rows would move" in joined_page
    assert "--decision split" in joined_page
    undone = " ".join(render_pair_page(case_lists, case_lists.read_pair(pair_id("2", "4"))).split())
    assert "a rule forbids that: their identifiers conflict." in undone
    # The record that no page would show otherwise: 1, because of whom 2 and 4 are not one child.
    assert undone.count(mention_id("1")) == 2
    assert "What keeps them apart" not in joined_page
    assert "If they were one child, 11 published rows would move" in undone
    assert "--decision link" in undone


def test_a_pair_that_was_never_scored_has_a_page_too(case_lists: CaseLists) -> None:
    """Prevents an error where somebody decided on two records that nothing compared."""
    pair = replace(case_lists.read_pair(pair_id("1", "5")), review_pair_id="P0000000000000000")
    assert "was not scored" in render_pair_page(case_lists, pair)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: pages are not opened")
def test_the_pages_open_without_a_network_and_without_complaint(page_folder: Path) -> None:
    """Prevents pages that work only where they were written, or not on a narrow screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(offline=True, viewport={"width": 320, "height": 900}).new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto((page_folder / "index.html").as_uri())
        page.get_by_role("link", name=pair_id("2", "5")).click()
        assert page.locator("h1").inner_text() == "Are these two records of one child?"
        chart = page.get_by_role("img", name="Waterfall of the weights")
        assert chart.is_visible()
        # The chart's bars and the table end at the same weight.
        total = page.locator("tr.total td").last.inner_text()
        assert f"{float(total):+.1f}" in str(chart.get_attribute("aria-label"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert complaints == []
        browser.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: pages are not opened")
def test_the_pages_can_be_read_by_everybody(page_folder: Path, width: int) -> None:
    """Prevents pairs that a reviewer with a screen reader, or with poor sight, cannot judge."""
    assert list_file_faults(sorted(page_folder.glob("*.html"))[-3:], width) == {}


def test_pages_are_encrypted_in_an_encrypted_home(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents pages that name children from lying plain in an encrypted home."""
    ring = KeyRing((make_key(),))
    encrypted = replace(settings, data_keys=ring)
    folder = write_pages(encrypted, case_lists, case_lists.pairs_for_review()[:1])
    assert {read_key_id(path) for path in folder.iterdir()} == {ring.current.id}
    assert b"<html" in read_private(ring, folder / "index.html")
