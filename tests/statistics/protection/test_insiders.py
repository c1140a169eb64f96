"""Authorities and forces that know their own counts find no count of another."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.publication.nation_of_episodes import national_year
from official_statistics import read_data_sets
from official_statistics.protection import protect, reader_views
from official_statistics.protection.constraint_system import ConstraintSystem, Hierarchies
from official_statistics.protection.insiders import list_insiders
from official_statistics.protection.secondary_suppression import (
    SecondarySuppression,
    SuppressionResult,
)
from official_statistics.protection.ties import FORCES, FORCES_OF_NATION, REGIONS
from official_statistics.release_rules import read_rules

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


def _suppress(system: ConstraintSystem) -> SuppressionResult:
    insiders = list_insiders(system, AREAS)
    return SecondarySuppression(system, AREAS, insiders, FEWEST, lambda _: None).suppress_counts()


@pytest.mark.parametrize(("most_of_region", "is_hidden"), [(42.0, False), (41.0, True)])
def test_an_authority_with_its_own_counts_leaves_another_enough_values(
    most_of_region: float, is_hidden: bool
) -> None:
    """Prevents the neighbour in a region of two from working a count out: 38 to 41 less 20."""
    system = _counts(most_of_region)
    result = _suppress(system)
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


@pytest.mark.parametrize(("rounding", "is_hidden"), [(4.0, False), (3.0, True)])
def test_an_authority_that_combines_sums_leaves_another_enough_values(
    rounding: float, is_hidden: bool
) -> None:
    """Prevents two counts from being known by their sum and difference together: 4 to 8, or 5 to 7.

    The sum is the region's printed count less the insider's 10, and the difference is 2. Neither
    sum alone shows this.
    """
    system = _counts(20.0 + rounding)
    own, first, second, region = range(4)
    for name, values in {
        "truth": [10, 6, 4, 20],
        "shown_lower": [1.0, 1.0, 1.0, 20.0 - rounding],
        "shown_upper": [np.inf, np.inf, np.inf, 20.0 + rounding],
        "hidden": [True, True, True, False],
        "audited": [True, True, True, False],
        "shown_before": [False] * 4,
        "must_stay_hidden": [True, True, True, False],
        "is_undelivered": [False] * 4,
        "importance": [1.0, 1.0, 1.0, 10.0],
    }.items():
        setattr(system, name, np.array(values))
    system.area = ["east", "west", "west", "north"]
    system.level = ["Local authority"] * 3 + ["Regional"]
    system.key = ["own", "first", "second", "region"]
    system.rows = [
        (((own, 1), (first, 1), (second, 1), (region, -1)), 0.0, 0.0, "sum"),
        (((first, 1), (second, -1)), 2.0, 2.0, "difference"),
    ]
    result = _suppress(system)
    assert system.hidden.tolist() == [True, True, True, is_hidden]
    assert not result.insider_only_cells


def test_what_cannot_be_protected_from_an_insider_is_stated() -> None:
    """Prevents silence about a count that an earlier release already gives away."""
    system = _counts(41.0)
    system.shown_before = np.array([False, True, True])
    result = _suppress(system)
    assert not result.unprotected_cells
    assert result.insider_only_cells == ["west: east"]


@pytest.mark.parametrize(("difference", "is_hidden"), [(0, False), (1, True)])
def test_an_insider_may_find_a_difference_of_0(difference: int, is_hidden: bool) -> None:
    """Prevents counts from being hidden for a difference of 0, and 1 child from being revealed."""
    system = _counts(22.0)
    system.truth = np.array([difference, 20, 20 + difference])
    system.shown_lower = np.array([0.0, 18.0, 18.0])
    system.hidden = np.array([False, False, False])
    system.shown_before = np.array([True, False, False])
    _suppress(system)
    assert system.hidden.any() == is_hidden


@pytest.mark.parametrize(("size", "is_combined"), [(0, False), (8_000, True)])
def test_the_audit_states_whether_insiders_were_tested_with_all_ties(
    size: int, is_combined: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the audit of a large nation from claiming what only a small nation's proves."""
    monkeypatch.setattr(reader_views, "MAX_WHOLE_SIZE", size)
    data_sets = [each for each in read_data_sets() if each.name == "missing_children_by_area"]
    authorities = ("390", "391", "392", "815", "816")
    nation = national_year(6, 300, authorities, data_sets=[each.name for each in data_sets])
    (year,) = protect(nation, data_sets, read_rules()).audit["years"]
    assert year["combines_ties_from_inside"] == is_combined
