"""A decision tells what it would do before it is written, and an impossible one is not written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from register.access_record import Actor
from register.approvals import decide_request, request_approval
from register.review import decisions
from register.review.consequences import forecast_decision, forecast_split
from register.review.decisions import (
    append_rows,
    decisions_in_force,
    read_decisions,
    record_decision,
    take_back_decision,
)
from register.review.pairs import CaseLists, Mention, ReviewError
from register.settings import Settings
from tests.review.cases import child_id, mention_id, record_key

WHO = {"by": "A. Person", "reason": "Looked at the files"}


def _key_pair(one: str, other: str) -> tuple[str, str]:
    return record_key(one), record_key(other)


def _decisions(settings: Settings) -> list[str]:
    return [row.decision for row in read_decisions(settings)]


def test_an_adopted_child_is_not_linked_to_the_child_before(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents a decision that a reviewer takes to stand and every load refuses."""
    with pytest.raises(ReviewError, match="before an adoption") as refused:
        record_decision(settings, case_lists, _key_pair("9", "a"), "link", **WHO)
    assert mention_id("9") in str(refused.value)
    assert mention_id("a") in str(refused.value)
    assert "Nothing is written" in str(refused.value)
    assert _decisions(settings) == []


def test_neither_is_it_through_a_third_record(settings: Settings, case_lists: CaseLists) -> None:
    """Prevents adoption from being undone by two decisions that are each possible."""
    record_decision(settings, case_lists, _key_pair("9", "6"), "link", **WHO)
    with pytest.raises(ReviewError, match="before an adoption"):
        record_decision(settings, case_lists, _key_pair("6", "a"), "link", **WHO)
    assert _decisions(settings) == ["link"]


