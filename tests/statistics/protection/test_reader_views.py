"""Which authorities of other regions move in a wider view of one region."""

from __future__ import annotations

import numpy as np

from official_statistics.protection.constraint_system import ConstraintSystem, Hierarchies, Integers
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.reader_views import (
    WiderViews,
    choose_moving_authorities,
    find_regional_variables,
    find_sibling_variables,
)
from official_statistics.protection.suppression_audit import AuditView
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


def _build_view(tables: ConstraintSystem, members: Integers, insider: str = "") -> AuditView:
    programme = LinearProgramme(tables, ConstraintMatrix.from_system(tables), members)
    return AuditView("north", programme, np.zeros(0, dtype=np.int64), insider)


def test_a_wider_view_moves_authorities_of_other_regions_and_ends() -> None:
    """Prevents a wider view that is none, and one that is opened anew at each question."""
    tables = _tables([0, 1, 2, 3])
    wider_views = WiderViews(tables, ConstraintMatrix.from_system(tables), HIERARCHIES)
    narrow = _build_view(tables, np.array([0, 1, 5]))
    wider = wider_views.get_wider(narrow)
    assert wider is not None
    moved = {AREAS[each] for each in wider.programme.members}
    assert moved == {"north large", "north small", "north", "south large"}
    assert wider_views.get_wider(narrow) is wider
    # There is no third region.
    assert wider_views.get_wider(wider) is None
    assert wider_views.views == [wider]


def test_what_an_authority_knows_of_itself_moves_in_no_wider_view() -> None:
    """Prevents a release that is safe from all but the authority with its own counts at hand."""
    tables = _tables([0, 1, 2, 3])
    wider_views = WiderViews(tables, ConstraintMatrix.from_system(tables), HIERARCHIES)
    view = wider_views.get_wider(_build_view(tables, np.array([1, 5]), "south large"))
    assert view is not None
    assert view.insider == "south large"
    assert "south large" not in {AREAS[each] for each in view.programme.members}
