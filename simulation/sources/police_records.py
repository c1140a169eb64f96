"""The records of each police force: nominals (person records) and missing-person reports.

There is one row for each report, with conformed values for places, times and officers' judgements,
and with errors and breaks in recording. `police_files` writes the rows in each force's form.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from simulation.calendar import DAY, YEAR_DAYS, day_number, year_start
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
from simulation.geography import TRANSPORT_POLICE, welsh_names
from simulation.processes.faulty_postcodes import spoil_postcodes
from simulation.processes.force_duplicates import second_records
from simulation.processes.left_open import draw_left_open, filed_all_the_same
from simulation.processes.midnights import placeholder_midnights
from simulation.sources.unrecorded import unrecorded_by_police
from simulation.sources.written_mentions import identity_flags, space_postcodes, write_mentions
from simulation.world.nation import Nation

BRIEF = 4 * 60  # minutes: while a force records less, it may leave out absences shorter than this
LEFT_OUT = 0.9
EARLIEST, LATEST = 120, 120  # a break is at least this many days from either end of the series
COLUMNS = ("force", "first_day", "direction", "is_announced")


def force_breaks(nation: Nation) -> pd.DataFrame:
    """Return one row for each force that stops or begins to record brief absences on a certain day.

    Columns: force, first_day, direction (stops, begins), is_announced (by the force).
    """
    plan = nation.plan
    generator = random_stream(plan.seed, "force breaks")
    places = nation.geography.places["force_code"].iloc[nation.geography.simulated]
    codes = np.array(sorted(set(places) - {TRANSPORT_POLICE}), dtype=object)
    picked = choose_members(generator, np.arange(len(codes)), plan.rates.force_recording_break)
    first = year_start(plan.first_year) + EARLIEST
    last = year_start(plan.years[-1] + 1) - LATEST
    turn = generator.permutation(len(picked))
    frame = pd.DataFrame({"force": codes[picked]})
    frame["first_day"] = generator.integers(first, last, len(picked))
    frame["direction"] = np.where(turn % 2 == 0, "stops", "begins").astype(object)
    frame["is_announced"] = turn % 2 == 1
    return frame


def set_lost_causes(nation: Nation, reports: pd.DataFrame, nominals: pd.DataFrame) -> None:
    """Set `lost_cause` of reports that are in no delivery (D17, D15 or D0); empty for others."""
    generator = random_stream(nation.plan.seed, "left out")
    in_leaner = _in_leaner_regime(force_breaks(nation), reports)
    length = (reports["end_minute"] - reports["start_minute"]).to_numpy()
    lost = in_leaner & (length < BRIEF) & draw_flags(generator, LEFT_OUT, len(reports))
    errors: Texts = nominals["errors"].to_numpy(dtype=object)[reports["nominal"]]
    disputed = np.array(["age_disputed" in text for text in errors.tolist()], dtype=bool)
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    adult = (reports["start_minute"].to_numpy() // DAY - dob) / YEAR_DAYS >= 18
    others = unrecorded_by_police(nation, reports)
    cause = np.where(lost, "D17", np.where(disputed & adult, "D15", others))
    reports["lost_cause"] = cause.astype(object)


def _in_leaner_regime(breaks: pd.DataFrame, reports: pd.DataFrame) -> Flags:
    force = reports["force"].to_numpy()
    day = reports["start_minute"].to_numpy() // DAY
    is_leaner = np.zeros(len(reports), dtype=bool)
    for row in breaks.itertuples():
        after = day >= row.first_day
        is_leaner |= (force == row.force) & (after if row.direction == "stops" else ~after)
    return is_leaner


# Before this day the police recorded a child at no risk as *absent*. Since then they record every
# child as missing, with a risk level.
ABSENT_UNTIL = day_number(date(2017, 1, 1))
GROUPS = {"W": "white", "M": "black", "A": "asian", "B": "black", "C": "other", "O": "other"}
FLAGS = {"cse": 0.09, "cce": 0.12, "trafficking": 0.03, "mental_health": 0.14, "harm": 0.02}


def add_judgements(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame, nominals: pd.DataFrame
) -> None:
    """Add the officers' judgements to the reports, with the codes of errors and causes."""
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    rates, count = nation.plan.rates, len(reports)
    at_home = ~(absences["is_in_care"] | absences["is_placed_from_outside"]).to_numpy(dtype=bool)
    differs = _categories(generator, nation, reports, absences)
    wrong = draw_flags(generator, rates.wrong_looked_after_flag, count)
    unsure = draw_flags(generator, rates.unknown_looked_after_flag, count) & ~wrong
    flag = np.where(~at_home ^ wrong, "yes", "no")
    reports["is_looked_after"] = np.where(unsure, "unknown", flag)
    hidden = _ethnicities(generator, nation, reports)
    age_only = draw_flags(generator, rates.age_only, count)
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    reports["age"] = ((reports["reported"].to_numpy() // DAY - dob) / YEAR_DAYS).astype(int)
    reports["is_age_only"] = age_only
    no_ref = draw_flags(generator, rates.no_person_ref, count)
    reports["has_person_ref"] = ~no_ref
    for name, share in FLAGS.items():
        weights = {"yes": share, "no": 0.9 - share, "": 0.1}
        reports[f"{name}_flag"] = draw_keys(generator, weights, count)
    reports["is_fatal"] = np.where(draw_flags(generator, 0.0002, count), "yes", "no")
    suffered = nominals["errors"].to_numpy(dtype=object)[reports["nominal"]]
    _name_causes(reports, suffered, differs, wrong | unsure, at_home)
    _name_errors(
        reports,
        wrong_looked_after_flag=wrong,
        unknown_looked_after_flag=unsure,
        unknown_ethnicity=hidden,
        age_only=age_only,
        no_person_ref=no_ref,
    )


def _categories(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame, absences: pd.DataFrame
) -> Flags:
    """Set category and risk; return where the category differs from the authority's category."""
    count = len(reports)
    day = reports["reported"].to_numpy() // DAY
    is_away = (absences["category"] == "A").to_numpy()
    in_both = absences["is_to_authority"].to_numpy(dtype=bool)
    differs = in_both & draw_flags(generator, nation.plan.reporting_rates.category_differs, count)
    at_home = ~absences["is_in_care"].to_numpy(dtype=bool)
    slight = (is_away ^ differs) | (at_home & draw_flags(generator, 0.08, count))
    slight_name = np.where(day < ABSENT_UNTIL, "absent", "no_apparent_risk")
    reports["category"] = np.where(slight, slight_name, "missing")
    weights = {"low": 0.14, "medium": 0.68, "high": 0.17, "unknown": 0.01}
    risk = draw_keys(generator, weights, count)
    risk[slight] = "no_apparent"
    reports["risk_initial"] = risk
    raised = draw_flags(generator, 0.1, count) & (risk == "medium")
    reports["risk_highest"] = np.where(raised, "high", risk)
    reports["risk_final"] = np.where(draw_flags(generator, 0.3, count) & ~slight, "low", risk)
    return np.asarray(differs)


def _ethnicities(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> Flags:
    """Set the ethnicity (self-defined, officer-defined or unknown); return where it is unknown."""
    count = len(reports)
    own = nation.persons["ethnicity"].to_numpy(dtype=object)[reports["person"]]
    officer = np.array(
        [f"group_only_{GROUPS.get(text[0], 'unknown')}" for text in own.tolist()], dtype=object
    )
    ethnicity = np.where(draw_flags(generator, 0.22, count), officer, own).astype(object)
    ethnicity[ethnicity == "NOBT"] = "REFU"
    hidden = draw_flags(generator, nation.plan.rates.unknown_ethnicity, count)
    ethnicity[hidden] = ""
    reports["ethnicity"] = ethnicity
    return hidden


def _name_errors(reports: pd.DataFrame, **modes: Flags) -> None:
    for mode, flags in modes.items():
        before = reports["errors"].to_numpy(dtype=object)
        text = np.where(before == "", mode, before + "|" + mode)
        reports["errors"] = np.where(flags, text, before)


def _name_causes(
    reports: pd.DataFrame, errors: Texts, differs: Flags, misjudged: Flags, at_home: Flags
) -> None:
    """Set the reason codes of each report's errors (joined with `|`), and its first reason code."""
    unit = reports.pop("unit_cause").to_numpy(dtype=object)
    weak, disputed = identity_flags(errors)
    codes = {
        "D9": unit == "D9",
        "D6": unit == "D6",
        "D7": reports.pop("is_far_moved").to_numpy(dtype=bool),
        "D11": (reports["found"] == OPEN).to_numpy(),
        "D2": differs,
        "D15": disputed,
        "D13": weak & ~at_home,
        "D14": misjudged & ~at_home,
    }
    reports["causes"] = join_codes(codes, len(reports))
    reports["cause"] = find_first_code(reports["causes"].to_numpy(dtype=object), tuple(codes))


LOCATIONS = {
    "K2": "childrens_home",
    "K1": "childrens_home",
    "H5": "semi_independent",
    "P2": "semi_independent",
    "P1": "home",
    "S1": "school",
    "R2": "hospital",
}
ELSEWHERE = {"other": 5, "school": 2, "hospital": 2, "hotel": 1}
REPORTERS = {
    "parent": 70,
    "relative": 12,
    "school": 6,
    "police": 4,
    "public": 3,
    "other": 3,
    "unknown": 2,
}
FINDERS = {
    "returned_self": 55,
    "police": 22,
    "carer": 8,
    "parent": 6,
    "social_worker": 3,
    "public": 2,
    "other": 2,
    "unknown": 2,
}


def describe_places(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    """Add to reports the places, who reported and found the child, and the care authority."""
    count = len(reports)
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    placement = absences["placement"].to_numpy()
    in_care = placement >= 0
    outside = absences["is_placed_from_outside"].to_numpy(dtype=bool)
    location = np.where(outside, "childrens_home", _locations(nation, placement)).astype(object)
    elsewhere = draw_flags(generator, 0.08, count)
    reports["location"] = np.where(elsewhere, draw_keys(generator, ELSEWHERE, count), location)
    home = nation.persons["home_postcode"].to_numpy()[reports["person"]]
    where = np.where(in_care, nation.placements["postcode"].to_numpy()[placement], home)
    postcodes = nation.geography.postcode
    reports["from_postcode"], *_ = spoil_postcodes(
        nation.plan, "missing from", space_postcodes(postcodes[where])
    )
    near = nation.geography.draw_postcodes(generator, absences["host_place"].to_numpy())
    known = draw_flags(generator, 0.5, count) & (reports["found"].to_numpy() != OPEN)
    reports["found_postcode"] = np.where(known, space_postcodes(postcodes[near]), "")
    carer = np.where(location == "foster", "foster_carer", "care_staff")
    by_carer = (in_care | outside) & draw_flags(generator, 0.85, count)
    reports["reported_by"] = np.where(by_carer, carer, draw_keys(generator, REPORTERS, count))
    finder = draw_keys(generator, FINDERS, count)
    reports["found_by"] = np.where(reports["found"] == OPEN, "", finder)
    codes = nation.geography.places["authority_code"].to_numpy(dtype=object)
    names = nation.geography.places["name"].to_numpy(dtype=object)
    place = absences["place"].to_numpy()
    written = np.where(draw_flags(generator, 0.5, count), codes[place], names[place])
    abroad = np.array(welsh_names(), dtype=object)
    written = np.where(outside, abroad[reports["person"].to_numpy() % len(abroad)], written)
    is_flagged = (reports["is_looked_after"] == "yes").to_numpy() & draw_flags(
        generator, 0.75, count
    )
    reports["care_authority"] = np.where(is_flagged & (in_care | outside), written, "")


def _locations(nation: Nation, placement: Integers) -> Texts:
    types = nation.placements["type"].to_numpy(dtype=object)[placement]
    locations = np.array([LOCATIONS.get(kind, "foster") for kind in types.tolist()], dtype=object)
    return np.where(placement >= 0, locations, "home").astype(object)


SPLIT_OVER = 72 * 60
# If a midnight is recorded for a time that is more than this many minutes later, the time is wrong.
MOVED = 6 * 60


def make_police_records(nation: Nation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nominals (person records) and reports of all forces.

    - Nominals: force, person, person_ref, the written person record.
    - Reports: absence, person, force, nominal, report_ref, conformed values, times in minutes,
      errors, cause, causes, and lost_cause (why the force leaves a report out of its files).
    """
    generator = random_stream(nation.plan.seed, "police")
    reports = _reports(generator, nation)
    nominals = _nominals(generator, nation, reports)
    _draw_times(generator, nation, reports)
    add_judgements(generator, nation, reports, nominals)
    describe_places(generator, nation, reports)
    set_lost_causes(nation, reports, nominals)
    reports = reports.sort_values(
        ["force", "reported", "absence"], kind="stable", ignore_index=True
    )
    number = rank_within_groups(pd.factorize(reports["force"])[0])
    reports["report_ref"] = [
        f"{force[-2:]}/{index * 3 + 1001:07d}"
        for force, index in zip(reports["force"], number.tolist(), strict=True)
    ]
    return nominals, reports


def _reports(generator: np.random.Generator, nation: Nation) -> pd.DataFrame:
    """Return the forces' reports: one row for each force and absence, or part of an absence."""
    rates = nation.plan.reporting_rates
    reported = nation.absences[nation.absences["is_to_police"]]
    force_of = nation.geography.places["force_code"].to_numpy(dtype=object)
    frame = reported[["person", "start_minute", "end_minute", "place", "host_place"]].copy()
    frame.insert(0, "absence", reported.index)
    frame["force"] = force_of[frame["host_place"]]
    own = force_of[frame["place"]]
    crossing = (frame["force"].to_numpy() != own) & draw_flags(
        generator, rates.two_forces * 8, len(frame)
    )
    second = frame[crossing].assign(force=own[crossing], unit_cause="D6")
    railway = frame[draw_flags(generator, rates.transport_police, len(frame))]
    railway = railway.assign(force=TRANSPORT_POLICE, unit_cause="D6")
    length = (frame["end_minute"] - frame["start_minute"]).to_numpy()
    pieces = np.where(
        (length > SPLIT_OVER) & draw_flags(generator, rates.split_reports, len(frame)), 2, 1
    )
    pieces += (pieces == 2) & draw_flags(generator, 0.3, len(frame))
    owner = np.repeat(np.arange(len(frame)), pieces)
    split = frame.iloc[owner].reset_index(drop=True)
    part, parts = rank_within_groups(owner), pieces[owner]
    start, full_length = split["start_minute"].to_numpy().copy(), length[owner]
    split["start_minute"] = start + full_length * part // parts + np.where(part > 0, 90, 0)
    split["end_minute"] = start + full_length * (part + 1) // parts
    split["unit_cause"] = np.where(parts > 1, "D9", "")
    doubled = second_records(nation, frame)
    return pd.concat([split, second, railway, doubled], ignore_index=True)


def _nominals(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame
) -> pd.DataFrame:
    """Make one nominal (seldom two) for each force and person, and set `nominal` in reports."""
    rates = nation.plan.rates
    keys, position = np.unique(
        pd.factorize(reports["force"], sort=True)[0] * 10_000_000 + reports["person"].to_numpy(),
        return_inverse=True,
    )
    codes = np.array(sorted(reports["force"].unique()), dtype=object)
    doubled = draw_flags(generator, rates.duplicate_nominal, len(keys))
    count = np.bincount(position, minlength=len(keys))
    doubled &= count > 1
    first = np.cumsum(1 + doubled) - 1 - doubled
    uses_second = doubled[position] & draw_flags(generator, 0.4, len(reports))
    reports["nominal"] = first[position] + uses_second
    owner = np.repeat(np.arange(len(keys)), 1 + doubled)
    nominals = pd.DataFrame({"force": codes[keys[owner] // 10_000_000]})
    nominals["person"] = keys[owner] % 10_000_000
    nominals["is_duplicate"] = rank_within_groups(owner) > 0
    person = nominals["person"].to_numpy(dtype=np.int64)
    written = write_mentions(generator, nation, person, "police", 1.0)
    number = generator.permutation(len(nominals)) * 3 + 500_001
    nominals["person_ref"] = [f"N{value}" for value in number.tolist()]
    rows = nominals["is_duplicate"].to_numpy()
    errors = written["errors"].to_numpy(dtype=object).copy()
    errors[rows] = [f"{text}|duplicate_nominal".lstrip("|") for text in errors[rows].tolist()]
    written["errors"] = errors
    return pd.concat([nominals, written], axis=1)


def _draw_times(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    count = len(reports)
    start, end = reports["start_minute"].to_numpy(), reports["end_minute"].to_numpy()
    length = np.maximum(end - start, 5)
    reports["last_seen"] = start - generator.integers(0, 20, count)
    lag = np.minimum(generator.gamma(1.4, 90, count), length * generator.uniform(0.3, 0.95, count))
    reports["reported"] = start + lag.astype(np.int64)
    open_record = draw_flags(generator, nation.plan.rates.open_record, count)
    open_record |= draw_left_open(nation.plan, "police", count)
    found_minute = end - generator.integers(0, 15, count) * (length > 60)
    found_minute = np.maximum(found_minute, reports["reported"].to_numpy() + 1)
    reports["found"] = np.where(open_record, OPEN, found_minute)
    returned = found_minute + generator.integers(10, 150, count)
    blank = open_record | draw_flags(generator, 0.25, count)
    reports["returned"] = np.where(blank, OPEN, returned)
    closed = found_minute + generator.integers(120, 5 * DAY, count)
    is_filed = ~open_record | filed_all_the_same(nation.plan, open_record)
    reports["closed"] = np.where(is_filed, closed, OPEN)
    interview = found_minute + generator.integers(60, 3 * DAY, count)
    is_interview_held = draw_flags(generator, 0.6, count) & ~open_record
    reports["prevention_interview"] = np.where(is_interview_held, interview, OPEN)
    reports["errors"] = np.where(open_record, "open_record", "")
    _midnights(nation, reports)


def _midnights(nation: Nation, reports: pd.DataFrame) -> None:
    """Replace some times by midnight; set `is_far_moved` if that is hours from the true time."""
    far = np.zeros(len(reports), dtype=bool)
    for name in ("last_seen", "found", "returned"):
        minutes = reports[name].to_numpy()
        placed, is_placed = placeholder_midnights(nation.plan, f"police {name}", minutes)
        reports[name] = placed
        far |= is_placed & (minutes - placed > MOVED)
    reports["is_far_moved"] = far
