"""How many absences each child has in each year, of which kind. When they happen is `absences`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import YEAR_DAYS, year_start
from register.simulation.draws import Flags, Floats, Integers, rank_within, spread, stream
from register.simulation.plan import SimulationPlan
from register.simulation.world.reporting import threshold_places

AGE_EDGES = np.array([0, 8, 10, 12, 13, 14, 15, 16, 17])
AGE_WEIGHTS = np.array([0.0, 0.01, 0.12, 0.7, 2.2, 3.5, 3.7, 2.2, 2.0])
TYPE_WEIGHTS = {"K2": 2.0, "K1": 1.0, "H5": 2.9, "P2": 2.9, "U": 0.15, "P1": 1.5}
OTHER_WEIGHT = 2.6
OUT_WEIGHT = 1.3
KINDS = ("missing", "away", "not_passed_on", "away_never_recorded", "short", "unknown", "neither")


def make_care_incidents(
    plan: SimulationPlan,
    targets: pd.DataFrame,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
    placements: pd.DataFrame,
) -> pd.DataFrame:
    """One row per absence of a looked-after child: period, first_day, last_day, kind."""
    parts = []
    for year in plan.years:
        generator = stream(plan.seed, f"incidents {year}")
        candidates = _candidates(year, persons, periods, placements)
        parts.append(_year_incidents(generator, plan, targets, candidates))
        parts.append(_short_break_incidents(generator, plan, year, persons, periods))
    return pd.concat(parts, ignore_index=True)


def _candidates(
    year: int, persons: pd.DataFrame, periods: pd.DataFrame, placements: pd.DataFrame
) -> pd.DataFrame:
    """Periods of care with enough days in the year, and how likely an absence is in each."""
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
    """The index of each owner's interval (sorted by period, start_day) that holds `day`."""
    keys = intervals["period"].to_numpy() * 100_000 + intervals["start_day"].to_numpy()
    found = np.searchsorted(keys, owner * 100_000 + day, "right") - 1
    wrong = intervals["period"].to_numpy()[found] != owner
    return np.asarray(np.where(wrong, found + 1, found), dtype=np.int64)


def _chosen(
    generator: np.random.Generator, place: Integers, weight: Floats, wanted: Integers
) -> Flags:
    """A weighted draw without replacement of `wanted` members of each place.

    The method is Efraimidis and Spirakis (2006).
    """
    key = generator.exponential(1.0, len(place)) / np.maximum(weight, 1e-9)
    order = np.lexsort((key, place))
    found = np.zeros(len(place), dtype=bool)
    found[order] = rank_within(place[order]) < wanted[place[order]]
    return found & (weight > 0)


def _by_place(
    generator: np.random.Generator, place: Integers, values: Floats, size: int
) -> Integers:
    found = np.zeros(size, dtype=np.int64)
    found[place] = np.floor(values + generator.random(len(values)))
    return found


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
    is_missing = _chosen(generator, place, weight, children)
    away = _by_place(generator, where, targets["away_children"].to_numpy(), size)
    is_away = _chosen(generator, place, weight * np.where(is_missing, 6, 1), away)
    hidden = _by_place(generator, where, children[where] * rates.unknown_to_authority, size)
    is_unknown = _chosen(generator, place, weight * ~(is_missing | is_away), hidden)
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
    return _expand(candidates, counts)


def _share_out(
    generator: np.random.Generator, place: Integers, room: Integers, totals: dict[int, int]
) -> Integers:
    """Give every chosen child one absence, and the rest to few: some children go very often.

    `place` is -1 for children who are not chosen; none gets more than its `room`.
    """
    counts = np.zeros(len(place), dtype=np.int64)
    appetite = np.exp(generator.normal(0, 1.25, len(place)))
    appetite *= generator.random(len(place)) > 0.22
    for index, total in totals.items():
        members = np.flatnonzero(place == index)
        given, most = np.ones(len(members), dtype=np.int64), room[members]
        left = int(total) - len(members)
        weights = appetite[members]
        while left > 0 and (given < most).any():
            open_weights = np.where(given < most, weights, 0)
            if open_weights.sum() == 0:
                open_weights = (given < most).astype(float)
            given = np.minimum(given + spread(generator, left, open_weights), most)
            left = int(total) - int(given.sum())
        counts[members] = given
    return counts


def _expand(candidates: pd.DataFrame, counts: Integers) -> pd.DataFrame:
    """A row per absence, no more than fit into the child's days; recorded ones go first."""
    rows, kinds = np.nonzero(counts)
    times = counts[rows, kinds]
    row, kind = np.repeat(rows, times), np.repeat(kinds, times)
    days = (candidates["last_day"] - candidates["first_day"]).to_numpy()
    fits = rank_within(row) < np.maximum(days[row] / 1.4, 1)
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
