"""The report as a page: complete, accessible, and a page of progress before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from suppression_attack.__main__ import main
from suppression_attack.html_report import ProgressPage, build_page
from suppression_attack.report import Finding, Report

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def report() -> Report:
    """A report with a key that looks like markup."""
    report = Report(("r",), findings=[Finding("children", "r: <b>201</b>", "exact", "3 to 3")])
    report.cells["children"], report.hidden["children"] = 1_200, 4
    return report


def test_the_page_has_every_finding_and_loads_nothing(report: Report) -> None:
    """Prevents a report that leaves findings out, or that a firewall breaks."""
    page = build_page(report)
    assert "&lt;b&gt;201&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "Not safe to publish" in page
    assert "1,200" in page
    assert not re.search(r"(src|href)=|url\(|<script", page)
    assert "@media print" in page


def test_the_page_shows_the_progress_until_the_report_replaces_it(
    report: Report, tmp_path: Path
) -> None:
    """Prevents minutes in which nobody knows whether the attack goes on."""
    page = ProgressPage(tmp_path / "report.html")
    page.add_step("part 1: 30 counts")
    running = page.path.read_text(encoding="utf-8")
    assert "part 1: 30 counts" in running
    assert "http-equiv='refresh'" in running
    page.show_report(report)
    done = page.path.read_text(encoding="utf-8")
    assert "refresh" not in done
    assert list(tmp_path.iterdir()) == [page.path]


@pytest.mark.slow
def test_the_page_is_accessible(report: Report, tmp_path: Path) -> None:
    """Prevents a report that some readers cannot read."""
    if not CHROMIUM.is_file():
        pytest.skip("there is no Chromium here")
    path = tmp_path / "report.html"
    path.write_text(build_page(report), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        results = Axe().run(page)
        browser.close()
    assert results.violations_count == 0, results.generate_report()


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """Prevents an option that nobody connected."""
    (tmp_path / "release").mkdir()
    example = Path(__file__).parents[2] / "suppression_attack" / "example" / "exclusions.csv"
    release = tmp_path / "release"
    (release / "exclusions.csv").write_bytes(example.read_bytes())
    main(["draft", str(release / "exclusions.csv"), "--output", str(release / "ties.yaml")])
    page = tmp_path / "report.html"
    assert main([str(release), "--insider", "N1,N2", "--html", str(page)]) == 1
    assert "Too narrow: 8" in page.read_text(encoding="utf-8")
