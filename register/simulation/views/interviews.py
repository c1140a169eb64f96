"""Return interviews: offered, accepted, held, and how long after the return."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY
from register.simulation.draws import OPEN, hits, pick, stream
from register.simulation.world.nation import Nation


def make_interviews(nation: Nation, missing: pd.DataFrame) -> pd.DataFrame:
    """Interview rows for the extract; sets `offered` and `accepted` (Y, N, NA, blank) in missing.

    Some interviews cover the child's absence before as well.
    """
    generator = stream(nation.plan.seed, "interviews")
    rates = nation.plan.reporting_rates
    count = len(missing)
    closed = (missing["end_minute"] != OPEN).to_numpy()
    offered = closed & hits(generator, rates.interview_offered, count)
    blank = hits(generator, 0.05, count) | ~closed
    missing["offered"] = np.where(blank, "", np.where(offered, "Y", "N"))
    accepted = offered & ~blank & hits(generator, rates.interview_accepted, count)
    refused = np.where(offered & ~blank, "N", np.where(blank, "", "NA"))
    missing["accepted"] = np.where(accepted, "Y", refused)
    rows = np.flatnonzero(offered & ~blank)
    end = missing["end_minute"].to_numpy()[rows]
    child = missing["child"].to_numpy()[rows]
    ids = missing["miss_id"].to_numpy(dtype=object)[rows]
    together = np.r_[False, child[1:] == child[:-1]] & hits(generator, 0.08, len(rows))
    ids = np.where(together, np.r_[[""], ids[:-1]] + "|" + ids, ids)
    in_time = hits(generator, rates.interview_in_time, len(rows))
    hours = np.where(
        in_time, generator.uniform(3, 71, len(rows)), 72 + generator.gamma(1.5, 60, len(rows))
    )
    held = (end + hours * 60).astype(np.int64) // 15 * 15
    yes = accepted[rows]
    frame = pd.DataFrame({"interview_id": [f"R{value}" for value in (rows + 1).tolist()]})
    frame["miss_table_id"] = ids
    frame["offered_at:minute"] = end + generator.integers(30, 1500, len(rows))
    frame["accepted"] = np.where(yes, "Y", "N")
    frame["held_at:minute"] = np.where(yes, held, OPEN)
    people = {"Independent visitor": 6, "Commissioned service": 3, "Social worker": 1}
    held_by = pick(generator, people, len(rows))
    frame["held_by"] = np.where(yes, held_by, "")
    frame["is_independent"] = np.where(yes, np.where(held_by == "Social worker", "N", "Y"), "")
    reason = pick(generator, {"Child refused": 7, "Could not be contacted": 3}, len(rows))
    frame["declined_reason"] = np.where(yes, "", reason)
    known = np.maximum(missing["known_day"].to_numpy()[rows], end // DAY + 1)
    return frame.assign(_place=missing["place"].to_numpy()[rows], _known=known)
