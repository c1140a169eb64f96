"""The children who are looked after, with their periods of care, and children at risk at home.

Two special groups are included. Adopted children who return to care are recorded by every source as
two persons. Other children were placed here by an authority outside England. `placements` decides
where a child lives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.calendar import YEAR_DAYS, eighteenth_birthday, year_start
from simulation.draws import (
    OPEN,
    Flags,
    Floats,
    Integers,
    draw_flags,
    random_stream,
    round_at_random,
)
from simulation.geography import Geography
from simulation.plan import SimulationPlan
from simulation.world.people import ENTRY_AGES, STOCK_AGES, draw_ages, draw_home_ages, make_persons
from simulation.yearly_rates import YearlyTargets


def draw_adoptions(
    generator: np.random.Generator, plan: SimulationPlan, targets: pd.DataFrame
) -> pd.DataFrame:
    """Return adopted children (even rows), and the same children back in care (odd rows).

    Nothing in the records links the two.
    """
    counts = round_at_random(
        generator, targets["looked_after"].to_numpy() * plan.rates.adoption_return
    )
    place = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
    count = len(place)
    first = year_start(plan.first_year)
    back = first + generator.integers(10, 365 * plan.year_count - 60, count)
    dob = back - (generator.uniform(13, 16.5, count) * YEAR_DAYS).astype(int)
    adopted = dob + (generator.uniform(1, 4, count) * YEAR_DAYS).astype(int)
    past = pd.DataFrame({"place": place, "dob_day": dob, "start_day": dob + 40, "end_day": adopted})
    now = past.assign(start_day=back, end_day=eighteenth_birthday(dob))
    past["kind"], now["kind"] = "adopted", "care"
    both = pd.concat([past, now]).sort_index(kind="stable").reset_index(drop=True)
    both["adoption_pair"] = both.index // 2
    return both.assign(is_uasc=False)


def pair_adopted(generator: np.random.Generator, persons: pd.DataFrame) -> None:
    """Give the returning child the characteristics of the adopted one, under a new surname."""
    pairs = persons.index[persons["adoption_pair"] >= 0].to_numpy()
    past, now = pairs[0::2], pairs[1::2]
    for column in ("is_female", "ethnicity", "dob_day", "paper_dob_day", "forename"):
        persons.loc[now, column] = persons.loc[past, column].to_numpy()
    persons.loc[pairs, "is_twin"] = False
    persons.loc[pairs, "household"] = persons["household"].max() + 1 + np.arange(len(pairs))
    own = persons["surname"].to_numpy()
    drawn = own[generator.integers(0, max(len(own), 1), len(now))]
    same = drawn == own[past]
    persons.loc[now, "surname"] = np.where(same, "Fairweather", drawn)


# For children placed from outside England: the mean number of absences in a year after the first.
MORE_ABSENCES = 2.5


def draw_outside(
    generator: np.random.Generator, plan: SimulationPlan, yearly_targets: YearlyTargets
) -> pd.DataFrame:
    """Return children from outside England, newly placed in each authority's area in each year."""
    parts = []
    for year in plan.years:
        targets = yearly_targets[year]
        looked_after = targets["looked_after"].to_numpy()
        counts = round_at_random(generator, looked_after * plan.reporting_rates.placed_from_outside)
        place = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
        frame = pd.DataFrame({"place": place, "first_year": year, "is_known": True})
        frame["dob_day"] = year_start(year) + 182 - draw_home_ages(generator, len(place))
        parts.append(frame)
    return pd.concat(parts, ignore_index=True).assign(
        kind="outside", is_uasc=False, adoption_pair=-1, start_day=-1, end_day=-1
    )


STOCK_SHARE = 0.72
SHORT_BREAK_SHARE = 0.015
MOST_UNACCOMPANIED = 0.95  # chance at most that an entrant is unaccompanied
HOME_PERSISTENCE = 0.35


@dataclass(frozen=True)
class Population:
    """All persons, their periods of care, and who is at risk of going missing from home.

    - `persons`: the index is the person.
    - `periods`: person, place, start_day, end_day, is_short_break, entry, leaving_code.
    - `home_years`: person, year, is_known (to the police), is_outside (placed here from outside
      England).
    """

    persons: pd.DataFrame
    periods: pd.DataFrame
    home_years: pd.DataFrame


