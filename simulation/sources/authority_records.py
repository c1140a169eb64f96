"""The records in each authority's case system: children, absences, interviews, episodes of care.

The extract and the statutory return are made from the same records. Some authorities write
successive absences as one (D9). `extract_tables` and `returns` write the files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.calendar import DAY, day_number, year_start
from simulation.draws import (
    OPEN,
    Flags,
    Integers,
    Texts,
    choose_members,
    draw_flags,
    draw_keys,
    find_first_code,
    join_codes,
    random_stream,
    rank_within_groups,
)
from simulation.processes.administrative_times import administrative_times, habit_of
from simulation.processes.faulty_postcodes import spoil_postcodes
from simulation.processes.left_open import draw_left_open
from simulation.processes.midnights import placeholder_midnights
from simulation.processes.written_forms import written_form
from simulation.sources.unrecorded import unrecorded_by_authority
from simulation.sources.written_mentions import identity_flags, space_postcodes, write_mentions
from simulation.world.absences import find_interval
from simulation.world.nation import Nation

SOON = 3 * DAY  # longest time between two absences that are written as one
MOST = 4  # largest number of absences that one record joins


def merge_adjacent_absences(
    nation: Nation, frame: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join successive absences that the authority writes as one.

    `frame` has absence, person, place, type and times, sorted by person and start. Returns two
    tables. The first has one row for each record; joined records are marked `is_lumped`. The second
    has one row (absence, into) for each absence that is written with an earlier absence.
    """
    plan, rates = nation.plan, nation.plan.reporting_rates
    generator = random_stream(plan.seed, "lumping")
    lumping = choose_members(generator, nation.geography.simulated, rates.authorities_lumping)
    if plan.calibration_file is not None:
        # Joining absences would change an authority's count of absences, which must equal a
        # published count.
        lumping = lumping[:0]
    joins = _may_follow(nation, frame) & np.isin(frame["place"].to_numpy(), lumping)
    joins &= draw_flags(generator, rates.lumped_absences, len(frame))
    joins &= rank_within_groups(np.cumsum(~joins)) % MOST > 0
    group = np.cumsum(~joins) - 1
    absence = frame["absence"].to_numpy(dtype=np.int64)
    first = absence[~joins]
    lumped = pd.DataFrame({"absence": absence[joins], "into": first[group[joins]]})
    size = np.bincount(group, minlength=len(first))
    end = frame["end_minute"].to_numpy()
    separate = frame[~joins].reset_index(drop=True)
    separate["end_minute"] = end[np.cumsum(size) - 1] if len(frame) else end
    return separate.assign(is_lumped=size > 1), lumped


def _may_follow(nation: Nation, frame: pd.DataFrame) -> np.ndarray:
    """Return whether the absence in a row may be written as one with the row before it.

    It may if child, place and type are the same, and if it follows soon after the earlier absence.
    There is also no other absence between these two that a source was told of.
    """
    is_reported = (nation.absences["is_to_police"] | nation.absences["is_to_authority"]).to_numpy()
    turn = np.cumsum(is_reported)[frame["absence"].to_numpy(dtype=np.int64)]
    may_follow = np.zeros(len(frame), dtype=bool)
    if not len(frame):
        return may_follow
    may_follow[1:] = np.diff(turn) == 1
    for column in ("person", "place", "type"):
        values = frame[column].to_numpy()
        may_follow[1:] &= values[1:] == values[:-1]
    start, end = frame["start_minute"].to_numpy(), frame["end_minute"].to_numpy()
    may_follow[1:] &= start[1:] - end[:-1] <= SOON
    return may_follow


