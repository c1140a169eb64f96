"""Authorities that write successive absences of a child as one long one (D9)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY
from register.simulation.draws import chosen, hits, rank_within, stream
from register.simulation.world.nation import Nation

SOON = 3 * DAY  # from the end of one to the start of the next
MOST = 4  # absences in one record


def lump(nation: Nation, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join rows of `frame` (absence, person, place, type, times; by person and start).

    Returns the frame with one row for what is written as one, marked `is_lumped`, and a row per
    absence that is written with an earlier one: absence, into.
    """
    plan, rates = nation.plan, nation.plan.reporting_rates
    generator = stream(plan.seed, "lumping")
    lumping = chosen(generator, nation.geography.simulated, rates.authorities_lumping)
    if plan.calibration_file is not None:
        lumping = lumping[:0]  # a calibrated authority counts as it published
    joins = _may_follow(nation, frame) & np.isin(frame["place"].to_numpy(), lumping)
    joins &= hits(generator, rates.lumped_absences, len(frame))
    joins &= rank_within(np.cumsum(~joins)) % MOST > 0
    group = np.cumsum(~joins) - 1
    absence = frame["absence"].to_numpy(dtype=np.int64)
    first = absence[~joins]
    lumped = pd.DataFrame({"absence": absence[joins], "into": first[group[joins]]})
    size = np.bincount(group, minlength=len(first))
    end = frame["end_minute"].to_numpy()
    kept = frame[~joins].reset_index(drop=True)
    kept["end_minute"] = end[np.cumsum(size) - 1] if len(frame) else end
    return kept.assign(is_lumped=size > 1), lumped


def _may_follow(nation: Nation, frame: pd.DataFrame) -> np.ndarray:
    """Whether a row is of the same child, place and type as the one before and soon after it.

    Nothing that a source was told of lies between the two.
    """
    told = (nation.absences["is_to_police"] | nation.absences["is_to_authority"]).to_numpy()
    turn = np.cumsum(told)[frame["absence"].to_numpy(dtype=np.int64)]
    found = np.zeros(len(frame), dtype=bool)
    if not len(frame):
        return found
    found[1:] = np.diff(turn) == 1
    for column in ("person", "place", "type"):
        values = frame[column].to_numpy()
        found[1:] &= values[1:] == values[:-1]
    start, end = frame["start_minute"].to_numpy(), frame["end_minute"].to_numpy()
    found[1:] &= start[1:] - end[:-1] <= SOON
    return found
