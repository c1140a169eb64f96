"""The page of linkage says which nation its evaluation is of."""

from __future__ import annotations

from interfaces.quality_site.linkage_page import describe_simulated_nation


def test_an_evaluation_names_the_nation_that_it_is_of() -> None:
    """Prevents a share of the easy nation from being read as one of the harder."""
    rows = [{"simulation_profile": "harder", "simulation_seed": 2}]
    assert describe_simulated_nation(rows) == "the simulated nation of the harder profile, seed 2,"


def test_a_nation_that_was_not_recorded_is_not_guessed() -> None:
    """Prevents a home of an earlier version from being called standard."""
    unnamed = "a simulated nation whose profile and seed were not recorded,"
    assert describe_simulated_nation([]) == unnamed
    assert (
        describe_simulated_nation([{"simulation_profile": None, "simulation_seed": None}])
        == unnamed
    )
