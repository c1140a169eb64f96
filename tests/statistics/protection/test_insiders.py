"""Authorities and forces that know their own counts find no count of another."""

from __future__ import annotations

import numpy as np
import pytest

from official_statistics.protection.constraint_system import ConstraintSystem, Hierarchies
from official_statistics.protection.insiders import list_insiders
from official_statistics.protection.secondary_suppression import SecondarySuppression
from official_statistics.protection.ties import FORCES, FORCES_OF_NATION, REGIONS

AREAS = Hierarchies(
    {
        REGIONS: {"east": "north", "west": "north", "north": "nation"},
        FORCES: {"east": "force", "west": "other force"},
        FORCES_OF_NATION: {"force": "nation", "other force": "nation"},
    },
    {},
)
EAST, WEST, NORTH = range(3)
FEWEST = 5


def _counts(most_of_region: float) -> ConstraintSystem:
    """The count of the east is hidden; those of the west and of their region are printed."""
    no = np.zeros(3, dtype=bool)
    hidden = np.array([True, False, False])
    return ConstraintSystem(
        truth=np.array([20, 20, 40]),
        shown_lower=np.array([1.0, 18.0, 38.0]),
        shown_upper=np.array([np.inf, 22.0, most_of_region]),
        hidden=hidden,
        audited=hidden.copy(),
        shown_before=no,
        must_stay_hidden=no.copy(),
        is_undelivered=no.copy(),
        level=["Local authority", "Local authority", "Regional"],
        area=["east", "west", "north"],
        key=["east", "west", "north"],
        importance=np.array([1.0, 1.0, 10.0]),
        rules={},
        rows=[(((EAST, 1), (WEST, 1), (NORTH, -1)), 0.0, 0.0, "sum")],
    )


@pytest.mark.parametrize(("most_of_region", "is_hidden"), [(42.0, False), (41.0, True)])
def test_an_authority_with_its_own_counts_leaves_another_enough_values(
    most_of_region: float, is_hidden: bool
) -> None:
    """Prevents the neighbour in a region of two from working a count out: 38 to 41 less 20."""
    system = _counts(most_of_region)
    insiders = list_insiders(system, AREAS)
    suppression = SecondarySuppression(system, AREAS, insiders, FEWEST, lambda _: None)
    result = suppression.suppress_counts()
    assert system.hidden.tolist() == [True, False, is_hidden]
    assert not result.insider_only_cells
    assert not result.unprotected_cells


def test_both_authorities_of_a_region_of_two_are_also_one_insider() -> None:
    """Prevents two authorities from finding together what neither finds alone."""
    system = _counts(42.0)
    assert [each.name for each in list_insiders(system, AREAS)] == ["east", "west", "east and west"]
    system.area[NORTH] = "force"
    names = [each.name for each in list_insiders(system, AREAS)]
    assert names == ["east", "west", "force", "east and west"]
