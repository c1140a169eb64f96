"""Drafts and checks that a producer orders on pages: one at a time, stopped, refused, recorded."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from interfaces.web import ReleaseWork, perform_work
from interfaces.web import release_work as work_module
from interfaces.web.release_work import read_work, start_work
from official_statistics.releases import ReleaseError, read_calendar, releases_folder
from register.access_record import Actor, acting_as, read_record
from register.settings import Settings
from tests.statistics.versions import version_in_state
from tests.web.browsing import Browser


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work that waits for a minute instead of drafting."""
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    monkeypatch.setattr(work_module, "COMMAND", command)
    yield


@pytest.mark.usefixtures("waiting")
def test_one_draft_runs_at_a_time_and_a_killed_one_is_noticed(home: Settings, ann: Browser) -> None:
    """Prevents two drafts in one folder, and a page that waits for a process that is dead."""
    assert read_work(home) is None
    order = ReleaseWork("draft", "2026", kind="yearly")
    with acting_as(Actor("ann", "password")):
        process = start_work(home, order)
        with pytest.raises(ReleaseError, match="is running"):
            start_work(home, order)
    assert "Draft of 2026: running" in ann.get("/releases").words
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    assert "Draft of 2026: interrupted" in ann.get("/releases").words
    ordered = [each for each in read_record(home) if each["what"] == "draft_ordered"]
    assert [(each["who"], each["keys"]) for each in ordered] == [("ann", ["2026"])]


# The command that does what was ordered, with a draft that only waits.
DRAFTING = """
import signal, time
from interfaces.command_line.commands import statistics_work

def draft(work, progress):
    {first}
    progress("counting")
    try:
        time.sleep(60)
    finally:
        progress("tidied up")

statistics_work._perform = draft
statistics_work.run_ordered_work()
"""
IGNORE = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.mark.parametrize("first", ["", IGNORE])
def test_a_producer_stops_a_draft(
    home: Settings,
    ann: Browser,
    ben: Browser,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
) -> None:
    """Prevents a wrong order that blocks all others, and a stopped draft that leaves files."""
    command = (sys.executable, "-c", DRAFTING.format(first=first))
    monkeypatch.setattr(work_module, "COMMAND", command)
    monkeypatch.setattr(work_module, "GRACE_SECONDS", 1)
    form = ann.get("/releases").form("/sign-out")
    assert "no draft or check is running" in ann.post("/releases/stop", form).words
    with acting_as(Actor("ann", "password")):
        process = start_work(home, ReleaseWork("draft", "2026"))
    assert "only just started" in ann.post("/releases/stop", form).words
    for _ in range(600):
        work = read_work(home)
        assert work is not None
        if work.words:
            break
        time.sleep(0.1)
    unfinished = releases_folder(home) / "2026" / ".draft-0123"
    unfinished.mkdir(parents=True)
    assert "Stop" not in ben.get("/releases").words
    assert ben.post("/releases/stop", ben.get("/releases").form("/sign-out")).status == 403
    page = ann.get("/releases")
    assert ann.submit(page, "/releases/stop").status == 200
    assert os.waitpid(process, 0)[0] == process
    words = ann.get("/releases").words
    assert "Draft of 2026: stopped" in words
    assert "ann stopped it" in words
    assert ("tidied up" in words) is (first == "")
    assert not unfinished.exists()
    assert [each["who"] for each in read_record(home) if each["what"] == "draft_stopped"] == ["ann"]


@pytest.mark.usefixtures("waiting")
def test_an_order_is_done_for_the_person_who_gave_it(home: Settings) -> None:
    """Prevents a draft in the name of nobody, and a refusal that nobody reads."""
    with acting_as(Actor("ann", "password")):
        process = start_work(home, ReleaseWork("check", "2026/v1"))

    def perform(work: ReleaseWork, progress: Callable[[str], None]) -> str:
        progress(f"checking {work.release} for {work.who}")
        raise ReleaseError("it was never drafted")

    perform_work(home, perform)
    os.kill(process, signal.SIGKILL)
    work = read_work(home)
    assert work is not None
    assert (work.state, work.words) == (
        "refused",
        ("checking 2026/v1 for ann", "it was never drafted"),
    )
    with pytest.raises(ReleaseError, match="nothing was ordered"):
        perform_work(home, perform)
    path = home.web_folder / "release_work.json"
    path.write_text(path.read_text().replace("refused", "running"), encoding="utf-8")
    assert read_work(home) is None, "an order that somebody wrote by hand is none"


def test_a_draft_that_is_refused_says_why(
    home: Settings, ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a process of its own that ends without a word."""
    page, path = ann.get("/releases/draft"), "/releases/draft"
    assert ann.submit(page, path, year="x", kind="yearly").status == 409
    assert ann.submit(page, path, year="2026", kind="yearly").status == 200
    for _ in range(240):
        work = read_work(home)
        assert work is not None
        if not work.is_running:
            break
        time.sleep(0.5)
    assert work.state == "refused"
    assert work.words
    assert work.who == "ann"


@pytest.mark.usefixtures("waiting")
def test_a_failure_shows_no_value_of_a_row(home: Settings) -> None:
    """Prevents a name in the message of an error from reaching a page, and an endless order."""
    with acting_as(Actor("ann", "password")):
        process = start_work(home, ReleaseWork("check", "2026/v1"))

    def fail(*_: object) -> str:
        raise RuntimeError("a name of a child")

    perform_work(home, fail)
    os.kill(process, signal.SIGKILL)
    work = read_work(home)
    assert work is not None
    assert (work.state, "RuntimeError" in work.words[-1]) == ("refused", True)
    assert "a name" not in work.words[-1]


def test_only_a_producer_orders_a_draft_and_announces(
    home: Settings, ann: Browser, ben: Browser
) -> None:
    """Prevents a head of profession who makes what they approve."""
    filled = {"year": "2026", "kind": "yearly", "at": "2026-11-26T09:30"}
    form = {**ben.get("/releases").form("/sign-out"), **filled}
    for path in ("/releases/draft", "/releases/announce"):
        assert ann.get(path).status == 200
        assert ben.get(path).status == 403
        answer = ben.post(
            path, {**form, "year": "2026", "kind": "yearly", "at": "2026-11-26T09:30"}
        )
        assert answer.status == 403
    page = ann.get("/releases/draft")
    assert ann.submit(page, "/releases/draft", year="2026", kind="hourly").status == 409
    assert read_work(home) is None
    assert read_calendar(home) == []


def test_a_look_at_a_release_is_recorded(home: Settings, ann: Browser) -> None:
    """Prevents figures under embargo that somebody reads without a trace."""
    version_in_state(replace(home, signatories={}), "draft")
    for number, path in enumerate(("/releases/2026/1", "/releases/2026/1/files/index.html"), 1):
        assert ann.get(path).status == 200
        seen = [each for each in read_record(home) if each["keys"] == ["2026/v1"]]
        assert [each["who"] for each in seen if each["what"] == "release"] == ["ann"] * number
