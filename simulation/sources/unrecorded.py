"""The profile's reasons why a source does not record an absence that it was told of.

Two other reasons are in `authority_records` and `police_records`: breaks in recording, and persons
who are adults by their date of birth.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.draws import Integers, Texts
from simulation.processes.omissions import draw_omitted
from simulation.processes.recording_steps import left_out_by_steps, recording_steps
from simulation.processes.soft_thresholds import below_threshold
from simulation.world.nation import Nation


def unrecorded_by_police(nation: Nation, reports: pd.DataFrame) -> Texts:
    """Return why a force omits each report (absence, force, times): D17 or D0, otherwise empty."""
    start, end = reports["start_minute"].to_numpy(), reports["end_minute"].to_numpy()
    steps = recording_steps(nation, "police")
    changed = left_out_by_steps(nation, steps, reports["force"].to_numpy(dtype=object), start, end)
    at_random = draw_omitted(nation, "police")[reports["absence"].to_numpy()]
    return np.select([changed, at_random], ["D17", "D0"], "").astype(object)


def unrecorded_by_authority(nation: Nation, absence: Integers) -> Texts:
    """Return the cause of each absence that its authority omits (D10, D17 or D0), else empty."""
    rows = nation.absences.iloc[absence]
    start, end = rows["start_minute"].to_numpy(), rows["end_minute"].to_numpy()
    place = rows["place"].to_numpy()
    homes = nation.placements["postcode"].to_numpy()[rows["placement"].to_numpy()]
    is_brief = below_threshold(nation.plan, homes, place, rows["person"].to_numpy(), end - start)
    codes = nation.geography.places["authority_code"].to_numpy(dtype=object)[place]
    steps = recording_steps(nation, "authority")
    changed = left_out_by_steps(nation, steps, codes, start, end)
    at_random = draw_omitted(nation, "authority")[absence]
    return np.select([is_brief, changed, at_random], ["D10", "D17", "D0"], "").astype(object)
