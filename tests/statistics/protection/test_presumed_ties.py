"""Readers who presume how counts of different files fit together find no hidden count."""

from __future__ import annotations

import numpy as np
import pytest

from official_statistics import read_data_sets, read_rules
from official_statistics.protection.constraint_system import (
    ConstraintSystem,
    Hierarchies,
    ReleaseCells,
    WrongTieError,
    build_constraint_system,
)
from official_statistics.protection.presumed_ties import presume_ties
from official_statistics.protection.ties import REGIONS, derive_ties

ENGLAND, REGION = "E92000001", "E12000003"
AWAY = "Away from placement without authorisation"
# Files, measures and items of counts of England: the first is a total, the others its parts.
Place = tuple[str, str, str]
ALONE: tuple[Place, ...] = (
    (
        "agreement_by_area",
        "episode_count",
        "care_status=Total;agreement_scope=All episodes;source_status=Police only",
    ),
    (
        "missing_children_by_area",
        "episode_count",
        "care_status=Total;absence_category=No apparent risk",
    ),
)
AWAY_INCIDENTS: tuple[Place, ...] = (
    ("incidents_by_definition", "incident_count", "counting_rule=Department: away incidents"),
    ("missing_children_by_area", "episode_count", f"care_status=Total;absence_category={AWAY}"),
    ("category_agreement", "episode_count", f"category_police=Missing;category_authority={AWAY}"),
)
FREQUENT = "absence_frequency=11 or more"


def _build(places: tuple[Place, ...], values: list[int], area: str = ENGLAND) -> ConstraintSystem:
    """Build the system of counts of England; the last of them is of another area."""
    size = len(places)
    cells = ReleaseCells(
        data_set=[name for name, _, _ in places],
        measure=[measure for _, measure, _ in places],
        items=[items for _, _, items in places],
        area=[*[ENGLAND] * (size - 1), area],
        level=[*["National"] * (size - 1), "National" if area == ENGLAND else "Regional"],
        value=np.array(values),
        primary=np.zeros(size, dtype=bool),
        hidden=np.zeros(size, dtype=bool),
        available=np.ones(size, dtype=bool),
        importance=np.ones(size),
    )
    areas = Hierarchies({REGIONS: {REGION: ENGLAND}}, {REGIONS: frozenset({ENGLAND})})
    data_sets = read_data_sets()
    ties = (*derive_ties(data_sets), *presume_ties(data_sets))
    within = [tie for tie in ties if tie.over in {None, REGIONS}]
    return build_constraint_system([cells], within, areas, read_rules())


@pytest.mark.parametrize(
    ("places", "values", "is_presumed"),
    [
        (ALONE, [40, 40], True),
        (ALONE, [40, 41], False),
        (AWAY_INCIDENTS, [40, 30, 10], True),
        (AWAY_INCIDENTS, [40, 30, 9], False),
        (AWAY_INCIDENTS, [40, 30, 11], False),
    ],
)
def test_what_readers_presume_protects_counts_unless_records_contradict_it(
    places: tuple[Place, ...], values: list[int], is_presumed: bool
) -> None:
    """Prevents a count that a guess reveals, and a draft that stops because of a guess."""
    names = [name for *_, name in _build(places, values).rows]
    assert bool([name for name in names if "readers may presume" in name]) == is_presumed


def test_what_readers_presume_is_not_in_the_public_ties() -> None:
    """Prevents a file that tells readers in which areas their guess is true."""
    data_sets = read_data_sets()
    presumed = list(presume_ties(data_sets))
    assert presumed
    assert all(tie.is_presumed and tie.kind in ("add", "at_least") for tie in presumed)
    assert not any(tie.is_presumed for tie in derive_ties(data_sets))
    # Children may be in several parts, so only single parts are compared.
    of_children = [tie for tie in presumed if ": children" in tie.name]
    assert of_children
    assert {(tie.kind, len(tie.parts)) for tie in of_children} == {("at_least", 1)}


@pytest.mark.parametrize("measure", ["child_count", "episode_count"])
@pytest.mark.parametrize("area", [ENGLAND, REGION])
def test_children_with_many_episodes_in_a_part_have_many_in_all(measure: str, area: str) -> None:
    """Prevents a small count of frequent absences that a care status or region reveals."""
    inside = "Looked after" if area == ENGLAND else "Total"
    places = tuple(
        ("children_by_frequency", measure, f"care_status={item};{FREQUENT}")
        for item in ("Total", inside)
    )
    assert _build(places, [20, 20], area).rows
    with pytest.raises(WrongTieError):
        _build(places, [20, 21], area)
