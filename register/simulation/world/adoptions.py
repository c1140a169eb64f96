"""Children adopted from care who come back to it: two persons to every source, never one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import YEAR_DAYS, eighteenth_birthday, year_start
from register.simulation.draws import round_at_random
from register.simulation.plan import SimulationPlan


def draw_adoptions(
    generator: np.random.Generator, plan: SimulationPlan, targets: pd.DataFrame
) -> pd.DataFrame:
    """Children adopted years ago (even rows) who come back to care unlinked (odd rows)."""
    counts = round_at_random(
        generator, targets["looked_after"].to_numpy() * plan.rates.adoption_return
    )
    place = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
    count = len(place)
    first = year_start(plan.first_year)
    back = first + generator.integers(10, 365 * plan.year_count - 60, count)
    dob = back - (generator.uniform(13, 16.5, count) * YEAR_DAYS).astype(int)
    adopted = dob + (generator.uniform(1, 4, count) * YEAR_DAYS).astype(int)
    past = pd.DataFrame({"place": place, "dob_day": dob, "start_day": dob + 40, "end_day": adopted})
    now = past.assign(start_day=back, end_day=eighteenth_birthday(dob))
    past["kind"], now["kind"] = "adopted", "care"
    both = pd.concat([past, now]).sort_index(kind="stable").reset_index(drop=True)
    both["adoption_pair"] = both.index // 2
    return both.assign(is_uasc=False)


def pair_adopted(generator: np.random.Generator, persons: pd.DataFrame) -> None:
    """Give the returning child the characteristics of the adopted one, under a new surname."""
    pairs = persons.index[persons["adoption_pair"] >= 0].to_numpy()
    past, now = pairs[0::2], pairs[1::2]
    for column in ("is_female", "ethnicity", "dob_day", "paper_dob_day", "forename"):
        persons.loc[now, column] = persons.loc[past, column].to_numpy()
    persons.loc[pairs, "is_twin"] = False
    persons.loc[pairs, "household"] = persons["household"].max() + 1 + np.arange(len(pairs))
    own = persons["surname"].to_numpy()
    drawn = own[generator.integers(0, max(len(own), 1), len(now))]
    same = drawn == own[past]
    persons.loc[now, "surname"] = np.where(same, "Fairweather", drawn)
