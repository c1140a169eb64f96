"""All true absences: the number for each child, their kind, place, start and end.

`reporting` decides who is told of an absence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.calendar import DAY, YEAR_DAYS, day_number, year_start
from simulation.draws import (
    Flags,
    Floats,
    Integers,
    cumulate_within_groups,
    distribute,
    draw_flags,
    random_stream,
    rank_within_groups,
)
from simulation.geography import Geography
from simulation.plan import SimulationPlan
from simulation.world.population import MORE_ABSENCES, Population
from simulation.world.reporting import decide_who_is_told, respect_thresholds, threshold_places
from simulation.yearly_rates import YearlyTargets

AGE_EDGES = np.array([0, 8, 10, 12, 13, 14, 15, 16, 17])
AGE_WEIGHTS = np.array([0.0, 0.01, 0.12, 0.7, 2.2, 3.5, 3.7, 2.2, 2.0])
TYPE_WEIGHTS = {"K2": 2.0, "K1": 1.0, "H5": 2.9, "P2": 2.9, "U": 0.15, "P1": 1.5}
OTHER_WEIGHT = 2.6
OUT_WEIGHT = 1.3
KINDS = ("missing", "away", "not_passed_on", "away_never_recorded", "short", "unknown", "neither")


def make_care_incidents(
    plan: SimulationPlan,
    yearly_targets: YearlyTargets,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row (period, first_day, last_day, kind) for each absence of a looked-after child.

    The absence will start between the two days; `make_absences` draws the time.
    """
    parts = []
    for year in plan.years:
        generator = random_stream(plan.seed, f"incidents {year}")
        candidates = _candidates(year, persons, periods, placements)
        parts.append(_year_incidents(generator, plan, yearly_targets[year], candidates))
        parts.append(_short_break_incidents(generator, plan, year, persons, periods))
    return pd.concat(parts, ignore_index=True)


def _candidates(
    year: int, persons: pd.DataFrame, periods: pd.DataFrame, placements: pd.DataFrame
) -> pd.DataFrame:
    """Return periods of care with enough days in the year, each with a weight for absences."""
    first = np.maximum(periods["start_day"].to_numpy() + 1, year_start(year))
    last = np.minimum(periods["end_day"].to_numpy() - 2, year_start(year + 1) - 1)
    frame = pd.DataFrame({"period": periods.index, "place": periods["place"]})
    frame["first_day"], frame["last_day"] = first, last
    dob = persons["dob_day"].to_numpy()[periods["person"]]
    middle = (first + last) // 2
    age = (middle - dob) / YEAR_DAYS
    frame["placement"] = find_interval(placements, frame["period"].to_numpy(), middle)
    kinds = placements["type"].to_numpy()[frame["placement"]].astype(str)
    weight = AGE_WEIGHTS[np.clip(np.searchsorted(AGE_EDGES, age, "right") - 1, 0, 8)]
    weight = (
        weight * np.array([_type_weight(kind) for kind in kinds.tolist()] or [0.0])[: len(kinds)]
    )
    weight = weight * np.where(placements["is_out"].to_numpy()[frame["placement"]], OUT_WEIGHT, 1)
    frame["weight"] = weight * np.minimum((last - first) / 250, 1)
    enough = (last - first >= 20) & (weight > 0) & ~periods["is_short_break"].to_numpy(dtype=bool)
    return frame[enough].reset_index(drop=True)


def _type_weight(kind: str) -> float:
    return TYPE_WEIGHTS.get(kind, TYPE_WEIGHTS["U"] if kind.startswith("U") else OTHER_WEIGHT)


def find_interval(intervals: pd.DataFrame, owner: Integers, day: Integers) -> Integers:
    """Return the index of the interval of each period in `owner` that includes `day`.

    Intervals are sorted by period and start_day.
    """
    keys = intervals["period"].to_numpy() * 100_000 + intervals["start_day"].to_numpy()
    position = np.searchsorted(keys, owner * 100_000 + day, "right") - 1
    wrong = intervals["period"].to_numpy()[position] != owner
    return np.asarray(np.where(wrong, position + 1, position), dtype=np.int64)


