"""Two reviewers at once, each in a browser, against the application as it is served."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web import add_account
from register.access_record import read_record, verify_record
from register.audit import draw_sample, read_frame, write_worksheets
from register.feeds import read_hold_decisions
from register.publishing import current_generation
from register.review import read_decisions
from register.settings import Settings
from tests.accessibility import list_page_faults
from tests.expectations.conftest import LATER_ID, put_generation, sound_file
from tests.free_ports import find_free_port
from tests.publishing.builds import DELIVERY_ID
from tests.review.cases import mention_id, pair_id
from tests.web.conftest import PASSWORD, publish_home

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["sound_file"]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

PAIR = pair_id("2", "5")
WAIT_SECONDS = 60

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: no browser to open"),
]


@dataclass(frozen=True)
class Served:
    """The application of a home, as `register web` serves it."""

    settings: Settings
    address: str


@pytest.fixture
def served(home: Settings) -> Iterator[Served]:
    """`register web` in a process of its own, with two accounts."""
    for name in ("carol", "dan"):
        add_account(home, name, "staff", PASSWORD)
    port = find_free_port()
    command = [sys.executable, "-m", "interfaces.command_line", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(port)
        yield Served(home, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


def _wait_until_it_listens(port: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("register web does not listen")


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A headless Chromium of the machine's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def sign_in(browser: Browser, served: Served) -> Callable[..., Page]:
    """Opens a window in which a person has signed in by hand and said why they look."""

    def signed(name: str, width: int = 1280, purpose: str = "Clerical review") -> Page:
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.goto(f"{served.address}/review/pairs/{PAIR}")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label(purpose).check()
        page.get_by_role("button", name="Continue").click()
        return page

    return signed


def _fill(page: Page, decision: str, why: str) -> None:
    page.get_by_label(decision).check()
    page.get_by_label("Reason that is published").select_option("seen_on_paper")
    page.get_by_label("Reason in words").fill(why)
    page.get_by_role("button", name="See what it would change").click()


def test_two_reviewers_at_once(served: Served, sign_in: Callable[..., Page]) -> None:
    """Prevents one reviewer from undoing unseen what the other does in the same minute."""
    carol, dan = sign_in("carol"), sign_in("dan")
    assert PAIR in carol.url
    assert (
        carol.get_by_role("heading", level=1).inner_text() == "Are these two records of one child?"
    )
    carol.get_by_role("button", name="Take this pair").click()
    dan.reload()
    assert "carol is working on this pair" in dan.locator("main").inner_text()
    dan.goto(f"{served.address}/review")
    dan.get_by_role("button", name="Take the next pair").click()
    assert PAIR not in dan.url
    _fill(carol, "One child: link them", "Same on paper")
    assert "Now 2 children; after the next load 1 child" in carol.locator("main").inner_text()
    # Dan takes it over while Carol reads the consequences, and decides otherwise.
    dan.goto(f"{served.address}/review/pairs/{PAIR}")
    dan.get_by_role("button", name="Take it over").click()
    _fill(dan, "Two children: never link them", "Different mothers")
    dan.get_by_role("button", name="Decide: never link").click()
    assert "Never link" in dan.locator("main").inner_text()
    carol.get_by_role("button", name="Decide: link").click()
    assert "has changed since you opened it" in carol.locator("main").inner_text()
    (taken,) = read_decisions(served.settings)
    assert (taken.decision, taken.decided_by) == ("never_link", "dan")
    # The terminal takes it back, and Carol sees it on the next page.
    undone = CliRunner().invoke(
        commands, ["review", "undo", PAIR, "--by", "T. Erminal", "--reason", "Wrong file"]
    )
    assert undone.exit_code == 0, undone.output
    carol.goto(f"{served.address}/review/pairs/{PAIR}")
    assert "In force" not in carol.locator("main").inner_text()
    _fill(carol, "One child: link them", "Same on paper")
    carol.get_by_role("button", name="Decide: link").click()
    assert [row.decision for row in read_decisions(served.settings)] == [
        "never_link",
        "void",
        "link",
    ]
    assert {entry["who"] for entry in read_record(served.settings) if entry["why"]} == {
        "carol",
        "dan",
    }
    assert verify_record(served.settings).faults == ()


def test_a_load_publishes_while_a_reviewer_reads(
    served: Served, sign_in: Callable[..., Page]
) -> None:
    """Prevents a decision by a generation that is no longer the register's."""
    page = sign_in("carol")
    _fill(page, "One child: link them", "Same on paper")
    publish_home(served.settings, 2)
    page.get_by_role("button", name="Decide: link").click()
    assert "or by a load" in page.locator("main").inner_text()
    assert read_decisions(served.settings) == []
    page.goto(f"{served.address}/deliveries/{DELIVERY_ID}")
    page.get_by_label("Confirm: let it into the register").check()
    page.get_by_label("Why").fill("They wrote to us")
    page.get_by_role("button", name="Decide").click()
    assert read_hold_decisions(served.settings) == {DELIVERY_ID: "confirm"}
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{served.address}/help")
    assert "/sign-in" in page.url


