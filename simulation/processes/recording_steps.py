"""Sudden or gradual changes in how a supplier records, several within the series (D17)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.calendar import DAY, day_number, year_start
from simulation.draws import (
    Flags,
    Floats,
    Integers,
    Texts,
    choose_members,
    draw_flags,
    random_stream,
)
from simulation.world.nation import Nation

BRIEF = 6 * 60  # minutes: a shorter absence is brief
LONGER = 0.35  # factor on the level of omission for absences that are not brief
RAMP_DAYS = (60, 210)
COLUMNS = ["source", "supplier_code", "first_day", "ramp_days", "level_before", "level_after"]


def recording_steps(nation: Nation, source: str) -> pd.DataFrame:
    """Return one row for each change in how a force or an authority records, in order.

    `level_before` and `level_after` are the shares of brief absences left out before and after the
    change. `ramp_days` is 0 for a sudden change.
    """
    plan, profile = nation.plan, nation.plan.processes
    generator = random_stream(plan.seed, f"recording steps {source}")
    places = nation.geography.places.iloc[nation.geography.simulated]
    column = "force_code" if source == "police" else "authority_code"
    codes = np.array(sorted(set(places[column])), dtype=object)
    picked = codes[choose_members(generator, np.arange(len(codes)), profile.step_suppliers)]
    first = year_start(plan.first_year)
    last = min(year_start(plan.years[-1] + 1), day_number(plan.as_of))
    low, high = profile.steps_each
    rows: list[tuple[object, ...]] = []
    for code in picked.tolist():
        count = int(generator.integers(low, high + 1))
        days = np.sort(generator.integers(first + 30, last - 30, count))
        # Low and high levels of omission alternate, so each change is large enough to be seen in a
        # series.
        is_lean = (np.arange(count + 1) + generator.integers(0, 2)) % 2 == 0
        lowest = np.where(is_lean, 0.6, 0.0) * profile.step_level
        levels = lowest + generator.uniform(0, 0.4 * profile.step_level, count + 1)
        is_gradual = draw_flags(generator, profile.gradual_steps, count)
        ramps = np.where(is_gradual, generator.integers(*RAMP_DAYS, count), 0)
        rows += zip(
            [source] * count, [code] * count, days.tolist(), ramps.tolist(),
            levels[:-1].tolist(), levels[1:].tolist(), strict=True,
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def level_at(steps: pd.DataFrame, supplier: Texts, day: Integers) -> Floats:
    """Return the share of brief absences that each supplier leaves out on each day.

    The share is 0 for suppliers without changes. If two changes overlap, the later one takes over
    little by little.
    """
    levels = np.zeros(len(day))
    for code, own in steps.groupby("supplier_code", sort=True):
        rows = supplier == code
        level = np.full(int(rows.sum()), own["level_before"].iloc[0])
        for step in own.itertuples():
            passed = np.maximum(day[rows] - float(str(step.first_day)), 0)
            done = np.minimum(passed / max(float(str(step.ramp_days)), 1.0), 1.0)
            after = float(str(step.level_after))
            level = np.where(passed > 0, level + (after - level) * done, level)
        levels[rows] = level
    return levels


def left_out_by_steps(
    nation: Nation, steps: pd.DataFrame, supplier: Texts, start: Integers, end: Integers
) -> Flags:
    """Return which records are left out, given the supplier's level on the day when they start."""
    count = len(start)
    if not len(steps):
        return np.zeros(count, dtype=bool)
    source = str(steps["source"].iloc[0])
    level = level_at(steps, supplier, start // DAY)
    chance = np.where(end - start < BRIEF, level, level * LONGER)
    return np.asarray(random_stream(nation.plan.seed, f"steps {source}").random(count) < chance)
