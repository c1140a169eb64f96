"""The decision who is told of each absence, with the reason code if a source is not told.

`sources` decides which of these absences a source records.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.draws import Floats, Integers, choose_members, random_stream
from simulation.plan import SimulationPlan

THRESHOLD = 4 * 60  # minutes: some authorities leave out shorter absences
BRIEFEST = 20
CAUSES = {
    "home": "D1",
    "not_passed_on": "D5",
    "unknown": "D5",
    "away_never_recorded": "D3",
    "short": "D10",
    "short_break": "D16",
    "outside": "D16",
}


def threshold_places(plan: SimulationPlan, places: Integers) -> Integers:
    """Return the authorities that record no absence shorter than `THRESHOLD` minutes.

    The result is empty if the profile has soft thresholds instead.
    """
    generator = random_stream(plan.seed, "thresholds")
    is_soft = plan.processes.threshold_homes > 0
    rate = 0.0 if is_soft else plan.reporting_rates.authorities_with_threshold
    return choose_members(generator, places, rate)


def respect_thresholds(plan: SimulationPlan, places: Integers, frame: pd.DataFrame) -> pd.DataFrame:
    """At authorities with a threshold, lengthen recorded absences and shorten unrecorded ones."""
    generator = random_stream(plan.seed, "threshold lengths")
    count = len(frame)
    kind = frame["kind"].to_numpy().astype(str)
    start, end = frame["start_minute"].to_numpy(), frame["end_minute"].to_numpy()
    longer = THRESHOLD + generator.integers(0, 120, count)
    briefer = generator.integers(BRIEFEST, THRESHOLD - 10, count)
    low = np.isin(frame["place"].to_numpy(), threshold_places(plan, places))
    low &= np.isin(kind, ["missing", "away"]) & (end - start < THRESHOLD)
    high = (kind == "short") & (end - start >= THRESHOLD)
    # The start moves back if necessary, so that the longer absence ends on the day on which it
    # began.
    last_start = start // 1440 * 1440 + 1440 - 5 - longer
    start = np.where(low, np.minimum(start, last_start), start)
    end = np.where(low, start + longer, np.where(high, start + briefer, end))
    return frame.assign(start_minute=start, end_minute=end)


def decide_who_is_told(plan: SimulationPlan, frame: pd.DataFrame) -> None:
    """Decide who is told of each absence, and set the reason if a source is not told.

    Adds category, is_in_care, is_short_break, is_placed_from_outside, is_to_police,
    is_to_authority, police_cause and authority_cause.
    """
    generator = random_stream(plan.seed, "reporting")
    rates = plan.reporting_rates
    kind = frame["kind"].to_numpy().astype(str)
    hours: Floats = (frame["end_minute"] - frame["start_minute"]).to_numpy() / 60
    frame["category"] = np.where(np.isin(kind, ["away", "away_never_recorded"]), "A", "M")
    frame["is_in_care"] = frame["period"].to_numpy() >= 0
    frame["is_short_break"] = kind == "short_break"
    frame["is_placed_from_outside"] = kind == "outside"
    recorded = np.isin(kind, ["missing", "away"])
    chance = np.where(hours < 6, rates.missing_not_reported * 2, rates.missing_not_reported * 0.6)
    chance = np.where(kind == "away", rates.away_not_reported, chance)
    untold = recorded & (generator.random(len(frame)) < chance)
    frame["is_to_authority"] = recorded
    frame["is_to_police"] = (kind != "neither") & ~untold
    frame["police_cause"] = np.where(untold, "D4", "").astype(object)
    causes = [CAUSES.get(name, "") for name in kind.tolist()]
    frame["authority_cause"] = np.array(causes, dtype=object)
