"""The times that case systems record in place of an event's time (D8).

Normally a system records the next full office hour. Each function here gives another time that a
system may record, such as the end of the shift.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.calendar import DAY
from simulation.draws import Flags, Integers, Texts, choose_members, random_stream
from simulation.world.nation import Nation

SHIFTS = np.array([7 * 60, 14 * 60 + 30, 21 * 60 + 45, DAY + 7 * 60])
# Days count from 1970-01-01. So day 5 (1970-01-06) was a Tuesday, from which all others follow.
TUESDAY = 5
Habit = Callable[[np.random.Generator, Integers], Integers]


def shift_change(generator: np.random.Generator, minutes: Integers) -> Integers:
    """Return the minute at which the record was written: at the end of the shift, on any day."""
    day, minute = minutes // DAY, minutes % DAY
    end = SHIFTS[np.searchsorted(SHIFTS, minute, "left")]
    return np.asarray(day * DAY + end + generator.integers(0, 25, len(minutes)))


def saved_form(generator: np.random.Generator, minutes: Integers) -> Integers:
    """Return the minute at which the form was saved, hours or days after the event."""
    delay = np.minimum(generator.lognormal(np.log(5 * 60), 1.0, len(minutes)), 5 * DAY)
    return np.asarray(minutes + delay.astype(np.int64))


def morning_batch(generator: np.random.Generator, minutes: Integers) -> Integers:
    """Return the minute of entry on the next morning (also at weekends) by an early starter."""
    return np.asarray((minutes // DAY + 1) * DAY + generator.integers(405, 560, len(minutes)))


def weekly_panel(generator: np.random.Generator, minutes: Integers) -> Integers:
    """Return the minute of entry in the next Tuesday's panel, which reviews the week."""
    day = minutes // DAY
    wait = (TUESDAY - day - 1) % 7 + 1
    return np.asarray((day + wait) * DAY + generator.integers(600, 720, len(minutes)))


HABITS: dict[str, Habit] = {
    "shift_change": shift_change,
    "saved_form": saved_form,
    "morning_batch": morning_batch,
    "weekly_panel": weekly_panel,
}


def habit_of(nation: Nation, systems: Texts) -> Texts:
    """Return the recording habit of each place; empty if its case system has its usual times.

    If the profile has habits, every authority with a system of workflow steps has one. So have some
    authorities with a system of event times.
    """
    profile = nation.plan.processes
    habits = np.full(len(systems), "", dtype=object)
    if not profile.administrative_habits:
        return habits
    simulated = nation.geography.simulated
    generator = random_stream(nation.plan.seed, "administrative habits")
    events = simulated[systems[simulated] == "Liquidlogic"]
    also = choose_members(generator, events, profile.administrative_events)
    fitting = np.union1d(simulated[systems[simulated] == "Mosaic"], also)
    turns = np.array(profile.administrative_habits, dtype=object)
    habits[fitting] = turns[np.arange(len(fitting)) % len(turns)]
    return habits


def administrative_times(
    nation: Nation, habits: Texts, place: Integers, start: Integers, end: Integers
) -> tuple[Flags, Integers, Integers]:
    """Return which records follow a habit, and the start and end that the habit gives.

    `habits` has the habit of each place. An end is never entered before its start.
    """
    generator = random_stream(nation.plan.seed, "administrative times")
    own = habits[place]
    new_start, new_end = start.copy(), end.copy()
    for name, habit in HABITS.items():
        rows = np.flatnonzero(own == name)
        new_start[rows] = habit(generator, start[rows])
        new_end[rows] = np.maximum(habit(generator, end[rows]), new_start[rows])
    return np.asarray(own != ""), new_start, new_end
