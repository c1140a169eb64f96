"""The pages of areas in a browser: each prints on one sheet, and everybody can read it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from official_statistics.documents import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    find_document_problems,
    write_documents,
)
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM, needs_browser, opened_page
from tests.statistics.documents.area_examples import (
    DERBY,
    HIDDEN,
    HULL,
    IN_CARE,
    LEEDS,
    LONG_NEIGHBOURS,
    NATION,
    NOT_DELIVERED,
    PER_CHILD,
    USUAL,
    YORK,
    describe_rate,
    write_areas,
)
from tests.statistics.documents.conftest import MakeRelease

if TYPE_CHECKING:
    from playwright.sync_api import PdfMargins

pytestmark = needs_browser

MARGINS: PdfMargins = {"top": "10mm", "right": "10mm", "bottom": "10mm", "left": "10mm"}


@pytest.fixture
def written(
    make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality, quality: QualityFacts
) -> Path:
    """The pages of a provisional revision with ten neighbours of long names, and every symbol."""
    public = make_release()
    low = describe_rate("10", "u", ("u", "u"), "c")
    symbols = {(YORK, "2026", PER_CHILD): HIDDEN, (DERBY, "2026", PER_CHILD): low}
    symbols |= {(HULL, "2026", PER_CHILD): NOT_DELIVERED, (NATION, "2026", IN_CARE): HIDDEN}
    write_areas(public, USUAL | symbols, LONG_NEIGHBOURS)
    revised = replace(
        facts,
        provisional_reason="Two local authorities and one police force have not delivered yet.",
        revision="Late deliveries of the year ending 31 March 2025 are counted.",
    )
    write_documents(revised, quality, done, public)
    assert find_document_problems(revised, quality, done, public) == []
    return public / "areas"


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_areas_are_accessible(written: Path, width: int) -> None:
    """Prevents a page that a screen reader or a telephone cannot read."""
    assert list_file_faults(sorted(written.glob("*.html")), width) == {}


def test_the_page_of_an_area_prints_on_one_sheet(written: Path) -> None:
    """Prevents a page that a director cannot take into a meeting."""
    from playwright.sync_api import sync_playwright

    sheets = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = opened_page(browser, has_script=False)
        for path in sorted(written.glob("*.html")):
            page.goto(path.as_uri())
            pdf = page.pdf(format="A4", margin=MARGINS)
            sheets[path.stem] = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
        browser.close()
    assert LEEDS in sheets
    assert {name: count for name, count in sheets.items() if count != 1} == {}
