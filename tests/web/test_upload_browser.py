"""A person of a supplier delivers in a browser, against the application as it is served."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from interfaces.web import add_account
from register.feeds import land_everything, read_ledger
from tests.accessibility import WIDTHS, list_page_faults
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM
from tests.feeds.deliveries import Home
from tests.web.conftest import PASSWORD
from tests.web.supplier_home import (
    FEED,
    FORCE,
    OTHER,
    PERIOD,
    SupplierHome,
    build_files,
    hash_inbox,
    make_supplier_home,
)
from tests.web.test_upload_kills import serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: no browser to open"),
]
FILES = build_files(400)
CHOICE = f"{FORCE}|{FEED}|{PERIOD}"
MILLISECONDS = 240_000


@pytest.fixture
def suppliers(suppliers: SupplierHome) -> SupplierHome:
    """A home with a person of two suppliers, which commands use too."""
    add_account(suppliers.settings, "sam", "supplier", PASSWORD, [FORCE, OTHER])
    return suppliers


@pytest.fixture
def address(suppliers: SupplierHome) -> Iterator[str]:
    """The address of `register web` in a process of its own."""
    with serve(suppliers.settings) as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A headless Chromium of the machine's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def sign_in(browser: Browser, address: str, *, has_script: bool = True) -> Page:
    """A window in which a person of a supplier has signed in by hand."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, java_script_enabled=has_script
    )
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    page.goto(f"{address}/")
    page.get_by_label("Name").fill("sam")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/deliver")
    return page


def start(page: Page) -> None:
    """Start a delivery with the keyboard alone."""
    page.get_by_label("Feed and period").select_option(CHOICE)
    page.get_by_label("Feed and period").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliver/*")


def finish(page: Page) -> None:
    """Check, confirm, and wait for the outcome."""
    page.get_by_role("button", name="Check the files").click()
    page.get_by_role("button", name="Confirm and deliver").click()
    page.wait_for_url("**/delivered/*")


def write_folder(folder: Path) -> Path:
    """A delivery in a folder of somebody's desk."""
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


def check_landed(suppliers: SupplierHome, tmp_path: Path) -> None:
    """The delivery has the same bytes and id as one by folder."""
    by_folder = make_supplier_home(tmp_path / "by folder").settings
    Home(by_folder).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(by_folder)
    (entry,), (expected,) = read_ledger(suppliers.settings), read_ledger(by_folder)
    assert entry.delivery_id == expected.delivery_id
    assert hash_inbox(suppliers.settings) == hash_inbox(by_folder)


@pytest.mark.parametrize("has_script", [True, False])
def test_a_delivery_is_sent_checked_and_confirmed(
    suppliers: SupplierHome, address: str, browser: Browser, tmp_path: Path, *, has_script: bool
) -> None:
    """Prevents a page that works in tests of its forms, and in no browser."""
    folder = write_folder(tmp_path / "desk")
    page = sign_in(browser, address, has_script=has_script)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    start(page)
    chosen = folder if has_script else folder / "reports.csv"
    field = "Or a folder" if has_script else "Files"
    page.get_by_label(field, exact=True).set_input_files(chosen)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Check the files").wait_for()
    finish(page)
    assert "Accepted" in page.inner_text("main")
    assert faults == []
    check_landed(suppliers, tmp_path)


def test_a_file_goes_on_after_an_interruption(
    suppliers: SupplierHome, address: str, browser: Browser, tmp_path: Path
) -> None:
    """Prevents a large file from starting again after the connection was cut."""
    folder = write_folder(tmp_path / "desk")
    page = sign_in(browser, address)
    start(page)
    page.route(
        "**/deliver.js",
        lambda route: route.fulfill(
            body=(Path("interfaces/web/templates/deliver.js"))
            .read_text(encoding="utf-8")
            .replace("4 * 1024 * 1024", "5000")
            .replace("1000 * 2 ** tries", "10"),
            content_type="text/javascript",
        ),
    )
    page.reload()
    sent: list[int] = []

    def cut_some(route: object) -> None:
        request = route.request  # type: ignore[attr-defined]
        sent.append(int(request.headers["upload-offset"]))
        if len(sent) in {2, 3, 5}:
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/part", cut_some)
    page.get_by_label("Files", exact=True).set_input_files(folder / "reports.csv")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Check the files").wait_for()
    assert sent[:4] == [0, 5000, 5000, 5000]
    assert len(sent) > 6
    finish(page)
    check_landed(suppliers, tmp_path)


def test_every_page_can_be_read_by_everybody(
    suppliers: SupplierHome, address: str, browser: Browser, tmp_path: Path
) -> None:
    """Prevents pages that a keyboard, a screen reader or a telephone cannot use."""
    page = sign_in(browser, address)
    faults = {}

    def look(name: str) -> None:
        for width in WIDTHS:
            if result := list_page_faults(page, width):
                faults[f"{name}, {width}"] = result
            if os.environ.get("PICTURES"):
                page.screenshot(path=f"{os.environ['PICTURES']}/{name}-{width}.png", full_page=True)

    look("deliver")
    start(page)
    look("upload")
    wrong = tmp_path / "reports.csv"
    wrong.write_bytes(FILES["reports.csv"].replace(PERIOD[:4].encode(), b"20x4"))
    page.get_by_label("Files", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Check the files").click()
    page.get_by_role("button", name="Check again").wait_for()
    look("checked")
    wrong.write_bytes(FILES["reports.csv"])
    page.get_by_label("Files", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="Send").click()
    finish(page)
    look("delivered")
    page.get_by_role("link", name="Earlier deliveries").first.click()
    look("history")
    page.goto(f"{address}/quality/index.html")
    look("refused")
    page.goto(f"{address}/api/v1/reference")
    look("reference")
    assert json.dumps(faults, indent=1) == "{}"
