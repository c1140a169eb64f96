"""Which authorities of other regions move in a wider view of one region."""

from __future__ import annotations

import numpy as np
import pytest

from official_statistics.protection import reader_views
from official_statistics.protection.constraint_system import ConstraintSystem, Hierarchies
from official_statistics.protection.linear_programme import ConstraintMatrix
from official_statistics.protection.reader_views import (
    ReaderViews,
    choose_moving_authorities,
    find_regional_variables,
    find_sibling_variables,
)
from official_statistics.protection.ties import FORCES, FORCES_OF_NATION, REGIONS

# Two authorities in each of two regions; the smaller one of the south was replaced.
AREAS = ["north large", "north small", "south large", "south small", "south small", "north"]
VALUES = [90, 10, 80, 20, 25, 100]
HIERARCHIES = Hierarchies(
    {
        REGIONS: {
            "north large": "north",
            "north small": "north",
            "south large": "south",
            "south small": "south",
            "north": "nation",
            "south": "nation",
        },
        FORCES: {},
        FORCES_OF_NATION: {},
    },
    {},
)


def _tables(*variables_by_release: list[int]) -> ConstraintSystem:
    size = len(AREAS)
    no = np.zeros(size, dtype=bool)
    truth = np.array(VALUES, dtype=np.int64)
    return ConstraintSystem(
        truth=truth,
        shown_lower=truth - 5.0,
        shown_upper=truth + 5.0,
        hidden=no,
        audited=no.copy(),
        shown_before=no.copy(),
        must_stay_hidden=no.copy(),
        is_undelivered=no.copy(),
        level=["Local authority"] * (size - 1) + ["Regional"],
        area=AREAS,
        key=AREAS,
        importance=np.ones(size),
        variables_by_release=[np.array(each, dtype=np.int64) for each in variables_by_release],
        rules={},
        rows=[(((0, 1), (1, 1), (5, -1)), 0.0, 0.0, "sum")],
    )


def test_an_authority_that_was_replaced_goes_before_a_larger_one() -> None:
    """Prevents two releases in which what the nation changed by can only be one number.

    An authority that was carried over moves both releases alike.
    """
    both = [0, 1, 2, 3]
    assert choose_moving_authorities(_tables(both), HIERARCHIES) == ["north large", "south large"]
    revised = choose_moving_authorities(_tables(both, [0, 1, 2, 4]), HIERARCHIES)
    assert revised == ["south small", "north large"]


def test_the_nation_may_be_the_only_area_around() -> None:
    """Prevents a release without authorities from ending in an error of a look-up."""
    regions = {"north": "nation", "south": "nation"}
    areas = Hierarchies({REGIONS: regions, FORCES: {}, FORCES_OF_NATION: {}}, {})
    tables = _tables([0, 1, 2, 3])
    assert list(find_regional_variables(tables, areas)) == ["nation"]
    assert find_sibling_variables(tables, areas)["nation"].tolist() == []


def test_a_region_without_counts_of_a_year_has_find_sibling_variables_it() -> None:
    """Prevents a region that one year of a release has from stopping the protection of another."""
    regions = HIERARCHIES.parents[REGIONS] | {"west large": "west", "west": "nation"}
    areas = Hierarchies({REGIONS: regions, FORCES: {}, FORCES_OF_NATION: {}}, {})
    tables = _tables([0, 1, 2, 3])
    assert set(find_sibling_variables(tables, areas)) == set(find_regional_variables(tables, areas))


def _build_views(tables: ConstraintSystem) -> ReaderViews:
    matrix = ConstraintMatrix.from_system(tables)
    return ReaderViews(tables, matrix, HIERARCHIES, np.zeros(len(AREAS), dtype=bool), 5)


def test_a_small_system_is_proved_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a small release from being split, and a large one from being proved at once."""
    tables = _tables([0, 1, 2, 3])
    monkeypatch.setattr(reader_views, "MAX_WHOLE_SIZE", len(AREAS))
    assert [view.name for view in _build_views(tables).views] == ["whole"]
    monkeypatch.setattr(reader_views, "MAX_WHOLE_SIZE", len(AREAS) - 1)
    assert [view.name for view in _build_views(tables).views] == ["north", "south"]


def test_a_wider_view_moves_authorities_of_other_regions_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents a wider view that is none, and one that is opened anew at each question."""
    monkeypatch.setattr(reader_views, "MAX_WHOLE_SIZE", 0)
    views = _build_views(_tables([0, 1, 2, 3]))
    north = views.views[0]
    assert {AREAS[each] for each in north.programme.members} == {
        "north large",
        "north small",
        "north",
    }
    wider = views.get_wider(north)
    assert wider is not None
    moved = {AREAS[each] for each in wider.programme.members}
    assert moved == {"north large", "north small", "north", "south large"}
    assert views.get_wider(north) is wider
    assert views.get_wider(wider) is None
