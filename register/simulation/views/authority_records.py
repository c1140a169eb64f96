"""What each authority's case system holds: child ids, person records, absences, interviews.

The same records feed the extract and the statutory return. Files are `extract_tables` and
`return_tables`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY, year_start
from register.simulation.draws import OPEN, Flags, Integers, Texts, hits, stream
from register.simulation.views.person_errors import write_mentions
from register.simulation.world.nation import Nation

CASE_SYSTEMS = ("Liquidlogic", "Mosaic", "Eclipse")
RETURN_CUT_OFF = 61  # days after 31 March at which a return is made up
BREAK_DAYS = 120


@dataclass(frozen=True)
class AuthorityRecords:
    """Person records and absences.

    `children`: person, place, child, case_system and the written person record. `missing`:
    absence, person, place, child, miss_id, case_system, type, start_minute, end_minute (OPEN while
    not ended), known_day, cause, errors. `lost_in_break`: absences that a break of recording
    swallowed.
    """

    children: pd.DataFrame
    missing: pd.DataFrame
    breaks: pd.DataFrame
    lost_in_break: Integers


def make_authority_records(nation: Nation) -> AuthorityRecords:
    """Write down what each authority knows, in its own system's way."""
    children = _children(nation)
    breaks = _breaks(nation)
    missing, lost = _missing(nation, children, breaks)
    return AuthorityRecords(children, missing, breaks, lost)


def case_system_of(nation: Nation) -> Texts:
    """The case system of each place; authorities take turns."""
    found = np.full(len(nation.geography.places), "", dtype=object)
    simulated = nation.geography.simulated
    found[simulated] = np.array(CASE_SYSTEMS, dtype=object)[np.arange(len(simulated)) % 3]
    return found


def _children(nation: Nation) -> pd.DataFrame:
    pairs = nation.periods[["person", "place"]].drop_duplicates()
    pairs = pairs.sort_values(["place", "person"], ignore_index=True)
    generator = stream(nation.plan.seed, "authority children")
    # Ids that say nothing about the order of arrival, unique within one authority.
    draw = generator.permutation(len(pairs))
    pairs["child"] = [f"{number:07d}" for number in (draw * 7 + 1_000_003).tolist()]
    pairs["case_system"] = case_system_of(nation)[pairs["place"]]
    person = pairs["person"].to_numpy(dtype=np.int64)
    written = write_mentions(generator, nation, person, nation.plan.rates.authority_factor)
    return pd.concat([pairs, written], axis=1)


def _breaks(nation: Nation) -> pd.DataFrame:
    """Spans in which an authority's recording fell away, as when its system changed."""
    generator = stream(nation.plan.seed, "recording breaks")
    places = nation.geography.simulated
    if nation.plan.calibration_file is not None:
        places = places[:0]  # a calibrated authority records what it published
    chosen = places[hits(generator, nation.plan.rates.recording_break, len(places))]
    span = 365 * nation.plan.year_count - BREAK_DAYS
    first = year_start(nation.plan.first_year) + generator.integers(30, span, len(chosen))
    return pd.DataFrame({"place": chosen, "first_day": first, "last_day": first + BREAK_DAYS})


def in_break(breaks: pd.DataFrame, place: Integers, day: Integers) -> Flags:
    """Whether a day lies in a break of recording of its place."""
    found = np.zeros(len(place), dtype=bool)
    columns = (breaks[name].to_list() for name in ("place", "first_day", "last_day"))
    for where, first, last in zip(*columns, strict=True):
        found |= (place == where) & (day >= first) & (day < last)
    return found