def _draw_members(
    generator: np.random.Generator, place: Integers, weight: Floats, target_counts: Integers
) -> Flags:
    """Return the members drawn in each place, `target_counts` in number, without replacement.

    The draw is weighted, by the method of Efraimidis and Spirakis (2006).
    """
    key = generator.exponential(1.0, len(place)) / np.maximum(weight, 1e-9)
    order = np.lexsort((key, place))
    is_chosen = np.zeros(len(place), dtype=bool)
    is_chosen[order] = rank_within_groups(place[order]) < target_counts[place[order]]
    return is_chosen & (weight > 0)


def _by_place(
    generator: np.random.Generator, place: Integers, values: Floats, size: int
) -> Integers:
    totals = np.zeros(size, dtype=np.int64)
    totals[place] = np.floor(values + generator.random(len(values)))
    return totals


def _year_incidents(
    generator: np.random.Generator,
    plan: SimulationPlan,
    targets: pd.DataFrame,
    candidates: pd.DataFrame,
) -> pd.DataFrame:
    rates = plan.reporting_rates
    where = targets["place"].to_numpy()
    size = int(where.max()) + 1
    place = candidates["place"].to_numpy()
    weight = candidates["weight"].to_numpy()
    children = _by_place(generator, where, targets["missing_children"].to_numpy(), size)
    is_missing = _draw_members(generator, place, weight, children)
    away = _by_place(generator, where, targets["away_children"].to_numpy(), size)
    is_away = _draw_members(generator, place, weight * np.where(is_missing, 6, 1), away)
    hidden = _by_place(generator, where, children[where] * rates.unknown_to_authority, size)
    is_unknown = _draw_members(generator, place, weight * ~(is_missing | is_away), hidden)
    counts = np.zeros((len(place), len(KINDS)), dtype=np.int64)
    days = (candidates["last_day"] - candidates["first_day"]).to_numpy()
    room = np.maximum(days / 2.2, 1).astype(np.int64)
    for kind, flags, column in ((0, is_missing, "missing"), (1, is_away, "away")):
        totals = generator.poisson(targets[f"{column}_incidents"].to_numpy())
        chosen = np.where(flags, place, -1)
        counts[:, kind] = _share_out(generator, chosen, room, dict(zip(where, totals, strict=True)))
    recorded = counts[:, 0] + counts[:, 1]
    never_away = np.zeros(size, dtype=bool)
    never_away[where] = targets["away_incidents"].to_numpy() == 0
    unsaid = np.where(never_away[place], rates.away_never_recorded_extra, 0)
    counts[:, 2] = generator.poisson(recorded * rates.not_passed_on_extra)
    counts[:, 3] = generator.poisson(recorded * unsaid)
    has_threshold = np.isin(place, threshold_places(plan, where))
    counts[:, 4] = generator.poisson(recorded * has_threshold * rates.short_not_recorded_extra)
    counts[:, 5] = np.where(is_unknown, 1 + generator.poisson(0.7, len(place)), 0)
    unreported = 0.6 * rates.unreported_share / 0.66
    counts[:, 6] = generator.poisson(counts[:, :6].sum(axis=1) * unreported)
    return _expand_counts(candidates, counts)


def _share_out(
    generator: np.random.Generator, place: Integers, room: Integers, totals: dict[int, int]
) -> Integers:
    """Distribute absences over the chosen children: one each, and most of the rest to a few.

    `place` is -1 for children who are not chosen. No child gets more absences than its `room`.
    """
    counts = np.zeros(len(place), dtype=np.int64)
    appetite = np.exp(generator.normal(0, 1.25, len(place)))
    appetite *= generator.random(len(place)) > 0.22
    for index, total in totals.items():
        members = np.flatnonzero(place == index)
        shares, most = np.ones(len(members), dtype=np.int64), room[members]
        left = int(total) - len(members)
        weights = appetite[members]
        while left > 0 and (shares < most).any():
            open_weights = np.where(shares < most, weights, 0)
            if open_weights.sum() == 0:
                open_weights = (shares < most).astype(float)
            shares = np.minimum(shares + distribute(generator, left, open_weights), most)
            left = int(total) - int(shares.sum())
        counts[members] = shares
    return counts


