"""Half the breaks of a simulated nation are announced, and written down as a data team does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from register.data_keys import KeyRing, make_key
from register.private_files import read_private
from register.recording_changes import RecordingChange, announce_change, list_standing_changes
from register.settings import Settings, load_settings
from simulation.supplier_notices import write_announcements
from tests.simulation.conftest import Simulated


def test_what_is_announced_is_written_down_and_the_rest_is_not(demo: Simulated) -> None:
    """Prevents a demonstration in which every break, or none, is a question to the supplier."""
    breaks = demo.truth("breaks")
    assert set(breaks["is_announced"]) == {True, False}
    settings = replace(load_settings({}), home=demo.home)
    changes = list_standing_changes(settings)
    told = breaks[breaks["is_announced"].astype(bool)]
    assert {change.supplier_code for change in changes} == set(told["supplier_code"])
    gap = told[told["direction"] == "gap"].iloc[0]
    first, then = (change for change in changes if change.supplier_code == gap["supplier_code"])
    assert (first.changed_from, first.left_out) == (str(gap["first_date"].date()), "since")
    ended = gap["last_date"].date() + timedelta(days=1)
    assert (then.changed_from, then.left_out) == (str(ended), "neither")


def test_announcements_replace_those_of_an_earlier_simulation_alone(settings: Settings) -> None:
    """Prevents a simulation from throwing away what a person wrote down, or from piling up."""
    person = RecordingChange("373", date(2026, 1, 31), "procedure", "A letter")
    announce_change(settings, person, by="A. Person", reason="It was announced")
    day, later = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-05-01")
    breaks = pd.DataFrame(
        [
            ("police", "E23000001", day, pd.NaT, "begins", True),
            ("police", "E23000002", day, pd.NaT, "stops", False),
            ("police", "E23000003", later, pd.NaT, "stops", True),
        ],
        columns=["source", "supplier_code", "first_date", "last_date", "direction", "is_announced"],
    )
    for _ in range(2):
        write_announcements(settings.home, breaks, date(2026, 4, 30))
    rows = (settings.decisions / "recording_changes.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3
    assert [
        (change.supplier_code, change.left_out, change.under_hours)
        for change in list_standing_changes(settings)
    ] == [("373", "neither", ""), ("E23000001", "before", "4")]


@pytest.mark.parametrize("ring", [None, KeyRing((make_key(),))])
def test_another_simulation_withdraws_and_changes_no_row(
    settings: Settings, ring: KeyRing | None
) -> None:
    """Prevents a second simulation of a loaded home from looking like decisions that were lost."""
    settings = replace(settings, data_keys=ring)
    path = settings.decisions / "recording_changes.csv"
    path.unlink()
    day = pd.Timestamp("2026-02-01")
    columns = ["source", "supplier_code", "first_date", "last_date", "direction", "is_announced"]
    first, second = (
        pd.DataFrame([("police", code, day, pd.NaT, "begins", True)], columns=columns)
        for code in ("E23000001", "E23000002")
    )
    write_announcements(settings.home, first, date(2026, 4, 30), ring)
    before = read_private(ring, path)
    write_announcements(settings.home, second, date(2026, 4, 30), ring)
    assert read_private(ring, path).startswith(before)
    assert (b"recorded_by" in path.read_bytes()) == (ring is None)
    assert [change.supplier_code for change in list_standing_changes(settings)] == ["E23000002"]
