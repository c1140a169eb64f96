"""Deliveries past their retention period lose their content, and stay accounted for."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from register.feeds import examine_landing, find_expired, load_retention_terms, remove_content
from register.feeds.contract import load_contracts
from tests.feeds.deliveries import MONTH, Home, report
from tests.feeds.test_erasure import Killed

RARE = "Quillonby"


def test_a_delivery_is_past_its_term_on_the_day_after_it(home: Home) -> None:
    """Prevents a delivery from being removed a day early, or from being kept a day longer."""
    home.put_reports([report(1)], period=MONTH)
    home.put_reports([report(1)], period="2026-09")
    home.load()
    years = load_retention_terms(home.settings.seeds)["police_reports"].years
    last_day = date(2026 + years, 9, 30)
    assert find_expired(home.settings, last_day) == []
    (expired,) = find_expired(home.settings, last_day.replace(month=10, day=1))
    assert expired.period == "2026-09"


def test_every_feed_has_a_term(home: Home) -> None:
    """Prevents a new feed from being kept for ever because nobody gave it a term."""
    assert load_retention_terms(home.settings.seeds).keys() == load_contracts().keys()


def test_removed_content_stays_counted_and_does_not_come_back(home: Home) -> None:
    """Prevents a removed delivery from breaking the accounting or landing again from the inbox."""
    home.put_reports([report(n, surname=RARE) for n in range(1, 5)])
    before = home.land_one()
    steps: list[str] = []
    assert remove_content(home.settings, {before.delivery_id}, steps.append) == 4
    assert home.load().landed == ()
    after = home.land_one()
    assert (after.received_row_count, after.erased_row_count) == (4, 4)
    assert (after.landed_row_count, after.is_copy_kept) == (0, False)
    assert home.rows(after, "reports") == []
    folder = home.folder(after)
    assert not [p for p in folder.rglob("*") if p.is_file() and RARE.encode() in p.read_bytes()]
    assert examine_landing(home.settings.landing, is_deep=True).damaged == []
    assert find_expired(home.settings, date(2200, 1, 1)) == []


def test_a_removal_that_is_killed_at_any_step_completes(home: Home) -> None:
    """Prevents a killed removal from losing the ledger entry of a delivery."""
    home.put_reports([report(1)])
    entry = home.land_one()
    untouched = shutil.copytree(home.settings.home, home.settings.home.with_name("untouched"))

    def kill_at(number: int) -> list[str]:
        steps: list[str] = []

        def step(name: str) -> None:
            steps.append(name)
            if len(steps) == number:
                raise Killed

        remove_content(home.settings, {entry.delivery_id}, step)
        return steps

    for number in range(1, len(kill_at(-1)) + 1):
        shutil.rmtree(home.settings.home)
        shutil.copytree(untouched, home.settings.home)
        with pytest.raises(Killed):
            kill_at(number)
        kill_at(-1)
        assert home.land_one().erased_row_count == 1
