"""Episodes of care as both the extract and the return count them.

One for every stretch with the same placement and the same legal status.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.draws import Integers, Texts
from register.simulation.world.incidents import find_interval
from register.simulation.world.nation import Nation

NEEDS = np.array(["N1", "N1", "N1", "N1", "N2", "N3", "N4", "N4", "N5", "N6"], dtype=object)


def make_segments(nation: Nation) -> pd.DataFrame:
    """One row per episode, in order.

    period, person, place, start_day, end_day, start_reason, ceased_reason, need, placement, legal
    status `code`, entered_day.
    """
    placements, legal = nation.placements, nation.legal_statuses
    cuts = pd.concat([placements[["period", "start_day"]], legal[["period", "start_day"]]])
    cuts = cuts.drop_duplicates().sort_values(["period", "start_day"], ignore_index=True)
    period = cuts["period"].to_numpy(dtype=np.int64)
    start = cuts["start_day"].to_numpy(dtype=np.int64)
    rows = nation.periods.iloc[period]
    frame = pd.DataFrame({"period": period, "person": rows["person"].to_numpy()})
    frame["place"], frame["start_day"] = rows["place"].to_numpy(), start
    last = np.r_[period[1:] != period[:-1], True]
    first = np.r_[True, period[1:] != period[:-1]]
    frame["end_day"] = np.where(last, rows["end_day"].to_numpy(), np.r_[start[1:], 0])
    frame["placement"] = find_interval(placements, period, start)
    status = find_interval(legal, period, start)
    frame["code"] = legal["code"].to_numpy()[status]
    new_place = placements["start_day"].to_numpy()[frame["placement"]] == start
    new_status = legal["start_day"].to_numpy()[status] == start
    frame["start_reason"] = np.where(
        first, "S", np.where(new_place & new_status, "B", np.where(new_place, "P", "L"))
    )
    frame["ceased_reason"] = np.where(last, rows["leaving_code"].to_numpy(), "X1")
    uasc = nation.persons["is_uasc"].to_numpy()[frame["person"]]
    frame["need"] = np.where(uasc, "N8", NEEDS[frame["person"].to_numpy() % len(NEEDS)])
    frame["entered_day"] = rows["start_day"].to_numpy()
    return frame


def nhs_numbers(person: Integers) -> Texts:
    """NHS numbers of the range kept for tests (999 …), with a valid check digit."""
    stem = 999_000_000 + person * 7 % 1_000_000
    digits = stem[:, None] // 10 ** np.arange(8, -1, -1)[None, :] % 10
    check = (11 - (digits * np.arange(10, 1, -1)[None, :]).sum(axis=1) % 11) % 11
    texts = [
        f"{number}{digit}" for number, digit in zip(stem.tolist(), check.tolist(), strict=True)
    ]
    return np.where(check == 10, "", np.array(texts, dtype=object)).astype(object)
