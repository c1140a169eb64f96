"""The whole true nation, assembled from its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from simulation.geography import Geography, load_geography
from simulation.plan import SimulationPlan
from simulation.world.absences import make_absences
from simulation.world.placements import make_legal_statuses, make_placements
from simulation.world.population import make_population
from simulation.yearly_rates import YearlyTargets, follow_rates, set_yearly_targets

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Nation:
    """The whole truth as tables. The function that makes a table describes its columns.

    `yearly_targets` are the targets by the calendar year in which the collection year starts.
    """

    plan: SimulationPlan
    geography: Geography
    yearly_targets: YearlyTargets
    persons: pd.DataFrame
    periods: pd.DataFrame
    placements: pd.DataFrame
    legal_statuses: pd.DataFrame
    absences: pd.DataFrame

    @property
    def targets(self) -> pd.DataFrame:
        """The targets of the first year."""
        return self.yearly_targets[self.plan.first_year]

    def authority_code(self, place: int) -> str:
        """Return the DfE code of a place."""
        return str(self.geography.places["authority_code"].iloc[place])


def make_nation(plan: SimulationPlan, progress: Progress) -> Nation:
    """Draw the nation that the plan asks for."""
    progress("Reading postcodes")
    geography = load_geography(plan)
    targets = set_yearly_targets(plan, geography)
    progress("Drawing children and periods of care")
    population = make_population(plan, geography, targets)
    placements = make_placements(plan, geography, population.persons, population.periods)
    legal = make_legal_statuses(plan, population.persons, population.periods)
    progress("Drawing absences")
    targets = follow_rates(plan, targets, population.periods)
    absences = make_absences(plan, geography, targets, population, placements)
    return Nation(
        plan=plan,
        geography=geography,
        yearly_targets=targets,
        persons=population.persons,
        periods=population.periods,
        placements=placements,
        legal_statuses=legal,
        absences=absences,
    )
