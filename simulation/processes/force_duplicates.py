"""Absences that a second force also records, under its own number (D6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.draws import draw_flags, random_stream
from simulation.world.nation import Nation

APART = 40  # minutes: the second force's times are later than the first's by less than this


def second_records(nation: Nation, reports: pd.DataFrame) -> pd.DataFrame:
    """Return copies of some reports (absence, force, start_minute, end_minute …) by another force.

    The copied reports are drawn from all reports, including those of children at home. The times
    differ by minutes.
    """
    generator = random_stream(nation.plan.seed, "force duplicates")
    places = nation.geography.places["force_code"].iloc[nation.geography.simulated]
    forces = np.array(sorted(set(places)), dtype=object)
    duplicates = reports[
        draw_flags(generator, nation.plan.processes.force_duplicates, len(reports))
    ]
    if not len(duplicates) or len(forces) < 2:
        return reports.iloc[:0].assign(unit_cause="D6")
    other = generator.integers(1, len(forces), len(duplicates))
    number = np.searchsorted(forces.astype(str), duplicates["force"].to_numpy(dtype=str))
    start = duplicates["start_minute"].to_numpy() + generator.integers(0, APART, len(duplicates))
    end = duplicates["end_minute"].to_numpy() + generator.integers(0, APART, len(duplicates))
    return duplicates.assign(
        force=forces[(number + other) % len(forces)],
        start_minute=start,
        end_minute=np.maximum(end, start + 5),
        unit_cause="D6",
    )
