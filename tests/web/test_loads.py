"""The application while loads publish, and while the terminal decides."""

from __future__ import annotations

import fcntl
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from register.decision_files import hold_decisions
from register.decision_history import APPENDED
from register.publishing import current_generation
from register.review import CaseLists, ReviewError, read_decisions, record_decision
from register.settings import Settings
from tests.review.cases import pair_id, record_key
from tests.web.browsing import Browser
from tests.web.conftest import publish_home

PLACE = f"/review/pairs/{pair_id('2', '5')}"
ASKED = {"decision": "link", "reason": "Same on paper", "reason_code": "seen_on_paper"}


def test_the_next_page_is_of_the_generation_that_was_published(
    home: Settings, ann: Browser
) -> None:
    """Prevents pages of an old generation until somebody starts the application again."""
    before = current_generation(home)
    assert before is not None
    assert before.generation_id in ann.get("/review").words
    page = ann.get(PLACE)
    later = publish_home(home, 2)
    assert later in ann.get("/review").words
    preview = ann.submit(page, f"{PLACE}/preview", **ASKED)
    late = ann.submit(preview, f"{PLACE}/decide")
    assert (late.status, "or by a load" in late.words) == (409, True)
    assert read_decisions(home) == []


def test_a_load_may_publish_while_pages_are_open(home: Settings, ann: Browser) -> None:
    """Prevents a reader's open file from stopping a publication, or a publication a reader."""
    generation = current_generation(home)
    assert generation is not None
    with CaseLists(generation, home.seeds) as held:
        publish_home(home, 3)
        assert held.pairs_for_review()
    assert ann.get("/review").status == 200


def test_a_generation_that_is_gone_is_said_to_be(home: Settings, ann: Browser) -> None:
    """Prevents a traceback where a load removed what was being read."""
    generation = current_generation(home)
    assert generation is not None
    shutil.rmtree(generation.folder)
    answer = ann.get("/review")
    assert (answer.status, "Another generation is published" in answer.words) == (503, True)
    (home.published / "current").unlink()
    assert "Nothing is published yet" in ann.get("/review").words


def test_two_decisions_at_once_are_taken_one_after_the_other(home: Settings) -> None:
    """Prevents two decisions that exclude each other from both being written."""
    generation = current_generation(home)
    assert generation is not None

    def take(asked: tuple[str, str, str]) -> str:
        one, other, decision = asked
        with CaseLists(generation, home.seeds) as case_lists:
            try:
                record_decision(
                    home,
                    case_lists,
                    (record_key(one), record_key(other)),
                    decision,
                    by="A",
                    reason="x",
                )  # type: ignore[arg-type]
            except ReviewError:
                return "refused"
        return "written"

    before = {path: path.read_bytes() for path in home.decisions.glob("*.csv")}
    for rounds in range(3):
        for path, content in before.items():
            path.write_bytes(content)
        (home.decisions / APPENDED).unlink(missing_ok=True)
        # Of these any two may stand, and the third would contradict them.
        asked = [("1", "2", "link"), ("1", "5", "link"), ("2", "5", "never_link")]
        with ThreadPoolExecutor(3) as pool:
            said = sorted(pool.map(take, asked))
        assert said == ["refused", "written", "written"], rounds
        assert len(read_decisions(home)) == 2


def test_another_process_waits_for_its_turn(home: Settings) -> None:
    """Prevents the terminal and the application from deciding in the same moment."""
    generation = current_generation(home)
    assert generation is not None

    def take() -> None:
        with CaseLists(generation, home.seeds) as case_lists:
            record_decision(
                home, case_lists, (record_key("1"), record_key("5")), "link", by="A", reason="x"
            )

    # As another process holds it: through a file of its own.
    with (home.decisions / ".lock").open("ab") as other, ThreadPoolExecutor(1) as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = pool.submit(take)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        assert read_decisions(home) == []
        fcntl.flock(other, fcntl.LOCK_UN)
        waiting.result(timeout=30)
    assert len(read_decisions(home)) == 1


def test_whoever_holds_the_decisions_may_append(home: Settings) -> None:
    """Prevents a lock that waits for itself."""
    generation = current_generation(home)
    assert generation is not None
    with (
        CaseLists(generation, home.seeds) as case_lists,
        hold_decisions(home),
        hold_decisions(home),
    ):
        record_decision(
            home, case_lists, (record_key("1"), record_key("5")), "link", by="A", reason="x"
        )
    assert len(read_decisions(home)) == 1


def test_nothing_is_opened_for_writing(home: Settings, ann: Browser) -> None:
    """Prevents an application that a load has to wait for: published files stay as they are."""
    generation = current_generation(home)
    assert generation is not None
    before = {path: path.stat().st_mtime_ns for path in generation.folder.iterdir()}
    for path in ("/", "/review", PLACE, "/help"):
        assert ann.get(path).status == 200
    assert {path: path.stat().st_mtime_ns for path in generation.folder.iterdir()} == before
    assert not list(generation.folder.glob("*.wal"))
