"""The whole true nation, assembled from its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from simulation.calendar import DAY, collection_year, year_start
from simulation.geography import Geography, load_geography
from simulation.plan import SimulationPlan
from simulation.world.absences import make_absences
from simulation.world.placements import make_legal_statuses, make_placements
from simulation.world.population import make_population
from simulation.yearly_rates import (
    YearlyTargets,
    count_looked_after,
    follow_rates,
    set_yearly_targets,
)

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


def measure_rates(nation: Nation) -> pd.DataFrame:
    """Return one row for each authority and year, with the share of its children who were missing.

    Columns: authority_code_dfe, collection_year, looked_after_count (without short breaks),
    missing_child_count (with a missing incident that the authority was told of), missing_share (of
    the two), rate_source (`yearly_rates`).
    """
    rows = nation.absences
    recorded = rows[rows["is_to_authority"] & (rows["category"] == "M") & rows["is_in_care"]]
    day = recorded["start_minute"] // DAY
    parts = []
    for year, targets in nation.yearly_targets.items():
        place = targets["place"]
        is_in_year = (day >= year_start(year)) & (day < year_start(year + 1))
        missing = recorded[is_in_year].groupby("place")["person"].nunique()
        frame = pd.DataFrame({"authority_code_dfe": [nation.authority_code(at) for at in place]})
        frame["collection_year"] = collection_year(year)
        looked_after = count_looked_after(nation.periods, year)
        frame["looked_after_count"] = looked_after.reindex(place, fill_value=0).to_numpy()
        frame["missing_child_count"] = missing.reindex(place, fill_value=0).to_numpy()
        frame["missing_share"] = frame["missing_child_count"] / frame["looked_after_count"]
        frame["rate_source"] = targets["rate_source"].to_numpy()
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)
