"""A reviewer decides in a browser what the terminal would have decided."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web.claims import CLAIM_MINUTES, ClaimedError, claim_question, read_claims
from register.review import read_decisions, read_judgements
from register.settings import Settings
from tests.review.cases import (
    AUTHORITY,
    AUTHORITY_NAME,
    FORCE,
    FORCE_NAME,
    child_id,
    mention_id,
    pair_id,
)
from tests.web.browsing import Answer, Browser

PAIR, JOINED, ADOPTED_PAIR = pair_id("2", "5"), pair_id("1", "3"), pair_id("1", "2")
PLACE = f"/review/pairs/{PAIR}"
ASKED = {"decision": "link", "reason": "Same on paper", "reason_code": "seen_on_paper"}


def _terminal(*words: str) -> str:
    result = CliRunner().invoke(commands, ["review", *words])
    assert result.exit_code == 0, result.output
    return result.output


def _preview(browser: Browser, **asked: str) -> Answer:
    page = browser.get(PLACE)
    return browser.submit(page, f"{PLACE}/preview", **{**ASKED, **asked})


def _seen(browser: Browser, place: str = PLACE) -> dict[str, str]:
    """What the form of a question carries, ready to be sent as a decision."""
    return {**browser.get(place).form(f"{place}/preview"), **ASKED}


def _decide(browser: Browser, **asked: str) -> Answer:
    return browser.post(f"{PLACE}/decide", {**_seen(browser), **asked})


def test_a_decision_here_is_the_terminals_decision(home: Settings, ann: Browser) -> None:
    """Prevents two files of decisions, or one that the other way of deciding cannot read."""
    answer = _decide(ann, expires_on="2099-03-31")
    assert answer.path == "/review/decided"
    assert PAIR in answer.words
    here = read_decisions(home)[-1]
    assert (here.decision, here.decided_by, here.reason) == ("link", "ann", "Same on paper")
    assert (here.reason_code, here.expires_on) == ("seen_on_paper", "2099-03-31")
    assert (read_judgements(home)[-1].judgement, read_judgements(home)[-1].purpose) == (
        "same",
        "decision",
    )
    assert "Void from the next load on: link, decided by ann" in _terminal(
        "undo", PAIR, "--by", "T. Erminal", "--reason", "No"
    )
    _terminal("decide", PAIR, "--decision", "link", "--by", "T. Erminal", "--reason", "Yes")
    assert "T. Erminal" in ann.get("/review/decided").words
    assert "In force: link" in ann.get(PLACE).words
    with (home.decisions / "links.csv").open(encoding="utf-8", newline="") as file:
        assert [row["decision"] for row in csv.DictReader(file)] == ["link", "void", "link"]


def test_a_decision_is_shown_before_it_is_taken(home: Settings, ann: Browser) -> None:
    """Prevents a merge or a split whose consequences are seen only after the load."""
    merged = _preview(ann)
    assert "Now 2 children; after the next load 1 child" in merged.words
    assert "11 published rows would change" in merged.words
    assert "Now: 4 records of 2 children" in merged.text
    assert "After the decision: 4 records of 1 child" in merged.text
    apart = _preview(ann, decision="never_link")
    assert "No record would move to another child" in apart.words
    place = f"/review/pairs/{JOINED}"
    split = ann.submit(ann.get(place), f"{place}/preview", **{**ASKED, "decision": "split"})
    # The two links of the third record are of one weight: neither is stronger, so all part.
    assert "Now 1 child; after the next load 3 children" in split.words
    assert mention_id("3") in split.words
    assert read_decisions(home) == []


def test_a_question_names_the_suppliers(ann: Browser) -> None:
    """Prevents a reviewer from reading codes of forces and authorities."""
    for page in (ann.get(PLACE), _preview(ann), ann.get(f"{PLACE}/opinion")):
        assert FORCE_NAME in page.words
        assert AUTHORITY_NAME in page.words
        assert FORCE not in page.text
        assert AUTHORITY not in page.words.split()


def test_a_form_that_was_overtaken_is_refused(home: Settings, ann: Browser, ben: Browser) -> None:
    """Prevents the second of two reviewers from deciding by what the first has changed."""
    seen = _seen(ann)
    _terminal("decide", PAIR, "--decision", "never_link", "--by", "T. Erminal", "--reason", "No")
    late = ann.post(f"{PLACE}/decide", seen)
    assert (late.status, "has changed since you opened it" in late.words) == (409, True)
    assert [row.decision for row in read_decisions(home)] == ["never_link"]
    # Another pair of the same children counts too: one decision answers both.
    other = f"/review/pairs/{pair_id('1', '5')}"
    before = _seen(ben, other)
    _terminal("undo", PAIR, "--by", "T. Erminal", "--reason", "Yes after all")
    assert ben.post(f"{other}/decide", before).status == 409
    # From the page of the consequences too, the decision goes through.
    assert ann.submit(_preview(ann), f"{PLACE}/decide").path == "/review/decided"


def test_a_decision_that_no_load_could_carry_out_is_refused(home: Settings, ann: Browser) -> None:
    """Prevents a decision from being taken in a browser that the terminal refuses."""
    _terminal("decide", pair_id("1", "2"), "--decision", "link", "--by", "T.", "--reason", "x")
    _terminal("decide", pair_id("1", "5"), "--decision", "link", "--by", "T.", "--reason", "x")
    answer = _decide(ann, decision="never_link")
    assert (answer.status, "link the two through other records" in answer.words) == (400, True)
    assert len(read_decisions(home)) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"decision": "split"}, "choose one of the decisions"),
        ({"reason": "  "}, "a decision needs one"),
        ({"reason_code": "because"}, "choose one of the published reasons"),
        ({"expires_on": "tomorrow"}, "a date such as"),
    ],
)
def test_a_form_with_something_missing_says_what(
    home: Settings, ann: Browser, asked: dict[str, str], said: str
) -> None:
    """Prevents an error that a reviewer cannot put right."""
    answer = _preview(ann, **asked)
    assert (answer.status, said in answer.words) == (400, True)
    assert read_decisions(home) == []


def test_a_decision_is_taken_back(home: Settings, ann: Browser, ben: Browser) -> None:
    """Prevents a decision that only an operator with a shell can take back."""
    _decide(ann)
    answer = ben.submit(ben.get("/review/decided"), f"{PLACE}/undo", reason="Not the same")
    assert answer.path == PLACE
    assert "In force" not in answer.words
    assert (read_decisions(home)[-1].decision, read_decisions(home)[-1].decided_by) == (
        "void",
        "ben",
    )
    assert "Nothing has been decided since" in ann.get("/review/decided").words


def test_two_reviewers_see_each_other(home: Settings, ann: Browser, ben: Browser) -> None:
    """Prevents two people from reading and answering the same question."""
    taken = ann.submit(ann.get("/review"), "/review/next")
    first = taken.path
    assert "You are working on it until" in taken.words
    assert "ann is working on it until" in ben.get("/review").words
    assert "ann is working on this pair" in ben.get(first).words
    second = ben.submit(ben.get("/review"), "/review/next").path
    assert second != first
    token = ben.get("/review").form("/review/next")["form_token"]
    refused = ben.post(f"{first}/claim", {"form_token": token})
    assert (refused.status, "ann is working on this until" in refused.words) == (409, True)
    over = ben.submit(ben.get(first), f"{first}/claim")
    assert "You are working on it" in over.words
    assert "ben is working on it" in ann.get(first).words
    assert "No reviewer is working on it" in ben.submit(ben.get(first), f"{first}/release").words


def test_whoever_is_on_a_question_decides_it(home: Settings, ann: Browser, ben: Browser) -> None:
    """Prevents an answer from being given under the hands of whoever reads the question."""
    seen = _seen(ann)
    ben.submit(ben.get(PLACE), f"{PLACE}/claim")
    answer = ann.post(f"{PLACE}/decide", seen)
    assert (answer.status, "ben is working on this until" in answer.words) == (409, True)
    assert read_decisions(home) == []
    assert _decide(ben).path == "/review/decided"
    assert read_claims(home) == {}, "who has decided is on it no more"


def test_a_claim_ends_by_itself(home: Settings) -> None:
    """Prevents a question from being nobody's because somebody went home."""
    now = datetime.now(UTC)
    claim_question(home, PAIR, "ann", now=now)
    with pytest.raises(ClaimedError, match="ann is working on this"):
        claim_question(home, PAIR, "ben", now=now)
    later = now + timedelta(minutes=CLAIM_MINUTES, seconds=1)
    assert read_claims(home, later) == {}
    assert claim_question(home, PAIR, "ben", now=later).by == "ben"