def _expand_counts(candidates: pd.DataFrame, counts: Integers) -> pd.DataFrame:
    """Return one row for each absence that fits into a child's days.

    If there are too many absences, those whose kind comes last in `KINDS` are left out.
    """
    rows, kinds = np.nonzero(counts)
    times = counts[rows, kinds]
    row, kind = np.repeat(rows, times), np.repeat(kinds, times)
    days = (candidates["last_day"] - candidates["first_day"]).to_numpy()
    fits = rank_within_groups(row) < np.maximum(days[row] / 1.4, 1)
    row, kind = row[fits], kind[fits]
    frame = candidates.iloc[row][["period", "first_day", "last_day"]].reset_index(drop=True)
    return frame.assign(kind=np.array(KINDS, dtype=object)[kind])


def _short_break_incidents(
    generator: np.random.Generator,
    plan: SimulationPlan,
    year: int,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
) -> pd.DataFrame:
    first = np.maximum(periods["start_day"].to_numpy() + 1, year_start(year))
    last = np.minimum(periods["end_day"].to_numpy() - 2, year_start(year + 1) - 1)
    age = (first - persons["dob_day"].to_numpy()[periods["person"]]) / YEAR_DAYS
    fits = periods["is_short_break"].to_numpy(dtype=bool) & (last - first > 40) & (age > 9)
    rate = plan.reporting_rates.short_break_absences * fits
    counts = np.minimum(generator.poisson(rate), 10)
    owner = np.repeat(np.arange(len(periods)), counts)
    return pd.DataFrame(
        {"period": owner, "first_day": first[owner], "last_day": last[owner], "kind": "short_break"}
    )


# Days between the starts of a child's successive absences in one period, before starts are rounded
# to whole days. Fewer if the period is too short.
LEAST_GAP = 1.4
BREATH = 45  # minutes: a child's next absence starts at least this long after the last one ended


