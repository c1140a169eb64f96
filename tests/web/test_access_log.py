"""The access log: every view of what names children, in a chain that shows what was done to it."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web import read_log, verify_log
from interfaces.web.access_log import AccessLogError, View, log_view
from register.settings import Settings
from tests.review.cases import NAMES, child_id, mention_id, pair_id
from tests.web.browsing import Browser
from tests.web.conftest import SURNAME, publish_home

PAIR = pair_id("2", "5")


def _views(settings: Settings, count: int) -> Path:
    for number in range(count):
        log_view(settings, View("ann", "audit", "case_list", "G", (f"C{number}",)))
    return settings.web_folder / "access_log.jsonl"


def test_each_view_says_who_when_what_and_why(home: Settings, ann: Browser) -> None:
    """Prevents a look at a child's records that nobody can find out about, or a name in the log."""
    assert "Zoe Sample" in ann.get(f"/review/pairs/{PAIR}").words
    assert SURNAME in ann.get("/cases/370").words
    page = ann.get("/cases/370")
    assert SURNAME in ann.submit(page, "/cases/370/export").text
    pair, shown, _, export = read_log(home)
    assert (pair["who"], pair["why"], pair["what"]) == ("ann", "clerical_review", "review_pair")
    assert {PAIR, child_id("1"), child_id("5"), mention_id("3")} <= set(pair["keys"])
    assert shown["keys"] == export["keys"] == ["370", child_id("6"), "E" + "6" * 24]
    assert [shown["what"], export["what"]] == ["case_list", "case_list_export"]
    text = (home.web_folder / "access_log.jsonl").read_text(encoding="utf-8").lower()
    assert not any(name in text for name in (*NAMES, SURNAME.lower()))
    assert stat.S_IMODE((home.web_folder / "access_log.jsonl").stat().st_mode) == 0o600
    assert verify_log(home).fault is None


def test_nobody_sees_a_name_before_saying_why(open_as: Callable[..., Browser]) -> None:
    """Prevents a log that says who looked and not why."""
    ann = open_as("ann", purpose="")
    for path in (f"/review/pairs/{PAIR}", "/cases/370", f"/review/pairs/{PAIR}/opinion"):
        answer = ann.get(path)
        assert answer.path.startswith("/purpose?then=")
        assert SURNAME not in answer.text
    page = ann.get("/cases/370")
    assert ann.submit(page, "/purpose", purpose="curiosity").status == 403
    assert SURNAME in ann.submit(ann.get("/cases/370"), "/purpose", purpose="safeguarding").words


def test_what_cannot_be_logged_is_not_shown(home: Settings, ann: Browser) -> None:
    """Prevents views without a trace when the disk is full or the log was taken away."""
    (home.web_folder / "access_log.jsonl").mkdir()
    answer = ann.get("/cases/370")
    assert (answer.status, SURNAME in answer.text) == (503, False)
    (home.web_folder / "access_log.jsonl").rmdir()
    _views(home, 2).unlink()
    answer = ann.get("/cases/370")
    assert (answer.status, "lines are missing" in answer.words) == (503, True)


def _change(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace('"ann"', '"ben"'), *lines[2:]]


def _without_second(lines: list[str]) -> list[str]:
    return [lines[0], *lines[2:]]


def _swapped(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


def _cut(lines: list[str]) -> list[str]:
    return lines[:-2]


def _twice(lines: list[str]) -> list[str]:
    return [lines[0], *lines]


def _no_entry(lines: list[str]) -> list[str]:
    return [*lines[:2], "{}\n", *lines[3:]]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (_change, "line 2: it was changed"),
        (_without_second, "line 2: its number is wrong"),
        (_swapped, "line 1: its number is wrong"),
        (_cut, "2 lines are missing from the end"),
        (_twice, "line 2: its number is wrong"),
        (_no_entry, "line 3: it is not an entry"),
    ],
)
def test_tampering_breaks_the_chain(
    home: Settings, tamper: Callable[[list[str]], list[str]], fault: str
) -> None:
    """Prevents a view from being changed, hidden or invented afterwards."""
    path = _views(home, 5)
    assert (verify_log(home).entry_count, verify_log(home).fault) == (5, None)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(tamper(lines)), encoding="utf-8")
    assert str(verify_log(home).fault).startswith(fault)
    result = CliRunner().invoke(commands, ["web", "log", "verify"])
    assert (result.exit_code, fault in " ".join(result.output.split())) == (5, True)


