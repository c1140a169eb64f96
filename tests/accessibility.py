"""Opens built pages in a browser, and lists what a screen reader or a narrow screen cannot read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM, opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# A desk and a telephone.
WIDTHS = (1280, 390)


def list_page_faults(page: Page, width: int) -> list[str]:
    """List the broken rules of axe on an open page, and whether the page scrolls sideways."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    # Colours that are still fading in have too little contrast for a moment.
    page.evaluate("document.getAnimations().forEach(each => each.cancel())")
    results = Axe().run(page)
    faults = [results.generate_report()] if results.violations_count else []
    wide = page.evaluate("document.documentElement.scrollWidth")
    return faults + ([f"{wide} pixels wide on a screen of {width}"] if wide > width else [])


def list_file_faults(paths: Iterable[Path], width: int) -> dict[str, list[str]]:
    """List the faults of pages that are files, in a browser of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        faults = list_faults_in_browser(browser, paths, width)
        browser.close()
    return faults


def list_faults_in_browser(
    browser: Browser, paths: Iterable[Path], width: int
) -> dict[str, list[str]]:
    """List the faults of pages that are files, with every folded part open."""
    faults = {}
    page = opened_page(browser)
    for path in paths:
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        page.evaluate(
            "document.querySelectorAll('main details').forEach(item => { item.open = true })"
        )
        if result := list_page_faults(page, width):
            faults[path.name] = result
    return faults