def test_the_list_names_no_child_and_marks_what_is_decided(ann: Browser) -> None:
    """Prevents a list on a shared screen from naming children, and a question asked again."""
    listed = ann.get("/review")
    assert PAIR in listed.words
    assert "Sample" not in listed.words
    count = int(listed.words.split(" to decide")[0].split()[-2])
    _decide(ann)
    after = ann.get("/review").words
    assert f"{count - 1} pairs to decide" in after
    assert "Decided since: link , ann" in after
    assert "Pairs for review" in ann.get("/review?cause=guard").words


def test_the_whole_cluster_is_drawn_with_its_weights(ann: Browser) -> None:
    """Prevents a pair from being judged without the records that it would bring along."""
    page = ann.get(PLACE)
    assert "4 records of 2 children" in page.text
    for digit in "1235":
        assert mention_id(digit) in page.words
    picture = page.text.split('<svg class="cluster"')[1].split("</svg>")[0]
    assert picture.count('class="node') == 4
    assert picture.count('class="edge asked"') == 1
    assert 'class="weight asked"' in picture


def test_a_second_opinion_sees_neither_weights_nor_the_first(
    home: Settings, ann: Browser, ben: Browser
) -> None:
    """Prevents a colleague's judgement from being the echo of the machine's, or of another's."""
    place = f"{PLACE}/opinion"
    first = ann.submit(ann.get(place), place, judgement="unsure")
    assert first.path == "/review/second-opinions"
    assert PAIR not in first.words
    assert PAIR in ben.get("/review/second-opinions").words
    page = ben.get(place)
    assert "Zoe Sample" in page.words
    assert not any(
        said in page.words for said in ("bits", "unsure by", "kept apart", child_id("5"))
    )
    ben.submit(page, place, judgement="same")
    taken = [(each.reviewed_by, each.judgement, each.purpose) for each in read_judgements(home)]
    assert taken == [("ann", "unsure", "blind"), ("ben", "same", "double")]
    assert read_decisions(home) == []
    again = ben.submit(ben.get(place), place, judgement="different")
    assert (again.status, "already judged this pair" in again.words) == (400, True)
    assert "Two people judged 1 pair" in ben.get("/review/second-opinions").words
    assert ben.submit(ben.get(place), place, judgement="perhaps").status == 400
