"""Every table is searched, sorted, filtered and downloaded by one script, and read without."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook

from interfaces.quality_site.rendering import SCRIPT
from tests.expectations.reading import Structure
from tests.expectations.site.browsing import needs_browser, opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needs_browser
CAPTION = "Local authorities in 2025-26"


def _areas(browser: Browser, site: Path, has_script: bool = True) -> Page:
    page = opened_page(browser, has_script=has_script)
    page.goto((site / "areas" / "index.html").as_uri())
    return page


def _tools(page: Page) -> Locator:
    tools = page.locator("#authority ~ details.tools").first
    tools.locator("summary").click()
    return tools


def _names(page: Page) -> list[str]:
    rows = page.get_by_role("table", name=CAPTION).locator("tbody tr:visible th")
    return rows.all_inner_texts()


def test_the_policy_lets_our_script_alone_run(site: Path, read: dict[str, Structure]) -> None:
    """Prevents a page on which anything but this one script runs or is loaded."""
    text = SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    for name, page in read.items():
        (policy,) = [
            item.attributes["content"]
            for item in page.all("meta")
            if item.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}';" in policy, name
        scripts = re.findall("<script>(.*?)</script>", (site / name).read_text("utf-8"), re.DOTALL)
        assert scripts == [text], name


def test_a_script_that_is_not_ours_does_not_run(browser: Browser, site: Path) -> None:
    """Prevents text of a delivery from running as a script, should it ever reach a page."""
    page = _areas(browser, site)
    page.evaluate(
        "const one = document.createElement('script'); one.textContent = 'window.ran = true';"
        "document.body.append(one)"
    )
    assert page.evaluate("window.ran") is None


def test_a_table_is_searched_and_sorted(browser: Browser, site: Path) -> None:
    """Prevents a table of 153 rows in which an area is looked for by eye."""
    page = _areas(browser, site)
    tools = _tools(page)
    assert _names(page) == ["North <b>&</b> South", "Steelford"]
    table = page.get_by_role("table", name=CAPTION)
    table.get_by_role("button", name="Children missing").click()
    table.get_by_role("button", name="Children missing").click()
    assert _names(page) == ["Steelford", "North <b>&</b> South"]
    heading = table.get_by_role("columnheader", name="Children missing")
    assert heading.get_attribute("aria-sort") == "descending"
    tools.get_by_label("Search").fill("steel")
    assert _names(page) == ["Steelford"]
    assert tools.get_by_role("status").inner_text() == "1 of 2 rows"


def test_a_table_is_filtered_by_a_column(browser: Browser, site: Path) -> None:
    """Prevents a list of deliveries in which one feed cannot be looked at alone."""
    page = opened_page(browser)
    page.goto((site / "suppliers" / "373.html").as_uri())
    tools = page.locator("#tolerances ~ details.tools").first
    if not tools.evaluate("element => element.open"):
        tools.locator("summary").click()
    tools.get_by_label("Result").select_option("Outside (warning)")
    rows = page.get_by_role("table", name="What was judged for this supplier")
    results = rows.locator("tbody tr:visible td:nth-child(2)").all_inner_texts()
    assert results and set(results) == {"Outside (warning)"}


def test_what_is_shown_is_downloaded_as_csv(browser: Browser, site: Path, tmp_path: Path) -> None:
    """Prevents figures that are typed off a page, and a cell that a spreadsheet runs."""
    page = _areas(browser, site)
    tools = _tools(page)
    tools.get_by_label("Search").fill("steel")
    with page.expect_download() as waiting:
        tools.get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == "local-authorities-in-2025-26.csv"
    waiting.value.save_as(tmp_path / "table.csv")
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8-sig").split("\n")
    beside = '"Per 1,000 children (95% interval)","Change from the year before"'
    assert lines[0].startswith(f'"Area","Children missing",{beside}')
    assert lines[1].startswith('"Steelford","21","3.50 (2.80 to 4.20)","no clear change",')
    assert len([line for line in lines if line.strip()]) == 2


def test_what_is_shown_is_downloaded_as_a_workbook(
    browser: Browser, site: Path, tmp_path: Path
) -> None:
    """Prevents a workbook that Excel repairs, or whose figures are texts that do not add up."""
    page = _areas(browser, site)
    tools = _tools(page)
    tools.get_by_label("Search").fill("north")
    with page.expect_download() as waiting:
        tools.get_by_role("button", name="Download XLSX").click()
    assert waiting.value.suggested_filename == "local-authorities-in-2025-26.xlsx"
    waiting.value.save_as(tmp_path / "table.xlsx")
    with zipfile.ZipFile(tmp_path / "table.xlsx") as archive:
        assert archive.testzip() is None
    (sheet,) = load_workbook(tmp_path / "table.xlsx").worksheets
    head, *rows = sheet.iter_rows()
    table = page.get_by_role("table", name=CAPTION)
    assert [cell.value for cell in head] == table.locator("thead th").all_inner_texts()
    (row,) = rows
    shown = table.locator("tbody tr:visible").locator("th, td").all_inner_texts()
    assert row[0].value == shown[0] == "North <b>&</b> South"
    assert row[1].value == int(shown[1])


def test_a_share_is_a_number_in_the_workbook(browser: Browser, site: Path, tmp_path: Path) -> None:
    """Prevents percentages that a spreadsheet cannot average."""
    page = opened_page(browser)
    page.goto((site / "agreement.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    share = re.compile(r"^\d+\.\d%$")
    cells = page.locator("td.number").filter(has_text=share)
    table = page.locator("details.tools + .scroll table").filter(has=cells).first
    shown = [text for text in table.locator("td.number").all_inner_texts() if share.match(text)]
    tools = table.locator("xpath=ancestor::div[1]/preceding-sibling::details[1]")
    with page.expect_download() as waiting:
        tools.get_by_role("button", name="Download XLSX").click()
    waiting.value.save_as(tmp_path / "table.xlsx")
    (sheet,) = load_workbook(tmp_path / "table.xlsx").worksheets
    saved = [cell for row in sheet.iter_rows() for cell in row if cell.number_format == "0.0%"]
    assert [f"{cell.value:.1%}" for cell in saved] == shown != []


def test_everything_is_read_without_the_script(browser: Browser, site: Path) -> None:
    """Prevents a table that is empty where scripts do not run."""
    page = _areas(browser, site, has_script=False)
    assert _names(page) == ["North <b>&</b> South", "Steelford"]
    assert page.locator("details.tools, button").count() == 0