def make_population(
    plan: SimulationPlan, geography: Geography, yearly_targets: YearlyTargets
) -> Population:
    """Draw all persons who may ever be in a feed, sorted by place within each kind."""
    targets = yearly_targets[plan.first_year]
    generator = random_stream(plan.seed, "care")
    spells = _draw_spells(generator, plan, yearly_targets)
    parts = [spells.sort_values(["place", "start_day"], kind="stable", ignore_index=True)]
    parts.append(draw_adoptions(generator, plan, targets))
    care = pd.concat(parts, ignore_index=True)
    home = _draw_home(generator, plan, targets)
    outside = draw_outside(generator, plan, yearly_targets)
    everyone = pd.concat([care, home, outside], ignore_index=True)
    persons = make_persons(random_stream(plan.seed, "people"), plan, geography, everyone)
    persons["kind"] = everyone["kind"]
    persons["adoption_pair"] = everyone["adoption_pair"].to_numpy(dtype=np.int64)
    pair_adopted(generator, persons)
    in_care = ~everyone["kind"].isin(["home", "outside"])
    care_periods = everyone.loc[in_care, ["place", "start_day", "end_day"]]
    periods = care_periods.assign(
        person=care_periods.index, is_short_break=everyone["kind"] == "short_break", entry="new"
    )
    periods = _end_periods(generator, plan, geography, persons, periods.reset_index(drop=True))
    home_years = _home_years(generator, plan, persons, everyone)
    return Population(persons, periods, home_years)


def _draw_spells(
    generator: np.random.Generator, plan: SimulationPlan, yearly_targets: YearlyTargets
) -> pd.DataFrame:
    """Return children in care at the start, each year's entrants, and children on short breaks.

    Each row is one child with one period of care. The numbers follow the targets.
    """
    targets = yearly_targets[plan.first_year]
    place = targets["place"].to_numpy(dtype=np.int64)
    rounding = generator.random(len(place))
    target_counts = _round_targets(targets, rounding)
    start = year_start(plan.first_year)
    parts = [
        _draw_care_periods(
            generator, targets, round_at_random(generator, target_counts * STOCK_SHARE), start, True
        )
    ]
    for year in plan.years:
        targets = yearly_targets[year]
        target_counts = _round_targets(targets, rounding)
        known = pd.concat(parts)
        candidates = known[
            (known["end_day"] > year_start(year)) & (known["start_day"] < year_start(year))
        ]
        in_care = candidates.groupby("place").size().reindex(place, fill_value=0).to_numpy()
        entrants = np.maximum(target_counts - in_care, 0)
        parts.append(_draw_care_periods(generator, targets, entrants, year_start(year), False))
        breaks = round_at_random(generator, target_counts * SHORT_BREAK_SHARE)
        short = _draw_care_periods(generator, targets, breaks, year_start(year), False)
        short["kind"], short["is_uasc"] = "short_break", False
        parts[-1] = parts[-1].assign(kind="care")
        parts.append(short)
    spells = pd.concat(parts, ignore_index=True)
    spells["kind"] = spells["kind"].fillna("care")
    return spells.assign(adoption_pair=-1)


def _round_targets(targets: pd.DataFrame, rounding: Floats) -> Integers:
    """Round each authority's target up or down, by the same draw in each year."""
    return np.asarray(np.floor(targets["looked_after"].to_numpy() + rounding), dtype=np.int64)


def _draw_care_periods(
    generator: np.random.Generator,
    targets: pd.DataFrame,
    counts: Integers,
    day: int,
    is_stock: bool,
) -> pd.DataFrame:
    """Return `counts` periods of care in each authority that begin in the year after `day`.

    If `is_stock`, they are periods that are already in progress on `day`.
    """
    where = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
    factor = np.repeat(targets["unaccompanied_factor"].to_numpy(), counts)
    count = len(where)
    age = draw_ages(generator, STOCK_AGES if is_stock else ENTRY_AGES, count)
    reference = np.full(count, day) if is_stock else day + generator.integers(0, 365, count)
    dob = reference - age
    before = (generator.exponential(1.9, count) * YEAR_DAYS).astype(int) + 5
    start = np.maximum(reference - before, dob + 2) if is_stock else reference
    years = generator.exponential(2.6, count)
    brief = ~np.full(count, is_stock) & draw_flags(generator, 0.25, count)
    years[brief] = generator.exponential(0.35, int(brief.sum()))
    end = reference + np.maximum((years * YEAR_DAYS).astype(int), 20)
    end = np.minimum(end, eighteenth_birthday(dob))
    at_entry = (start - dob) / YEAR_DAYS
    chance = np.select([at_entry >= 16, at_entry >= 13], [0.5, 0.06], 0.0)
    is_uasc = generator.random(count) < np.minimum(chance * factor, MOST_UNACCOMPANIED)
    frame = pd.DataFrame({"place": where, "dob_day": dob, "is_uasc": is_uasc, "start_day": start})
    return frame.assign(end_day=np.maximum(end, start + 1), kind=None)


