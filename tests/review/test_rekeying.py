"""Decisions outlive a change of the pseudonym key, and are never orphaned in silence."""

from __future__ import annotations

import csv
from dataclasses import replace

import pyarrow as pa
import pytest

from register.decision_files import KeyChangedError, check_decision_key, read_key_id
from register.identity.keys import pseudonymise_keys
from register.publishing import publish
from register.review.decisions import (
    append_rows,
    read_decisions,
    read_judgements,
    record_decision,
    record_judgement,
)
from register.review.pairs import CaseLists, ReviewError
from register.review.rekeying import check_rekeying, rekey_decisions
from register.settings import Settings
from tests.publishing.builds import build

FORMER, NEW = "the key of last year", "the key of this year"
PERSONS = pa.table(
    {
        "kind": ["person"] * 3,
        "issuer": ["E23000099", "E23000099", "999"],
        "source_id": ["NOM1", "NOM2", "P1"],
    }
)


def _compute_keys(secret: str) -> list[str]:
    return list(pseudonymise_keys(secret, PERSONS)["source_key"].to_pylist())


@pytest.fixture
def decided(settings: Settings, case_lists: CaseLists) -> Settings:
    """A home whose decisions were made under the former key; its settings have the new one."""
    former = replace(settings, pseudonym_key=FORMER)
    one, two, three = _compute_keys(FORMER)
    record_decision(former, case_lists, (one, two), "link", by="A. Person", reason="Same")
    record_decision(former, case_lists, (one, "0" * 32), "link", by="A. Person", reason="Same")
    record_judgement(
        former, (two, three), "unsure", by="B. Person", is_blind=True, purpose="double"
    )
    append_rows(
        former,
        "clerical_sample.csv",
        [["S1", "2026-05-01T00:00:00Z", "1", "POLD", one, three, "0 to 3", "1", "1", "1"]],
    )
    return replace(settings, pseudonym_key=NEW, former_pseudonym_key=FORMER)


def test_another_key_is_refused_until_decisions_have_it(
    decided: Settings, case_lists: CaseLists
) -> None:
    """Prevents every human decision from being about nobody from one load to the next."""
    with pytest.raises(KeyChangedError, match="rotate-pseudonyms"):
        check_decision_key(decided)
    with pytest.raises(ReviewError, match="another pseudonym key"):
        record_decision(
            decided, case_lists, ("a" * 32, "b" * 32), "link", by="A. Person", reason="Same"
        )
    assert rekey_decisions(decided, PERSONS).row_count == 4
    check_decision_key(decided)
    with pytest.raises(ReviewError, match="already"):
        check_rekeying(decided)


def test_a_lost_note_of_the_key_does_not_admit_another_key(
    decided: Settings, settings: Settings
) -> None:
    """Prevents decisions that are silently about nobody because one small file was removed."""
    former = replace(decided, pseudonym_key=FORMER)
    publish(former, build(former, 1))
    note = settings.decisions / "pseudonym_key.json"
    note.unlink()
    with pytest.raises(KeyChangedError, match="rotate-pseudonyms"):
        check_decision_key(decided)
    check_decision_key(former)
    note.write_text("{", encoding="utf-8")
    with pytest.raises(KeyChangedError, match=r"pseudonym_key\.json is damaged"):
        check_decision_key(former)


def test_decisions_are_about_the_same_records_under_the_new_key(decided: Settings) -> None:
    """Prevents a decision, a judgement or a sampled pair that names another record."""
    one, two, three = _compute_keys(NEW)
    done = rekey_decisions(decided, PERSONS)
    assert (done.row_count, done.unknown_row_count) == (4, 2)
    first, other = read_decisions(decided)
    assert {first.left_mention_key, first.right_mention_key} == {one, two}
    assert {other.left_mention_key, other.right_mention_key} == {_compute_keys(FORMER)[0], "0" * 32}
    assert {two, three} in [set(row.pair_keys) for row in read_judgements(decided)]
    with (decided.decisions / "clerical_sample.csv").open(encoding="utf-8", newline="") as file:
        (pair,) = csv.DictReader(file)
    assert [pair["left_mention_key"], pair["right_mention_key"]] == sorted((one, three))
    assert pair["review_pair_id"].startswith("P") and pair["review_pair_id"] != "POLD"


def test_rekeying_that_was_killed_goes_on(
    decided: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents decisions of which some have the new key and some the former one for ever."""

    def kill_run(_: Settings) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("register.review.rekeying.record_key_id", kill_run)
        with pytest.raises(KeyboardInterrupt):
            rekey_decisions(decided, PERSONS)
    once = [path.read_bytes() for path in sorted(decided.decisions.glob("*.csv"))]
    assert rekey_decisions(decided, PERSONS).row_count == 4
    assert [path.read_bytes() for path in sorted(decided.decisions.glob("*.csv"))] == once


def test_without_the_key_before_nothing_is_changed(decided: Settings) -> None:
    """Prevents decisions that are hashed with a key under which they were never made."""
    before = (decided.decisions / "links.csv").read_bytes()
    with pytest.raises(ReviewError, match="nothing is changed"):
        rekey_decisions(replace(decided, former_pseudonym_key="another key"), PERSONS)
    assert (decided.decisions / "links.csv").read_bytes() == before


def test_a_home_without_decisions_takes_a_new_key(settings: Settings) -> None:
    """Prevents a home that nobody has decided in from being refused."""
    check_decision_key(replace(settings, pseudonym_key=FORMER))
    check_decision_key(replace(settings, pseudonym_key=NEW))
    assert read_key_id(settings) == replace(settings, pseudonym_key=NEW).key_id
