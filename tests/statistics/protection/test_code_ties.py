"""Counts of several codes are tied to the counts of the single codes, in whatever file they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from official_statistics import data_set_named, read_data_sets
from official_statistics.protection.tie_patterns import Pattern, Tie
from official_statistics.protection.ties import derive_ties

AREA, DURATION = "missing_children_by_area", "episodes_by_duration"
NOT_KNOWN = "Not known whether over 24 hours"
HOURS = "Hours recorded"
SHORTER_HOURS = "Hours recorded (to 8, 16, 24 and 48 hours)"


def _list_ties(measure: str, of: str = AREA) -> list[Tie]:
    name = f"{of}: {measure} by {DURATION}"
    return [tie for tie in derive_ties(read_data_sets()) if tie.name.startswith(name)]


@pytest.mark.parametrize("topic", [HOURS, SHORTER_HOURS])
@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_the_bands_over_24_hours_add_up_to_the_episodes_over_24_hours(
    bound: str, topic: str
) -> None:
    """Prevents a table of durations that contradicts the headline."""
    measure = f"over_24_hours_count_{bound}"
    (tie,) = [tie for tie in _list_ties(measure) if tie.parts[0].where["duration_measure"] == topic]
    assert (tie.kind, tie.total) == ("add", (Pattern(AREA, measure, {}),))
    bands = [part.where["duration_band"] for part in tie.parts]
    hours = [
        item.name
        for item in data_set_named(DURATION).get_filter("duration_band").items
        if item.topic == topic
    ]
    up_to_24 = [name for name in hours if name.startswith(("Under 8", "8 to", "16 to", "Up to"))]
    assert len(up_to_24) == (3 if topic == HOURS else 5)
    over = [name for name in hours if name not in (*up_to_24, NOT_KNOWN)]
    assert bands == over + ([NOT_KNOWN] if bound == "upper" else [])
    assert {part.where["duration_measure"] for part in tie.parts} == {topic}
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


def test_bands_of_hours_that_other_bands_divide_are_tied_to_them() -> None:
    """Prevents working out a hidden band from the other division of the same hours."""
    ties = {
        (tie.total[0].where["duration_measure"], tie.total[0].where["duration_band"]): (
            tie.kind,
            [part.where["duration_band"] for part in tie.parts],
        )
        for tie in _list_ties("episode_count", of=DURATION)
    }
    over_24 = "Over 24 hours (not known more exactly)"
    assert ties == {
        (HOURS, "8 to 24 hours"): (
            "add",
            ["8 to 16 hours", "16 to 24 hours", "8 to 24 hours (not known more exactly)"],
        ),
        (HOURS, over_24): ("complement", [over_24]),
        (SHORTER_HOURS, "48 hours or more"): (
            "complement",
            [
                "48 to 168 hours (2 to 7 days)",
                "168 to 672 hours (7 to 28 days)",
                "Over 672 hours (28 days)",
            ],
        ),
    }


def test_items_that_count_the_same_episodes_are_not_added() -> None:
    """Prevents a sum with one part inside another, which would be too large."""
    definitions = data_set_named("incidents_by_definition")
    (filter_,) = definitions.filters
    rule = next(item for item in filter_.items if len(item.codes) == 5)
    wide, narrow, apart = (
        replace(rule, name=f"Levels {size}", codes=rule.codes[first:size])
        for first, size in ((0, 4), (0, 3), (4, 5))
    )
    items = (*filter_.items[:1], rule, wide, narrow)
    for parts, expected in ((items, [[wide], [narrow]]), ((*items[:3], apart), [[wide, apart]])):
        data_set = replace(definitions, filters=(replace(filter_, items=parts),), contains=())
        own = [
            [part.where[filter_.name] for part in tie.parts]
            for tie in derive_ties([data_set])
            if tie.name.startswith(f"{data_set.name}: incident_count by")
            and tie.total[0].where[filter_.name] == rule.name
        ]
        assert own == [[item.name for item in group] for group in expected]
