"""What a force is told of and does not hold in its file of children: breaks, and ages taken as 18.

How many reports one absence makes is `police_records`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY, YEAR_DAYS, year_start
from register.simulation.draws import Flags, Texts, chosen, hits, stream
from register.simulation.geography import TRANSPORT_POLICE
from register.simulation.world.nation import Nation

BRIEF = 4 * 60  # minutes; what a force leaves out in its leaner regime
LEFT_OUT = 0.9
EARLIEST, LATEST = 120, 120  # days of the series on either side of a break
COLUMNS = ("force", "first_day", "direction", "is_announced")


def force_breaks(nation: Nation) -> pd.DataFrame:
    """Forces that stop or begin recording brief absences on a day, a row each.

    Columns: force, first_day, direction (stops, begins), is_announced (the force says so).
    """
    plan = nation.plan
    generator = stream(plan.seed, "force breaks")
    places = nation.geography.places["force_code"].iloc[nation.geography.simulated]
    codes = np.array(sorted(set(places) - {TRANSPORT_POLICE}), dtype=object)
    picked = chosen(generator, np.arange(len(codes)), plan.rates.force_recording_break)
    first = year_start(plan.first_year) + EARLIEST
    last = year_start(plan.years[-1] + 1) - LATEST
    turn = generator.permutation(len(picked))
    frame = pd.DataFrame({"force": codes[picked]})
    frame["first_day"] = generator.integers(first, last, len(picked))
    frame["direction"] = np.where(turn % 2 == 0, "stops", "begins").astype(object)
    frame["is_announced"] = turn % 2 == 1
    return frame


def leave_out(nation: Nation, reports: pd.DataFrame, nominals: pd.DataFrame) -> None:
    """Set `lost_cause` of the reports that no delivery will hold: D17, D15, or empty."""
    generator = stream(nation.plan.seed, "left out")
    in_leaner = _in_leaner_regime(force_breaks(nation), reports)
    length = (reports["end_minute"] - reports["start_minute"]).to_numpy()
    lost = in_leaner & (length < BRIEF) & hits(generator, LEFT_OUT, len(reports))
    errors: Texts = nominals["errors"].to_numpy(dtype=object)[reports["nominal"]]
    disputed = np.array(["age_disputed" in text for text in errors.tolist()], dtype=bool)
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    adult = (reports["start_minute"].to_numpy() // DAY - dob) / YEAR_DAYS >= 18
    cause = np.where(lost, "D17", np.where(disputed & adult, "D15", ""))
    reports["lost_cause"] = cause.astype(object)


def _in_leaner_regime(breaks: pd.DataFrame, reports: pd.DataFrame) -> Flags:
    force = reports["force"].to_numpy()
    day = reports["start_minute"].to_numpy() // DAY
    found = np.zeros(len(reports), dtype=bool)
    for row in breaks.itertuples():
        after = day >= row.first_day
        found |= (force == row.force) & (after if row.direction == "stops" else ~after)
    return found