def make_absences(
    plan: SimulationPlan,
    geography: Geography,
    yearly_targets: YearlyTargets,
    population: Population,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    """Draw all absences, sorted by person and start.

    Columns: person, period and placement (-1: not in care), place (responsible or home area),
    host_place, start_minute, end_minute, kind, and the columns of `reporting.decide_who_is_told`.
    """
    persons, periods = population.persons, population.periods
    incidents = make_care_incidents(plan, yearly_targets, persons, periods, placements)
    care = _time_care(plan, incidents, persons, periods, placements)
    care = respect_thresholds(plan, geography.simulated, care)
    home = _home_incidents(plan, population)
    home = _draw_times(random_stream(plan.seed, "home times"), home, is_home=True)
    home["place"] = persons["place"].to_numpy()[home["person"]]
    home["host_place"] = home["place"]
    frame = pd.concat([care, home.assign(period=-1, placement=-1)], ignore_index=True)
    frame = frame.sort_values(["person", "start_minute"], kind="stable", ignore_index=True)
    frame = _select_begun(plan, _keep_apart(frame, periods))
    decide_who_is_told(plan, frame)
    return frame


def _time_care(
    plan: SimulationPlan,
    incidents: pd.DataFrame,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    generator = random_stream(plan.seed, "care times")
    incidents["person"] = periods["person"].to_numpy()[incidents["period"]]
    frame = _draw_times(generator, incidents, is_home=False)
    start_day = frame["start_minute"].to_numpy() // DAY
    frame["placement"] = find_interval(placements, frame["period"].to_numpy(), start_day)
    frame["place"] = periods["place"].to_numpy()[frame["period"]]
    frame["host_place"] = placements["host_place"].to_numpy()[frame["placement"]]
    # Absences of these two kinds can happen only in another authority's area. So drop those that
    # were drawn in the authority's own area.
    near = frame["kind"].isin(["not_passed_on", "unknown"]) & (
        frame["host_place"] == frame["place"]
    )
    return frame[~near].reset_index(drop=True)


def _home_incidents(plan: SimulationPlan, population: Population) -> pd.DataFrame:
    """Return absences of children at home, of children placed here from outside, and before care.

    Outside means outside England. Only some children have absences before they come into care.
    """
    generator = random_stream(plan.seed, "home incidents")
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
    """Return absences in the months before a child is first looked after.

    They are true absences, but the authority should not record them.
    """
    periods = population.periods
    start = periods["start_day"].to_numpy()
    age = (start - population.persons["dob_day"].to_numpy()[periods["person"]]) / YEAR_DAYS
    fits = (periods["entry"] == "new").to_numpy() & (age > 11.5)
    fits &= start > year_start(plan.first_year) + 40
    fits &= ~population.persons["is_uasc"].to_numpy()[periods["person"]]
    fits &= ~periods["is_short_break"].to_numpy(dtype=bool)
    chosen = np.flatnonzero(fits & draw_flags(generator, 0.2, len(periods)))
    owner = np.repeat(chosen, 1 + generator.poisson(1.2, len(chosen)))
    first = np.maximum(start[owner] - 150, year_start(plan.first_year))
    frame = pd.DataFrame({"person": periods["person"].to_numpy()[owner], "first_day": first})
    return frame.assign(last_day=start[owner] - 2, kind="home")


def _draw_times(
    generator: np.random.Generator, frame: pd.DataFrame, *, is_home: bool
) -> pd.DataFrame:
    """Draw the start and the duration of each absence, spread over its child's days.

    Starts are about `LEAST_GAP` days apart or more, unless the child has too many absences.
    """
    frame = frame.assign(shuffle=generator.random(len(frame)))
    frame = frame.sort_values(["person", "first_day", "shuffle"], kind="stable", ignore_index=True)
    key = frame["person"].to_numpy(dtype=np.int64) * 100_000 + frame["first_day"].to_numpy()
    rank = rank_within_groups(key)
    _, position, number = np.unique(key, return_inverse=True, return_counts=True)
    number = number[position].astype(float)
    days = (frame["last_day"] - frame["first_day"]).to_numpy(dtype=float)
    least = np.minimum(LEAST_GAP, days / np.maximum(number, 1) * 0.95)
    gap = generator.gamma(0.7, 1.0, len(frame)) + 1e-6
    running = cumulate_within_groups(gap, key)
    tail = generator.gamma(0.7, 1.0, len(number)) + 1e-6
    last_index = np.maximum.accumulate(np.where(rank == 0, np.arange(len(rank)), 0))
    full_length = np.bincount(position, weights=gap) + np.bincount(
        position, weights=np.where(rank == 0, tail, 0)
    )
    free = np.maximum(days - number * least, 0)
    offset = rank * least + running / full_length[position] * free
    day = np.floor(frame["first_day"].to_numpy()[last_index] + offset).astype(np.int64)
    start_of_day, length = _durations(generator, frame["kind"].to_numpy(), is_home=is_home)
    start = day * DAY + start_of_day
    return frame.drop(columns="shuffle").assign(start_minute=start, end_minute=start + length)


def _durations(
    generator: np.random.Generator, kind: np.ndarray, *, is_home: bool
) -> tuple[Integers, Integers]:
    """Draw starts (minute of the day) and durations (minutes), by published bands of duration."""
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
    """End each absence before the child's next absence and before the child leaves care.

    An absence of which less than five minutes remain is left out.
    """
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


def _select_begun(plan: SimulationPlan, absences: pd.DataFrame) -> pd.DataFrame:
    """Return the absences without those that begin after `as_of`, if a year is in progress."""
    if not plan.processes.has_year_in_progress:
        return absences
    begun = absences["start_minute"] < (day_number(plan.as_of) + 1) * DAY
    return absences[begun].reset_index(drop=True)
