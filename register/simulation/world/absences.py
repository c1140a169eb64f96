"""Every true absence: who, from where, from when to when, and whom it was reported to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY, YEAR_DAYS, year_start
from register.simulation.draws import (
    Integers,
    hits,
    rank_within,
    stream,
    total_before,
)
from register.simulation.geography import Geography
from register.simulation.plan import SimulationPlan
from register.simulation.world.care import Population
from register.simulation.world.incidents import find_interval, make_care_incidents
from register.simulation.world.outside import MORE_ABSENCES
from register.simulation.world.reporting import report, respect_thresholds

LEAST_GAP = 1.4  # days between the starts of two absences of one child
BREATH = 45  # minutes at least between an end and the next start


def make_absences(
    plan: SimulationPlan,
    geography: Geography,
    targets: pd.DataFrame,
    population: Population,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    """Draw all absences, sorted by person and start.

    Columns: person, period and placement (-1: not in care), place (responsible or home area),
    host_place, start_minute, end_minute, kind, and those that `reporting.report` adds.
    """
    persons, periods = population.persons, population.periods
    incidents = make_care_incidents(plan, targets, persons, periods, placements)
    care = _time_care(plan, incidents, persons, periods, placements)
    care = respect_thresholds(plan, geography.simulated, care)
    home = _home_incidents(plan, population)
    home = _time(stream(plan.seed, "home times"), home, is_home=True)
    home["place"] = persons["place"].to_numpy()[home["person"]]
    home["host_place"] = home["place"]
    frame = pd.concat([care, home.assign(period=-1, placement=-1)], ignore_index=True)
    frame = frame.sort_values(["person", "start_minute"], kind="stable", ignore_index=True)
    frame = _keep_apart(frame, periods)
    report(plan, frame)
    return frame


def _time_care(
    plan: SimulationPlan,
    incidents: pd.DataFrame,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    generator = stream(plan.seed, "care times")
    incidents["person"] = periods["person"].to_numpy()[incidents["period"]]
    frame = _time(generator, incidents, is_home=False)
    start_day = frame["start_minute"].to_numpy() // DAY
    frame["placement"] = find_interval(placements, frame["period"].to_numpy(), start_day)
    frame["place"] = periods["place"].to_numpy()[frame["period"]]
    frame["host_place"] = placements["host_place"].to_numpy()[frame["placement"]]
    # What is not passed on happens in another authority's area.
    near = frame["kind"].isin(["not_passed_on", "unknown"]) & (
        frame["host_place"] == frame["place"]
    )
    return frame[~near].reset_index(drop=True)


def _home_incidents(plan: SimulationPlan, population: Population) -> pd.DataFrame:
    """Absences from home and of children placed from outside England, and of some before care."""
    generator = stream(plan.seed, "home incidents")
    years = population.home_years
    ratio = plan.reporting_rates.unreported_share / (
        1 - plan.reporting_rates.unreported_share + 1e-9
    )
    known = years["is_known"].to_numpy(dtype=bool)
    count = len(years)
    often = generator.gamma(0.28, 0.95 / 0.28, count)
    outside = years["is_outside"].to_numpy(dtype=bool)
    often = np.where(outside, MORE_ABSENCES, often)
    reported = np.where(known, 1 + generator.poisson(np.minimum(often, 60)), 0)
    hidden_rate = np.where(known, reported * ratio / 1.94, 3.3 * ratio / 1.94)
    hidden = generator.poisson(np.minimum(hidden_rate, 100))
    parts = []
    for kind, counts in (("home", reported), ("neither", hidden)):
        owner = np.repeat(np.arange(count), counts)
        first = np.array([year_start(year) for year in years["year"].to_list()] or [0])[owner]
        frame = pd.DataFrame({"person": years["person"].to_numpy()[owner], "first_day": first})
        names = np.where(outside[owner] & (kind == "home"), "outside", kind)
        parts.append(frame.assign(last_day=first + 363, kind=names.astype(object)))
    parts.append(_before_care(generator, plan, population))
    return pd.concat(parts, ignore_index=True)


def _before_care(
    generator: np.random.Generator, plan: SimulationPlan, population: Population
) -> pd.DataFrame:
    """Absences in the months before a child is first looked after: real, not the authority's."""
    periods = population.periods
    start = periods["start_day"].to_numpy()
    age = (start - population.persons["dob_day"].to_numpy()[periods["person"]]) / YEAR_DAYS
    fits = (periods["entry"] == "new").to_numpy() & (age > 11.5)
    fits &= start > year_start(plan.first_year) + 40
    fits &= ~population.persons["is_uasc"].to_numpy()[periods["person"]]
    fits &= ~periods["is_short_break"].to_numpy(dtype=bool)
    chosen = np.flatnonzero(fits & hits(generator, 0.2, len(periods)))
    owner = np.repeat(chosen, 1 + generator.poisson(1.2, len(chosen)))
    first = np.maximum(start[owner] - 150, year_start(plan.first_year))
    frame = pd.DataFrame({"person": periods["person"].to_numpy()[owner], "first_day": first})
    return frame.assign(last_day=start[owner] - 2, kind="home")


