"""Counts of several codes are tied to the counts of the single codes, in whatever file they are."""

from __future__ import annotations

import pytest

from official_statistics import data_set_named, read_data_sets
from official_statistics.protection.tie_patterns import Pattern, Tie
from official_statistics.protection.ties import derive_ties

AREA, DURATION = "missing_children_by_area", "episodes_by_duration"
NOT_KNOWN = "Not known whether over 24 hours"


def _tie(measure: str) -> Tie:
    (tie,) = [
        tie
        for tie in derive_ties(read_data_sets())
        if tie.name == f"{AREA}: {measure} by {DURATION}"
    ]
    return tie


@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_the_bands_over_24_hours_add_up_to_the_episodes_over_24_hours(bound: str) -> None:
    """Prevents a table of durations that contradicts the headline."""
    measure = f"over_24_hours_count_{bound}"
    tie = _tie(measure)
    assert (tie.kind, tie.total) == ("add", (Pattern(AREA, measure, {}),))
    bands = [part.where["duration_band"] for part in tie.parts]
    hours = [
        item.name
        for item in data_set_named(DURATION).get_filter("duration_band").items
        if item.topic == "Hours recorded"
    ]
    up_to_24 = [name for name in hours if name.startswith(("Under 8", "8 to", "16 to", "Up to"))]
    assert len(up_to_24) == 5
    over = [name for name in hours if name not in (*up_to_24, NOT_KNOWN)]
    assert bands == over + ([NOT_KNOWN] if bound == "upper" else [])
    assert {part.where["duration_measure"] for part in tie.parts} == {"Hours recorded"}
    assert {part.measure for part in tie.parts} == {"episode_count"}


def test_the_risk_levels_add_up_to_the_police_missing_incidents() -> None:
    """Prevents a tie that fits no cell: each file is at the total of what it has alone."""
    name = "police_recording_by_area: incident_count by missing_children_by_characteristic"
    (tie,) = [each for each in derive_ties(read_data_sets()) if each.name == name]
    assert tie.total[0].where == {"recording_force": "Total"}
    assert len(tie.parts) == 5
    for part in tie.parts:
        assert part.where["breakdown_topic"] == "Police risk level"
        assert (part.where["care_status"], part.where["absence_category"]) == ("Total", "Total")