def test_an_adopted_child_is_linked_to_what_was_known_before(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents the guard from keeping an adopted child's own records apart."""
    record_decision(settings, case_lists, _key_pair("9", "6"), "link", **WHO)
    record_decision(settings, case_lists, _key_pair("9", "a"), "never_link", **WHO)
    assert _decisions(settings) == ["link", "never_link"]


def test_a_link_that_a_decision_forbids_is_refused_until_that_is_taken_back(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents decisions that contradict one another from lying beside each other."""
    record_decision(settings, case_lists, _key_pair("5", "6"), "never_link", **WHO)
    record_decision(settings, case_lists, _key_pair("1", "5"), "link", **WHO)
    with pytest.raises(ReviewError, match=f"{mention_id('5')} and {mention_id('6')} apart"):
        record_decision(settings, case_lists, _key_pair("1", "6"), "link", **WHO)
    take_back_decision(settings, **WHO, keys=_key_pair("5", "6"))
    record_decision(settings, case_lists, _key_pair("1", "6"), "link", **WHO)
    assert _decisions(settings) == ["never_link", "link", "void", "link"]


def test_what_decisions_link_through_others_is_not_kept_apart(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents a decision to keep apart that other decisions override."""
    record_decision(settings, case_lists, _key_pair("1", "5"), "link", **WHO)
    record_decision(settings, case_lists, _key_pair("5", "6"), "link", **WHO)
    with pytest.raises(ReviewError, match="through other records"):
        record_decision(settings, case_lists, _key_pair("1", "6"), "never_link", **WHO)
    record_decision(settings, case_lists, _key_pair("5", "6"), "never_link", **WHO)
    assert _decisions(settings) == ["link", "link", "never_link"], "the same pair is decided anew"


def test_a_decision_that_has_expired_forbids_nothing(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents a decision with an end from being in the way for ever."""
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    row = [
        "2020-01-01T00:00:00Z",
        "A. Person",
        "never_link",
        *_key_pair("5", "6"),
        "x",
        yesterday,
        "",
    ]
    append_rows(settings, "links.csv", [row])
    assert decisions_in_force(settings) == {}
    record_decision(settings, case_lists, _key_pair("5", "6"), "link", **WHO)
    assert _decisions(settings) == ["never_link", "link"]


def test_a_split_names_the_third_records_that_leave_with_it(case_lists: CaseLists) -> None:
    """Prevents a record from leaving a child without anybody having meant it."""
    forecast = forecast_split(case_lists, {}, _key_pair("1", "2"))
    assert forecast is not None
    assert forecast.child_id_register == child_id("1")
    assert [[each.mention_key for each in part] for part in forecast.parts] == [
        [record_key("1")],
        [record_key("2"), record_key("3")],
    ]
    assert [each.mention_key for each in forecast.list_leaving(_key_pair("1", "2"))] == [
        record_key("3")
    ]


def test_a_decision_in_force_keeps_a_third_record_where_it_is(case_lists: CaseLists) -> None:
    """Prevents a forecast that forgets what was decided since the last load."""
    linked = {_key_pair("1", "3"): "link"}
    forecast = forecast_split(case_lists, linked, _key_pair("1", "2"))
    assert forecast is not None
    assert [[each.mention_key for each in part] for part in forecast.parts] == [
        [record_key("1"), record_key("3")],
        [record_key("2")],
    ]
    assert forecast.list_leaving(_key_pair("1", "2")) == ()


def test_two_children_are_not_split(case_lists: CaseLists) -> None:
    """Prevents a question about a split that parts nobody."""
    assert forecast_split(case_lists, {}, _key_pair("1", "4")) is None


def test_a_forecast_of_a_link_says_who_would_be_one_child(case_lists: CaseLists) -> None:
    """Prevents a merge that brings along, unseen, what a guard would keep out."""

    def split_keys(children: tuple[tuple[Mention, ...], ...]) -> list[list[str]]:
        return [[each.mention_key[0] for each in child] for child in children]

    merged = forecast_decision(case_lists, {}, _key_pair("1", "5"), "link")
    assert split_keys(merged.before) == [["1", "2", "3"], ["5"]]
    assert split_keys(merged.after) == [["1", "2", "3", "5"]]
    assert merged.is_change
    # A guard keeps 1 and 4 apart: whoever links 2 and 4 takes 2 and 3 away from 1.
    guarded = forecast_decision(case_lists, {}, _key_pair("2", "4"), "link")
    assert split_keys(guarded.after) == [["1"], ["2", "3", "4"]]
    apart = forecast_decision(case_lists, {}, _key_pair("1", "5"), "never_link")
    assert not apart.is_change


def test_two_people_undo_a_merge_of_many_records(
    settings: Settings, case_lists: CaseLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one person from taking a child apart whom many records describe."""
    keys = _key_pair("1", "2")
    # One other record leaves this child with a split.
    monkeypatch.setattr(decisions, "MANY_RECORDS", 1)
    with pytest.raises(ReviewError, match="register access request undo_merge"):
        record_decision(settings, case_lists, keys, "split", **WHO)
    request_id = request_approval(settings, "undo_merge", keys, "Two children", Actor("a", "proxy"))
    with pytest.raises(ReviewError, match="waits for a second person"):
        record_decision(settings, case_lists, keys, "split", **WHO)
    decide_request(settings, request_id, "approved", who=Actor("b", "proxy"))
    record_decision(settings, case_lists, keys, "split", **WHO)
    assert _decisions(settings) == ["split"]


def test_two_people_take_back_a_link_of_many_records(
    settings: Settings, case_lists: CaseLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a merge from being undone alone by taking back the decision that made it."""
    keys = _key_pair("1", "2")
    record_decision(settings, case_lists, keys, "link", **WHO)
    monkeypatch.setattr(decisions, "MANY_RECORDS", 1)
    with pytest.raises(ReviewError, match="needs a second person"):
        take_back_decision(settings, **WHO, keys=keys, case_lists=case_lists)
    assert _decisions(settings) == ["link"]
