"""Postcodes that are blank, or that belong to no place."""

from __future__ import annotations

import numpy as np

from simulation.draws import Flags, Texts, random_stream
from simulation.plan import SimulationPlan

# Postcodes that cannot be resolved: the NHS's pseudo-postcodes, remarks, and non-existent
# districts.
UNRESOLVABLE = ("ZZ99 3VZ", "ZZ99 3WZ", "NFA", "UNKNOWN", "XX1 1XX", "Y099 1QQ", "TBC")


def spoil_postcodes(plan: SimulationPlan, name: str, texts: Texts) -> tuple[Texts, Flags, Flags]:
    """Return postcodes, some now blank or unresolvable, and a flag for each of the two kinds."""
    profile, count = plan.processes, len(texts)
    generator = random_stream(plan.seed, f"postcodes {name}")
    draw, turn = generator.random(count), generator.integers(0, len(UNRESOLVABLE), count)
    is_blank = draw < profile.blank_postcodes
    is_wrong = ~is_blank & (draw < profile.blank_postcodes + profile.unresolvable_postcodes)
    wrong = np.array(UNRESOLVABLE, dtype=object)[turn]
    written_postcodes = np.where(is_blank, "", np.where(is_wrong, wrong, texts)).astype(object)
    return written_postcodes, is_blank, is_wrong
