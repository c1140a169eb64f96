"""What survives is listed with a reason, and what is listed survives."""

from __future__ import annotations

import fnmatch
import re

from register.settings import PROJECT_ROOT
from tests.mutants.judge_models import (
    KnownSurvivor,
    Verdict,
    find_stale_entries,
    read_known_survivors,
    shares_by_folder,
)
from tests.mutants.sql_breaks import SqlBreak

SURVIVOR = SqlBreak(3, "final", "gt", "a > 1", "a >= 1")
VERDICT = Verdict("agg_a", "marts/a", 10, [SURVIVOR], None, 1.0)


def test_an_entry_that_no_longer_survives_is_stale() -> None:
    """Prevents reasons for breaks that a test notices by now, or that nobody can make."""
    survives = KnownSurvivor("agg_a", "^final: gt: a > 1", "no value is 1")
    noticed = KnownSurvivor("agg_a", "^final: literal", "no value is 1")
    gone = KnownSurvivor("agg_gone", ".", "no value is 1")
    assert find_stale_entries([survives, noticed, gone], [VERDICT], {"agg_a"}) == [noticed, gone]


def test_an_entry_of_models_not_all_judged_is_not_stale() -> None:
    """Prevents a run over one folder that calls the reasons of another folder stale."""
    elsewhere = KnownSurvivor("agg_*", "^final: literal", "no value is 1")
    other = KnownSurvivor("agg_b", ".", "no value is 1")
    assert find_stale_entries([elsewhere, other], [VERDICT], {"agg_a", "agg_b"}) == []


def test_shares_are_of_each_folder() -> None:
    """Prevents a folder without tests that hides behind folders with many."""
    other = Verdict("agg_b", "marts/b", 2, [SURVIVOR], None, 1.0)
    assert shares_by_folder([VERDICT, other]) == {"marts/a": 0.9, "marts/b": 0.5}


def test_every_known_survivor_has_a_model_a_pattern_and_a_reason() -> None:
    """Prevents an entry that matches anything, or says nothing."""
    models = {path.stem for path in (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")}
    for entry in read_known_survivors():
        assert fnmatch.filter(models, entry.model)
        assert re.compile(entry.change).search("") is None
        assert len(entry.reason.split()) > 3


def test_entries_are_in_order() -> None:
    """Prevents two places to look for the reasons of one model."""
    named = [entry.model for entry in read_known_survivors()]
    assert named == sorted(named)