def _end_periods(
    generator: np.random.Generator,
    plan: SimulationPlan,
    geography: Geography,
    persons: pd.DataFrame,
    periods: pd.DataFrame,
) -> pd.DataFrame:
    """Return the periods with the reason why each ends (`leaving_code`), and further periods.

    Further periods are of children who move to another authority, or return to the same one. The
    reason is empty if a period does not end.
    """
    dob = persons["dob_day"].to_numpy()[periods["person"]]
    end = periods["end_day"].to_numpy()
    count = len(periods)
    age = (end - dob) / YEAR_DAYS
    code = np.select([end >= eighteenth_birthday(dob), age < 6], ["E17", "E12"], "E4A").astype(
        object
    )
    other = (code == "E4A") & draw_flags(generator, 0.35, count)
    code[other] = np.array(["E48", "E45", "E4B"])[generator.integers(0, 3, int(other.sum()))]
    code[(code == "E12") & draw_flags(generator, 0.6, count)] = "E4A"
    kind = persons["kind"].to_numpy()[periods["person"]]
    code[kind == "adopted"] = "E12"
    first, last = year_start(plan.first_year), year_start(plan.years[-1] + 1)
    free = (end > first) & (end < last - 40) & (age < 17.3) & (kind == "care") & (age > 1)
    free &= persons["adoption_pair"].to_numpy()[periods["person"]] < 0
    moves = free & draw_flags(generator, min(plan.rates.transfer * 3, 1.0), count)
    moves &= len(geography.simulated) > 1
    code[moves] = "E3"
    again = free & ~moves & (code != "E12") & draw_flags(generator, 0.08, count)
    periods = periods.assign(leaving_code=code)
    has_left = moves | again
    follow = _draw_next_periods(
        generator, geography, periods[has_left], moves[has_left], dob[has_left]
    )
    all_periods = pd.concat([periods, follow], ignore_index=True)
    all_periods.loc[all_periods["end_day"] >= OPEN, "leaving_code"] = ""
    return all_periods.sort_values(["person", "start_day"], kind="stable", ignore_index=True)


def _draw_next_periods(
    generator: np.random.Generator,
    geography: Geography,
    ended: pd.DataFrame,
    is_move: Flags,
    dob: Integers,
) -> pd.DataFrame:
    """Return the next periods of care: at once in another authority, or later in the same one."""
    others = geography.simulated[generator.integers(0, len(geography.simulated), len(ended))]
    nearby = np.where(others == ended["place"], np.roll(others, 1), others)
    nearby = np.where(nearby == ended["place"], geography.simulated[0], nearby)
    gap = np.where(is_move, 0, generator.integers(20, 200, len(ended)))
    birthday = eighteenth_birthday(dob)
    start = np.minimum(ended["end_day"].to_numpy() + gap, birthday - 30)
    stay = (generator.exponential(1.2, len(ended)) * YEAR_DAYS).astype(int) + 30
    end = np.minimum(start + stay, birthday)
    follow = ended.assign(
        place=np.where(is_move, nearby, ended["place"]),
        start_day=start,
        end_day=end,
        entry=np.where(is_move, "transfer", "again"),
        leaving_code=np.where(end >= birthday, "E17", "E4A"),
    )
    elsewhere = ~is_move | (follow["place"] != ended["place"]).to_numpy()
    return follow[(start >= ended["end_day"].to_numpy()) & elsewhere]


def _draw_home(
    generator: np.random.Generator, plan: SimulationPlan, targets: pd.DataFrame
) -> pd.DataFrame:
    """Return each year's new children who go missing from home, some known to the police."""
    parts = []
    hidden = plan.reporting_rates.unreported_share
    for year in plan.years:
        share = 1.0 if year == plan.first_year else 1 - HOME_PERSISTENCE
        for known, factor in ((True, 1.0), (False, hidden * 1.5)):
            counts = round_at_random(
                generator, targets["home_children"].to_numpy() * share * factor
            )
            place = np.repeat(targets["place"].to_numpy(dtype=np.int64), counts)
            day = year_start(year) + 182
            frame = pd.DataFrame({"place": place, "first_year": year, "is_known": known})
            frame["dob_day"] = day - draw_home_ages(generator, len(place))
            parts.append(frame)
    home = pd.concat(parts, ignore_index=True)
    home = home.sort_values(["place", "is_known"], kind="stable", ignore_index=True)
    return home.assign(kind="home", is_uasc=False, adoption_pair=-1, start_day=-1, end_day=-1)


def _home_years(
    generator: np.random.Generator,
    plan: SimulationPlan,
    persons: pd.DataFrame,
    everyone: pd.DataFrame,
) -> pd.DataFrame:
    home = everyone[everyone["kind"].isin(["home", "outside"])]
    parts = []
    for year in plan.years:
        chance = np.where(home["first_year"] == year, 1.0, HOME_PERSISTENCE)
        chance = np.where(home["first_year"] == year - 1, chance, np.where(chance == 1, 1.0, 0.0))
        under = (
            eighteenth_birthday(persons["dob_day"].to_numpy()[home.index]) > year_start(year) + 90
        )
        at_home = home[(generator.random(len(home)) < chance) & under]
        known = at_home["is_known"].to_numpy(dtype=bool)
        frame = pd.DataFrame({"person": at_home.index, "year": year, "is_known": known})
        parts.append(frame.assign(is_outside=(at_home["kind"] == "outside").to_numpy()))
    return pd.concat(parts, ignore_index=True)
