"""Children whom an authority outside England has placed here: only the police know of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import year_start
from register.simulation.draws import round_at_random
from register.simulation.plan import SimulationPlan
from register.simulation.world.people import draw_home_ages

MORE_ABSENCES = 2.5  # a year and child, after the first


def draw_outside(
    generator: np.random.Generator, plan: SimulationPlan, targets: pd.DataFrame
) -> pd.DataFrame:
    """Children placed in each authority's area from outside England, those new in each year."""
    parts = []
    wanted = targets["looked_after"].to_numpy() * plan.reporting_rates.placed_from_outside
    for year in plan.years:
        counts = round_at_random(generator, wanted)
        place = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
        frame = pd.DataFrame({"place": place, "first_year": year, "is_known": True})
        frame["dob_day"] = year_start(year) + 182 - draw_home_ages(generator, len(place))
        parts.append(frame)
    return pd.concat(parts, ignore_index=True).assign(
        kind="outside", is_uasc=False, adoption_pair=-1, start_day=-1, end_day=-1
    )