def test_every_page_is_in_order_for_those_who_cannot_see_it(
    served: Served, sign_in: Callable[..., Page], sound_file: Path
) -> None:
    """Prevents pages that a reader for the blind, a keyboard or a telephone cannot use."""
    pages = [sign_in("carol", 1280), sign_in("dan", 390)]
    for page in pages:
        complaints: list[str] = []
        page.on("console", lambda message, found=complaints: found.append(message.text))
        _fill(page, "Two children: never link them", "Different mothers")
        _check(page)
        for path in (
            "/",
            "/purpose",
            "/review",
            "/review/decided",
            "/review/second-opinions",
            f"/review/pairs/{PAIR}",
            f"/review/pairs/{PAIR}/opinion",
            "/help",
            "/suppliers",
            "/deliveries",
            f"/deliveries/{DELIVERY_ID}",
            "/outbox",
            "/outbox/370/20261101T000000-000001.csv",
            "/audit",
            "/rows",
            "/log",
            "/no-such-page",
        ):
            page.goto(f"{served.address}{path}")
            _check(page)
        assert [each for each in complaints if "404" not in each] == []
    put_generation(served.settings, sound_file, LATER_ID)
    generation = current_generation(served.settings)
    assert generation is not None
    drawn = draw_sample(read_frame(generation), 1, 2, 1)
    write_worksheets(served.settings, drawn, [], None)
    for page in pages:
        for path in (
            f"/audit/{drawn.sample_id}",
            f"/audit/{drawn.sample_id}/1",
            "/audit",
            "/rows?mart=register.fct_episodes",
        ):
            page.goto(f"{served.address}{path}")
            _check(page)
            if path.endswith("/1"):
                assert page.get_by_role("img", name="The times each source recorded").is_visible()
        page.context.clear_cookies()
        page.goto(f"{served.address}/")
        assert "/sign-in" in page.url
        _check(page)


def _check(page: Page) -> None:
    assert page.viewport_size is not None
    assert list_page_faults(page, page.viewport_size["width"]) == [], page.url


def test_a_drawn_cluster_can_be_read(served: Served, sign_in: Callable[..., Page]) -> None:
    """Prevents a picture that the policy of the page leaves without its lines or colours."""
    page = sign_in("carol")
    lines = page.locator("svg.cluster line")
    assert lines.count() > 3
    drawn = {
        kind: page.locator(f"svg.cluster line.{kind}").first.evaluate(
            "line => getComputedStyle(line).stroke"
        )
        for kind in ("link", "weak", "asked")
    }
    assert "none" not in drawn.values()
    assert len(set(drawn.values())) == 3, "a link and the pair in question look alike"
    assert mention_id("2") in page.locator("main").inner_text()