def _missing(
    nation: Nation, children: pd.DataFrame, breaks: pd.DataFrame
) -> tuple[pd.DataFrame, Integers]:
    absences = nation.absences
    told = absences[absences["is_to_authority"]]
    frame = told[["person", "place", "category", "start_minute", "end_minute"]].rename(
        columns={"category": "type"}
    )
    frame.insert(0, "absence", told.index)
    frame = frame.reset_index(drop=True)
    lost = in_break(
        breaks, frame["place"].to_numpy(), frame["start_minute"].to_numpy() // DAY
    ) & hits(stream(nation.plan.seed, "lost in breaks"), 0.85, len(frame))
    swallowed = frame["absence"].to_numpy(dtype=np.int64)[lost]
    frame = frame[~lost].reset_index(drop=True)
    frame["case_system"] = case_system_of(nation)[frame["place"]]
    child_of = children.set_index(["person", "place"])["child"]
    keys = pd.MultiIndex.from_frame(frame[["person", "place"]])
    frame["child"] = child_of.reindex(keys).to_numpy()
    frame["true_start"], frame["true_end"] = frame["start_minute"], frame["end_minute"]
    _system_times(nation, frame)
    _entry(nation, frame)
    number = stream(nation.plan.seed, "miss ids").permutation(len(frame)) + 100_001
    frame["miss_id"] = [f"M{value}" for value in number.tolist()]
    # Eclipse gives completed forms only.
    unfinished = (frame["case_system"] == "Eclipse") & (frame["end_minute"] == OPEN)
    return frame[~unfinished].reset_index(drop=True), swallowed


def office_time(minutes: Integers, lag_hours: Integers) -> Integers:
    """When a workflow step is done: the next full working hour, later by the office's lag."""
    hour = -(-minutes // 60)
    day, hour = hour // 24, hour % 24
    after = hour >= 17
    day = day + after
    weekday = (day + 3) % 7
    weekend = np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
    opening = after | (weekend > 0) | (hour < 9)
    return np.asarray(((day + weekend) * 24 + np.where(opening, 9, hour) + lag_hours) * 60)


def _system_times(nation: Nation, frame: pd.DataFrame) -> None:
    """Start and end as each case system defines them; the reason code where they miss the truth."""
    generator = stream(nation.plan.seed, "system times")
    system = frame["case_system"].to_numpy()
    start, end = frame["true_start"].to_numpy(), frame["true_end"].to_numpy()
    jitter = generator.integers(0, 11, len(frame))
    exact_start, exact_end = start + jitter, np.maximum(end + jitter, start + jitter + 5)
    lag = frame["place"].to_numpy() % 3
    mosaic, eclipse = system == "Mosaic", system == "Eclipse"
    new_start = np.where(mosaic, office_time(start, lag), exact_start)
    new_end = np.where(
        mosaic, np.maximum(office_time(end, lag), office_time(start, lag)), exact_end
    )
    new_start = np.where(eclipse, start // DAY * DAY, new_start)
    new_end = np.where(eclipse, (end + 180) // DAY * DAY, new_end)
    frame["start_minute"], frame["end_minute"] = new_start, new_end
    apart = (new_start >= end) | (new_end <= start)
    frame["cause"] = np.where(apart & mosaic, "D8", np.where(apart & eclipse, "D7", ""))


def _entry(nation: Nation, frame: pd.DataFrame) -> None:
    """When each record was entered, and which were never closed."""
    rates = nation.plan.rates
    generator = stream(nation.plan.seed, "entry")
    count = len(frame)
    start_day = frame["start_minute"].to_numpy() // DAY
    known = start_day + generator.integers(0, 3, count)
    errors = np.full(count, "", dtype=object)
    cause = frame["cause"].to_numpy(dtype=object).copy()
    late = hits(generator, rates.late_entry, count)
    known[late] = start_day[late] + generator.integers(60, 160, int(late.sum()))
    errors[late] = "late_entry"
    year = start_day.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    year = (year - 3) // 12 + 1970
    ends = np.array([year_start(int(value) + 1) for value in np.unique(year)] or [0])
    year_end = ends[np.searchsorted(np.unique(year), year)] if count else year
    amended = hits(generator, rates.amended_after_year_end, count) & ~late
    known[amended] = (
        year_end[amended] + RETURN_CUT_OFF + generator.integers(5, 60, int(amended.sum()))
    )
    errors[amended] = "amended_after_year_end"
    cause[amended] = "D12"
    open_record = hits(generator, rates.open_record, count) & ~amended
    end = frame["end_minute"].to_numpy().copy()
    end[open_record] = OPEN
    errors[open_record] = "open_record"
    cause[late | open_record] = "D11"
    frame["end_minute"], frame["known_day"] = end, known
    frame["cause"], frame["errors"], frame["year"] = cause, errors, year
