"""Random omissions: absences that a source was told of but does not record (D0)."""

from __future__ import annotations

import numpy as np

from simulation.draws import Flags, random_stream
from simulation.world.nation import Nation


def draw_omitted(nation: Nation, source: str) -> Flags:
    """Return which absences a source (police, authority) does not record, chosen at random.

    The draw is from all absences, whether or not the source was told. Each force and each authority
    has its own rate. Length, place, child and time have no influence.
    """
    low, high = nation.plan.processes.omissions
    count = len(nation.absences)
    if high == 0:
        return np.zeros(count, dtype=bool)
    generator = random_stream(nation.plan.seed, f"omissions {source}")
    places = nation.geography.places
    rates = generator.uniform(low, high, len(places))
    if source == "police":
        # Each force has one rate of omission. The force is that of the place from which the child
        # went.
        codes, force = np.unique(places["force_code"].to_numpy(dtype=str), return_inverse=True)
        place = force[nation.absences["host_place"].to_numpy()]
        rates = rates[: len(codes)]
    else:
        place = nation.absences["place"].to_numpy()
    return np.asarray(generator.random(count) < rates[place])
