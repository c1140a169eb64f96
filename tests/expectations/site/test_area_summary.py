"""The first part of an area's page, in a browser: it prints on one sheet, and the rest unfolds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.expectations.site.browsing import needs_browser, opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser

CODES = ("213", "373", "E23000001", "E92000001")


@pytest.mark.parametrize("code", CODES)
def test_an_area_s_first_part_prints_on_one_sheet(browser: Browser, site: Path, code: str) -> None:
    """Prevents a page that a director cannot take into a meeting."""
    page = opened_page(browser)
    page.goto((site / "areas" / f"{code}.html").as_uri())
    assert _count_sheets(page) == 1
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    assert _count_sheets(page) > 1


def _count_sheets(page: Page) -> int:
    """The sheets of A4 that a page prints on, with the margins that browsers leave."""
    pdf = page.pdf(
        format="A4", margin={"top": "10mm", "right": "10mm", "bottom": "10mm", "left": "10mm"}
    )
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def test_the_rest_unfolds_without_a_script(browser: Browser, site: Path) -> None:
    """Prevents figures that are hidden where scripts do not run."""
    page = opened_page(browser, has_script=False)
    page.goto((site / "areas" / "373.html").as_uri())
    table = page.get_by_role("table", name="Children and absences by collection year")
    assert page.get_by_role("table", name="Comparison for 2025-26").is_visible()
    assert not table.is_visible()
    page.get_by_role("heading", name="Children and absences").click()
    assert table.is_visible()


def test_a_link_to_a_folded_part_unfolds_it(browser: Browser, site: Path) -> None:
    """Prevents a link that leads to a heading and shows nothing."""
    page = opened_page(browser, has_script=False)
    page.goto((site / "areas" / "373.html").as_uri() + "#peers")
    caption = "This area compared with the authorities of its region in 2025-26"
    page.get_by_role("table", name=caption).wait_for()