def _time(generator: np.random.Generator, frame: pd.DataFrame, *, is_home: bool) -> pd.DataFrame:
    """Spread each child's absences over its days, apart from one another, and draw how long."""
    frame = frame.assign(shuffle=generator.random(len(frame)))
    frame = frame.sort_values(["person", "first_day", "shuffle"], kind="stable", ignore_index=True)
    key = frame["person"].to_numpy(dtype=np.int64) * 100_000 + frame["first_day"].to_numpy()
    rank = rank_within(key)
    _, position, number = np.unique(key, return_inverse=True, return_counts=True)
    number = number[position].astype(float)
    days = (frame["last_day"] - frame["first_day"]).to_numpy(dtype=float)
    least = np.minimum(LEAST_GAP, days / np.maximum(number, 1) * 0.95)
    gap = generator.gamma(0.7, 1.0, len(frame)) + 1e-6
    running = total_before(gap, key)
    tail = generator.gamma(0.7, 1.0, len(number)) + 1e-6
    last_index = np.maximum.accumulate(np.where(rank == 0, np.arange(len(rank)), 0))
    whole = np.bincount(position, weights=gap) + np.bincount(
        position, weights=np.where(rank == 0, tail, 0)
    )
    free = np.maximum(days - number * least, 0)
    offset = rank * least + running / whole[position] * free
    day = np.floor(frame["first_day"].to_numpy()[last_index] + offset).astype(np.int64)
    start_of_day, length = _durations(generator, frame["kind"].to_numpy(), is_home=is_home)
    start = day * DAY + start_of_day
    return frame.drop(columns="shuffle").assign(start_minute=start, end_minute=start + length)


def _durations(
    generator: np.random.Generator, kind: np.ndarray, *, is_home: bool
) -> tuple[Integers, Integers]:
    """Minute of the day of the start, and minutes gone, by the duration bands of the statistics."""
    count = len(kind)
    band_edges = [0.62, 0.95, 0.99] if is_home else [0.32, 0.885, 0.972]
    draw = generator.random(count)
    brief = np.isin(kind.astype(str), ["short", "away", "away_never_recorded", "neither"])
    draw = np.where(brief, draw * np.where(generator.random(count) < 0.75, 0.3, 1), draw)
    band = np.searchsorted(band_edges, draw, "right")
    evening = 20 * 60 + generator.normal(0, 130, count)
    start = np.where(band == 0, generator.uniform(9 * 60, 20.5 * 60, count), evening)
    start = np.clip(start, 0, DAY - 10).astype(np.int64)
    rest = DAY - 5 - start
    same_day = np.minimum(
        generator.gamma(2.0, 110, count) + 15, rest * generator.uniform(0.7, 1, count)
    )
    nights = np.where(generator.random(count) < 0.83, 1, 2)
    nights = np.where(band == 2, generator.integers(3, 8, count), nights)
    longer = np.minimum(8 + generator.exponential(38, count), 250).astype(int)
    nights = np.where(band == 3, longer, nights)
    end_of_day = np.clip(generator.gamma(3.0, 190, count), 10, DAY - 20)
    overnight = nights * DAY - start + end_of_day
    length = np.where(band == 0, same_day, overnight).astype(np.int64)
    return start, np.maximum(length, 10)


def _keep_apart(frame: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """End each absence before the child's next one and before the child leaves care."""
    person = frame["person"].to_numpy()
    start, end = frame["start_minute"].to_numpy(), frame["end_minute"].to_numpy()
    same = np.r_[person[1:] == person[:-1], False]
    following = np.where(same, np.r_[start[1:], 0] - BREATH, end)
    end = np.minimum(end, following)
    period = frame["period"].to_numpy()
    leaving = np.where(period >= 0, periods["end_day"].to_numpy()[period] * DAY - 60, end)
    end = np.minimum(end, leaving)
    keep = end >= start + 5
    return frame.assign(end_minute=end)[keep].reset_index(drop=True)