def test_a_log_made_anew_lacks_the_hash_that_was_noted(home: Settings) -> None:
    """Prevents whoever owns the machine from writing another history."""
    path = _views(home, 3)
    noted = verify_log(home).head
    _views(home, 2)
    assert verify_log(home, noted).fault is None
    places = [path, path.with_name("access_log_head.json"), home.decisions / "access_log.json"]
    for place in places:
        place.unlink()
    _views(home, 5)
    assert verify_log(home).fault is None
    assert "was replaced" in str(verify_log(home, noted).fault)
    assert CliRunner().invoke(commands, ["web", "log", "verify", "--head", noted]).exit_code == 5


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_log_that_was_deleted_is_missed(home: Settings, ann: Browser, is_folder: bool) -> None:
    """Prevents 0 views from being called whole after every view was taken away."""
    path = _views(home, 3)
    if is_folder:
        shutil.rmtree(home.web_folder)
    else:
        path.unlink()
        path.with_name("access_log_head.json").unlink()
    assert verify_log(home).fault == "3 lines are missing from the end"
    result = CliRunner().invoke(commands, ["web", "log", "verify"])
    assert (result.exit_code, "Whole" in result.output) == (5, False)
    with pytest.raises(AccessLogError, match="lines are missing"):
        _views(home, 1)
    # A log of the same length is not that log either.
    (home.decisions / "access_log.json").rename(home.home / "kept.json")
    _views(home, 3)
    (home.home / "kept.json").rename(home.decisions / "access_log.json")
    assert "was replaced" in str(verify_log(home).fault)


def test_a_load_notes_how_long_the_log_is(home: Settings) -> None:
    """Prevents the log and its anchor from being taken away together, after a load."""
    path = _views(home, 3)
    publish_home(home, 2)
    for place in (path, path.with_name("access_log_head.json"), home.decisions / "access_log.json"):
        place.unlink()
    assert verify_log(home).fault == "3 lines are missing from the end"
    publish_home(home, 3)
    assert verify_log(home).fault == "3 lines are missing from the end"


def test_a_changed_anchor_is_named(home: Settings) -> None:
    """Prevents a shorter log from being made the whole one with an editor."""
    path = _views(home, 3)
    anchor = home.decisions / "access_log.json"
    content = json.loads(anchor.read_bytes())
    anchor.write_text(json.dumps({**content, "number": 2}), encoding="utf-8")
    assert "access_log.json was changed" in str(verify_log(home).fault)
    with pytest.raises(AccessLogError, match="was changed"):
        _views(home, 1)
    assert path.exists()


def test_a_log_that_is_lost_begins_anew_by_name(home: Settings) -> None:
    """Prevents an application that stays shut, and a loss that nobody answers for."""
    path = _views(home, 3)
    publish_home(home, 2)
    path.unlink()
    words = ["web", "log", "restart", "--by", "A. Person", "--reason"]
    assert CliRunner().invoke(commands, [*words, " "]).exit_code != 0
    assert "3 views were in" in CliRunner().invoke(commands, [*words, "Disk lost"]).output
    assert verify_log(home).fault is None
    _views(home, 2)
    assert (verify_log(home).entry_count, verify_log(home).fault) == (2, None)
    noted = json.loads((home.decisions / "access_log.json").read_bytes())["restarted"]
    assert (noted["by"], noted["reason"], noted["number"]) == ("A. Person", "Disk lost", 3)
    publish_home(home, 3)
    path.unlink()
    assert verify_log(home).fault == "2 lines are missing from the end"


def test_a_line_that_a_power_cut_left_half_is_cut_off(home: Settings) -> None:
    """Prevents one lost line, of a view that was not shown, from closing the application."""
    path = _views(home, 2)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"number": 3, "at"')
    assert verify_log(home).fault == "the last line was cut short"
    _views(home, 1)
    assert (verify_log(home).entry_count, verify_log(home).fault) == (3, None)


def test_a_damaged_last_line_stops_the_log(home: Settings) -> None:
    """Prevents a chain that goes on from nothing."""
    path = _views(home, 2)
    path.write_text(path.read_text(encoding="utf-8") + "no entry\n", encoding="utf-8")
    with pytest.raises(AccessLogError, match="damaged"):
        _views(home, 1)


def test_many_write_at_once(home: Settings) -> None:
    """Prevents two views at one moment from breaking the chain."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _views(home, 5), range(8)))
    assert (verify_log(home).entry_count, verify_log(home).fault) == (40, None)


def test_who_looked_at_a_child_can_be_asked(home: Settings, ann: Browser) -> None:
    """Prevents a family's question, who saw this, from having no answer."""
    ann.get("/cases/370")
    _views(home, 3)
    said = CliRunner().invoke(commands, ["web", "log", "show", "--key", child_id("6"), "--json"])
    assert [entry["what"] for entry in json.loads(said.output)] == ["case_list"]
    page = ann.get(f"/log?key={child_id('6')}")
    assert "1 view, the latest first" in page.words
    assert "The chain of 4 views is complete" in page.words
    assert "4 views" in CliRunner().invoke(commands, ["web", "log", "show"]).output