def make_interviews(nation: Nation, missing: pd.DataFrame) -> pd.DataFrame:
    """Return the extract's interviews; set `offered` and `accepted` (Y, N, NA, blank) in `missing`.

    Some interviews also cover the child's previous absence.
    """
    generator = random_stream(nation.plan.seed, "interviews")
    rates = nation.plan.reporting_rates
    count = len(missing)
    closed = (missing["end_minute"] != OPEN).to_numpy()
    offered = closed & draw_flags(generator, rates.interview_offered, count)
    blank = draw_flags(generator, 0.05, count) | ~closed
    missing["offered"] = np.where(blank, "", np.where(offered, "Y", "N"))
    accepted = offered & ~blank & draw_flags(generator, rates.interview_accepted, count)
    refused = np.where(offered & ~blank, "N", np.where(blank, "", "NA"))
    missing["accepted"] = np.where(accepted, "Y", refused)
    rows = np.flatnonzero(offered & ~blank)
    end = missing["end_minute"].to_numpy()[rows]
    child = missing["child"].to_numpy()[rows]
    ids = missing["miss_id"].to_numpy(dtype=object)[rows]
    together = np.r_[False, child[1:] == child[:-1]] & draw_flags(generator, 0.08, len(rows))
    ids = np.where(together, np.r_[[""], ids[:-1]] + "|" + ids, ids)
    in_time = draw_flags(generator, rates.interview_in_time, len(rows))
    hours = np.where(
        in_time, generator.uniform(3, 71, len(rows)), 72 + generator.gamma(1.5, 60, len(rows))
    )
    held_minute = (end + hours * 60).astype(np.int64) // 15 * 15
    yes = accepted[rows]
    frame = pd.DataFrame({"interview_id": [f"R{value}" for value in (rows + 1).tolist()]})
    frame["miss_table_id"] = ids
    frame["offered_at:minute"] = end + generator.integers(30, 1500, len(rows))
    frame["accepted"] = np.where(yes, "Y", "N")
    frame["held_at:minute"] = np.where(yes, held_minute, OPEN)
    people = {"Independent visitor": 6, "Commissioned service": 3, "Social worker": 1}
    held_by = draw_keys(generator, people, len(rows))
    frame["held_by"] = np.where(yes, held_by, "")
    frame["is_independent"] = np.where(yes, np.where(held_by == "Social worker", "N", "Y"), "")
    reason = draw_keys(generator, {"Child refused": 7, "Could not be contacted": 3}, len(rows))
    frame["declined_reason"] = np.where(yes, "", reason)
    known = np.maximum(missing["known_day"].to_numpy()[rows], end // DAY + 1)
    return frame.assign(_place=missing["place"].to_numpy()[rows], _known=known)


def placement_postcodes(nation: Nation) -> Texts:
    """Return each placement's postcode as its authority records it, some blank or unresolvable."""
    texts = space_postcodes(nation.geography.postcode[nation.placements["postcode"].to_numpy()])
    return spoil_postcodes(nation.plan, "placements", texts)[0]


NEEDS = np.array(["N1", "N1", "N1", "N1", "N2", "N3", "N4", "N4", "N5", "N6"], dtype=object)


def make_segments(nation: Nation) -> pd.DataFrame:
    """Return one row for each episode of care, in order.

    Columns: period, person, place, start_day, end_day, start_reason, ceased_reason, need,
    placement, code (the legal status) and entered_day.
    """
    placements, legal = nation.placements, nation.legal_statuses
    cuts = pd.concat([placements[["period", "start_day"]], legal[["period", "start_day"]]])
    cuts = cuts.drop_duplicates().sort_values(["period", "start_day"], ignore_index=True)
    period = cuts["period"].to_numpy(dtype=np.int64)
    start = cuts["start_day"].to_numpy(dtype=np.int64)
    rows = nation.periods.iloc[period]
    frame = pd.DataFrame({"period": period, "person": rows["person"].to_numpy()})
    frame["place"], frame["start_day"] = rows["place"].to_numpy(), start
    last = np.r_[period[1:] != period[:-1], True]
    first = np.r_[True, period[1:] != period[:-1]]
    frame["end_day"] = np.where(last, rows["end_day"].to_numpy(), np.r_[start[1:], 0])
    frame["placement"] = find_interval(placements, period, start)
    status = find_interval(legal, period, start)
    frame["code"] = legal["code"].to_numpy()[status]
    new_place = placements["start_day"].to_numpy()[frame["placement"]] == start
    new_status = legal["start_day"].to_numpy()[status] == start
    frame["start_reason"] = np.where(
        first, "S", np.where(new_place & new_status, "B", np.where(new_place, "P", "L"))
    )
    frame["ceased_reason"] = np.where(last, rows["leaving_code"].to_numpy(), "X1")
    uasc = nation.persons["is_uasc"].to_numpy()[frame["person"]]
    frame["need"] = np.where(uasc, "N8", NEEDS[frame["person"].to_numpy() % len(NEEDS)])
    frame["entered_day"] = rows["start_day"].to_numpy()
    return frame


def nhs_numbers(person: Integers) -> Texts:
    """Return NHS numbers from the range reserved for tests (999 …), with a valid check digit.

    A number is empty if no check digit is valid for it.
    """
    stem = 999_000_000 + person * 7 % 1_000_000
    digits = stem[:, None] // 10 ** np.arange(8, -1, -1)[None, :] % 10
    check = (11 - (digits * np.arange(10, 1, -1)[None, :]).sum(axis=1) % 11) % 11
    texts = [
        f"{number}{digit}" for number, digit in zip(stem.tolist(), check.tolist(), strict=True)
    ]
    return np.where(check == 10, "", np.array(texts, dtype=object)).astype(object)


CASE_SYSTEMS = ("Liquidlogic", "Mosaic", "Eclipse")
RETURN_CUT_OFF = 61  # a return is compiled this many days after 31 March
BREAK_DAYS = 120
MOVED = 6 * 60


@dataclass(frozen=True)
class AuthorityRecords:
    """The person records and absences of the authorities.

    - `children`: person, place, child, case_system and the written person record.
    - `missing`: absence, person, place, child, miss_id, case_system, type, start_minute, end_minute
      (OPEN until the absence ends), known_day, cause, causes, errors.
    - `lumped`: absence, into (the absence whose record includes it).
    - `breaks`: place, first_day and last_day of each break in recording.
    - `lost_in_break`: absences not recorded because of a break in recording.
    - `unrecorded`: absence and cause, for absences that the profile's processes omit.
    """

    children: pd.DataFrame
    missing: pd.DataFrame
    lumped: pd.DataFrame
    breaks: pd.DataFrame
    lost_in_break: Integers
    unrecorded: pd.DataFrame


def make_authority_records(nation: Nation) -> AuthorityRecords:
    """Return the records that each authority makes of what it is told, in its own case system."""
    children = _children(nation)
    breaks = _draw_recording_breaks(nation)
    missing, lumped, lost, unrecorded = _missing(nation, children, breaks)
    _name_causes(children, missing)
    return AuthorityRecords(children, missing, lumped, breaks, lost, unrecorded)


def case_system_of(nation: Nation) -> Texts:
    """Return the case system of each place; the systems are assigned in rotation."""
    case_systems = np.full(len(nation.geography.places), "", dtype=object)
    simulated = nation.geography.simulated
    case_systems[simulated] = np.array(CASE_SYSTEMS, dtype=object)[np.arange(len(simulated)) % 3]
    return case_systems


def _children(nation: Nation) -> pd.DataFrame:
    pairs = nation.periods[["person", "place"]].drop_duplicates()
    pairs = pairs.sort_values(["place", "person"], ignore_index=True)
    generator = random_stream(nation.plan.seed, "authority children")
    # Ids are shuffled so that they do not show the order of arrival; they stay unique in an
    # authority.
    draw = generator.permutation(len(pairs))
    pairs["child"] = [f"{number:07d}" for number in (draw * 7 + 1_000_003).tolist()]
    pairs["case_system"] = case_system_of(nation)[pairs["place"]]
    person = pairs["person"].to_numpy(dtype=np.int64)
    factor = nation.plan.rates.authority_factor
    written = write_mentions(generator, nation, person, "authority", factor)
    return pd.concat([pairs, written], axis=1)


def _draw_recording_breaks(nation: Nation) -> pd.DataFrame:
    """Return periods in which an authority did not record, for example as it changed systems."""
    generator = random_stream(nation.plan.seed, "recording breaks")
    places = nation.geography.simulated
    if nation.plan.calibration_file is not None:
        # A break would lower an authority's count of absences, which must equal a published count.
        places = places[:0]
    broken = choose_members(generator, places, nation.plan.rates.recording_break)
    span = 365 * nation.plan.year_count - BREAK_DAYS
    first = year_start(nation.plan.first_year) + generator.integers(30, span, len(broken))
    return pd.DataFrame({"place": broken, "first_day": first, "last_day": first + BREAK_DAYS})


def in_break(breaks: pd.DataFrame, place: Integers, day: Integers) -> Flags:
    """Return whether each day lies in a break of recording of its place."""
    is_in_break = np.zeros(len(place), dtype=bool)
    columns = (breaks[name].to_list() for name in ("place", "first_day", "last_day"))
    for where, first, last in zip(*columns, strict=True):
        is_in_break |= (place == where) & (day >= first) & (day < last)
    return is_in_break


def _missing(
    nation: Nation, children: pd.DataFrame, breaks: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, Integers, pd.DataFrame]:
    absences = nation.absences
    reported = absences[absences["is_to_authority"]]
    frame = reported[["person", "place", "category", "start_minute", "end_minute"]].rename(
        columns={"category": "type"}
    )
    frame.insert(0, "absence", reported.index)
    frame = frame.reset_index(drop=True)
    lost = in_break(
        breaks, frame["place"].to_numpy(), frame["start_minute"].to_numpy() // DAY
    ) & draw_flags(random_stream(nation.plan.seed, "lost in breaks"), 0.85, len(frame))
    absence = frame["absence"].to_numpy(dtype=np.int64)
    cause = unrecorded_by_authority(nation, absence)
    left_out = ~lost & (cause != "")
    unrecorded = pd.DataFrame({"absence": absence[left_out], "cause": cause[left_out]})
    frame, lumped = merge_adjacent_absences(nation, frame[~lost & ~left_out].reset_index(drop=True))
    frame["case_system"] = case_system_of(nation)[frame["place"]]
    child_of = children.set_index(["person", "place"])["child"]
    keys = pd.MultiIndex.from_frame(frame[["person", "place"]])
    frame["child"] = child_of.reindex(keys).to_numpy()
    frame["true_start"], frame["true_end"] = frame["start_minute"], frame["end_minute"]
    _system_times(nation, frame)
    _set_entry_days(nation, frame)
    number = random_stream(nation.plan.seed, "miss ids").permutation(len(frame)) + 100_001
    frame["miss_id"] = [f"M{value}" for value in number.tolist()]
    # An authority with Eclipse extracts only completed forms.
    unfinished = (frame["case_system"] == "Eclipse") & (frame["end_minute"] == OPEN)
    lumped = lumped[~lumped["into"].isin(frame.loc[unfinished, "absence"])]
    return frame[~unfinished].reset_index(drop=True), lumped, absence[lost], unrecorded


def _name_causes(children: pd.DataFrame, missing: pd.DataFrame) -> None:
    """Set the reason codes of each record's errors (joined with `|`), and its first reason code."""
    errors = missing["errors"].to_numpy(dtype=object)
    suffered = children.set_index(["person", "place"])["errors"]
    keys = pd.MultiIndex.from_frame(missing[["person", "place"]])
    weak, disputed = identity_flags(suffered.reindex(keys).to_numpy(dtype=object))
    moved = missing.pop("moved").to_numpy(dtype=object)
    codes = {
        "D9": missing.pop("is_lumped").to_numpy(dtype=bool),
        "D8": moved == "D8",
        "D7": moved == "D7",
        "D11": np.isin(errors.astype(str), ["late_entry", "open_record"]),
        "D12": errors == "amended_after_year_end",
        "D15": disputed,
        "D13": weak,
    }
    missing["causes"] = join_codes(codes, len(missing))
    missing["cause"] = find_first_code(missing["causes"].to_numpy(dtype=object), tuple(codes))


def office_time(minutes: Integers, lag_hours: Integers) -> Integers:
    """Return the minute at which a workflow step is done.

    The step is done in the next full working hour, plus the office's lag.
    """
    hour = -(-minutes // 60)
    day, hour = hour // 24, hour % 24
    after = hour >= 17
    day = day + after
    weekday = (day + 3) % 7
    weekend = np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
    opening = after | (weekend > 0) | (hour < 9)
    return np.asarray(((day + weekend) * 24 + np.where(opening, 9, hour) + lag_hours) * 60)


def _system_times(nation: Nation, frame: pd.DataFrame) -> None:
    """Set start and end as each case system defines them; `moved` says why they are wrong.

    - D8: the system records workflow steps, or has a habit, and its time is more than `MOVED`
      minutes from the event.
    - D7: the system records dates, and a date is not the day of the event. Or midnight stands for a
      time that is more than `MOVED` minutes later.
    """
    generator = random_stream(nation.plan.seed, "system times")
    system = frame["case_system"].to_numpy()
    start, end = frame["true_start"].to_numpy(), frame["true_end"].to_numpy()
    jitter = generator.integers(0, 11, len(frame))
    exact_start, exact_end = start + jitter, np.maximum(end + jitter, start + jitter + 5)
    lag = frame["place"].to_numpy() % 3
    habits = habit_of(nation, case_system_of(nation))
    place = frame["place"].to_numpy()
    has_habit, own_start, own_end = administrative_times(nation, habits, place, start, end)
    mosaic, eclipse = (system == "Mosaic") & ~has_habit, system == "Eclipse"
    new_start = np.where(mosaic, office_time(start, lag), exact_start)
    new_end = np.where(
        mosaic, np.maximum(office_time(end, lag), office_time(start, lag)), exact_end
    )
    new_start = np.where(eclipse, start // DAY * DAY, new_start)
    new_end = np.where(eclipse, (end + 180) // DAY * DAY, new_end)
    new_start = np.where(has_habit, own_start, new_start)
    new_end = np.where(has_habit, own_end, new_end)
    late = np.maximum(np.abs(new_start - start), np.abs(new_end - end)) > MOVED
    other_day = (new_start != start // DAY * DAY) | (new_end != end // DAY * DAY)
    moved = np.where(late & (mosaic | has_habit), "D8", np.where(other_day & eclipse, "D7", ""))
    recorded_times = []
    for name, minutes in (("start", new_start), ("end", new_end)):
        placed, is_placed = placeholder_midnights(nation.plan, f"authority {name}", minutes)
        recorded_times.append(np.where(eclipse, minutes, placed))
        far = is_placed & ~eclipse & (minutes - placed > MOVED)
        moved = np.where(far & (moved == ""), "D7", moved)
    # If a day is written as a time, the time is midnight, which may be hours from the true time.
    as_moment = eclipse & _writes_moments(nation)[place]
    far = np.maximum(start - new_start, end - new_end) > MOVED
    moved = np.where(as_moment & far & (moved == ""), "D7", moved)
    frame["start_minute"], frame["end_minute"] = recorded_times
    frame["moved"] = moved.astype(object)


def _writes_moments(nation: Nation) -> Flags:
    """Return for each place whether its last extracts write a time with every date."""
    plan = nation.plan
    codes = nation.geography.places["authority_code"].tolist()
    last = day_number(plan.as_of)
    return np.array([written_form(plan, code, last).dates != "" for code in codes], dtype=bool)


def _set_entry_days(nation: Nation, frame: pd.DataFrame) -> None:
    """Set the day on which each record was entered, and which records were never closed."""
    rates = nation.plan.rates
    generator = random_stream(nation.plan.seed, "entry")
    count = len(frame)
    start_day = frame["start_minute"].to_numpy() // DAY
    known = start_day + generator.integers(0, 3, count)
    errors = np.full(count, "", dtype=object)
    late = draw_flags(generator, rates.late_entry, count)
    known[late] = start_day[late] + generator.integers(60, 160, int(late.sum()))
    errors[late] = "late_entry"
    year = start_day.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    year = (year - 3) // 12 + 1970
    ends = np.array([year_start(int(value) + 1) for value in np.unique(year)] or [0])
    year_end = ends[np.searchsorted(np.unique(year), year)] if count else year
    amended = draw_flags(generator, rates.amended_after_year_end, count) & ~late
    known[amended] = (
        year_end[amended] + RETURN_CUT_OFF + generator.integers(5, 60, int(amended.sum()))
    )
    errors[amended] = "amended_after_year_end"
    open_record = draw_flags(generator, rates.open_record, count)
    open_record = (open_record | draw_left_open(nation.plan, "authority", count)) & ~amended
    end = frame["end_minute"].to_numpy().copy()
    end[open_record] = OPEN
    errors[open_record] = "open_record"
    frame["end_minute"], frame["known_day"] = end, known
    frame["errors"], frame["year"] = errors, year
