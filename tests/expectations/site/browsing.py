"""Opens the site in a headless Chromium of the machine's own, without a network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

needs_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: the site is not opened"),
]


def opened_page(browser: Browser, width: int = 1100, has_script: bool = True) -> Page:
    """A page of a browser without a network; `has_script` False: nothing of ours runs either."""
    context = browser.new_context(
        offline=True, viewport={"width": width, "height": 900}, java_script_enabled=has_script
    )
    return context.new_page()


def front_page(browser: Browser, site: Path) -> Page:
    """The front page of the site."""
    page = opened_page(browser)
    page.goto((site / "index.html").as_uri())
    return page
