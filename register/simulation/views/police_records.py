"""What each police force holds: nominals and missing-person reports, with their errors.

Conformed values, one row per report; how a force writes them is `police_files`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY, YEAR_DAYS, day_number
from register.simulation.draws import OPEN, Integers, Texts, hits, pick, rank_within, stream
from register.simulation.geography import TRANSPORT_POLICE
from register.simulation.views.person_errors import spaced, write_mentions
from register.simulation.world.nation import Nation

SPLIT_OVER = 72 * 60
STRONG_ERRORS = ("alias", "names_swapped", "placeholder", "changed_name")
ABSENT_UNTIL = day_number(pd.Timestamp(2017, 1, 1).date())
LOCATIONS = {"K2": "childrens_home", "K1": "childrens_home", "H5": "semi_independent",
             "P2": "semi_independent", "P1": "home", "S1": "school", "R2": "hospital"}  # fmt: skip
GROUPS = {"W": "white", "M": "black", "A": "asian", "B": "black", "C": "other", "O": "other"}


def make_police_records(nation: Nation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nominals (force, person, person_ref, the written person record) and reports (absence,
    person, force, nominal, report_ref, conformed values, times in minutes, errors, cause).
    """
    generator = stream(nation.plan.seed, "police")
    reports = _reports(generator, nation)
    nominals = _nominals(generator, nation, reports)
    _times(generator, nation, reports)
    _judgements(generator, nation, reports, nominals)
    _places(generator, nation, reports)
    reports = reports.sort_values(
        ["force", "reported", "absence"], kind="stable", ignore_index=True
    )
    number = rank_within(pd.factorize(reports["force"])[0])
    reports["report_ref"] = [
        f"{force[-2:]}/{index * 3 + 1001:07d}"
        for force, index in zip(reports["force"], number.tolist(), strict=True)
    ]
    return nominals, reports


def _reports(generator: np.random.Generator, nation: Nation) -> pd.DataFrame:
    """Which force holds a report of which part of an absence."""
    rates = nation.plan.reporting_rates
    told = nation.absences[nation.absences["is_to_police"]]
    force_of = nation.geography.places["force_code"].to_numpy(dtype=object)
    frame = told[["person", "start_minute", "end_minute", "place", "host_place"]].copy()
    frame.insert(0, "absence", told.index)
    frame["force"] = force_of[frame["host_place"]]
    own = force_of[frame["place"]]
    crossing = (frame["force"].to_numpy() != own) & hits(
        generator, rates.two_forces * 8, len(frame)
    )
    second = frame[crossing].assign(force=own[crossing], cause="D6")
    railway = frame[hits(generator, rates.transport_police, len(frame))]
    railway = railway.assign(force=TRANSPORT_POLICE, cause="D6")
    length = (frame["end_minute"] - frame["start_minute"]).to_numpy()
    pieces = np.where(
        (length > SPLIT_OVER) & hits(generator, rates.split_reports, len(frame)), 2, 1
    )
    pieces += (pieces == 2) & hits(generator, 0.3, len(frame))
    owner = np.repeat(np.arange(len(frame)), pieces)
    split = frame.iloc[owner].reset_index(drop=True)
    part, parts = rank_within(owner), pieces[owner]
    start, whole = split["start_minute"].to_numpy().copy(), length[owner]
    split["start_minute"] = start + whole * part // parts + np.where(part > 0, 90, 0)
    split["end_minute"] = start + whole * (part + 1) // parts
    split["cause"] = np.where(parts > 1, "D9", "")
    return pd.concat([split, second, railway], ignore_index=True)


def _nominals(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame
) -> pd.DataFrame:
    """One nominal per force and person, now and then two; sets `nominal` in reports."""
    rates = nation.plan.rates
    keys, position = np.unique(
        pd.factorize(reports["force"], sort=True)[0] * 10_000_000 + reports["person"].to_numpy(),
        return_inverse=True,
    )
    codes = np.array(sorted(reports["force"].unique()), dtype=object)
    doubled = hits(generator, rates.duplicate_nominal, len(keys))
    count = np.bincount(position, minlength=len(keys))
    doubled &= count > 1
    first = np.cumsum(1 + doubled) - 1 - doubled
    uses_second = doubled[position] & hits(generator, 0.4, len(reports))
    reports["nominal"] = first[position] + uses_second
    owner = np.repeat(np.arange(len(keys)), 1 + doubled)
    nominals = pd.DataFrame({"force": codes[keys[owner] // 10_000_000]})
    nominals["person"] = keys[owner] % 10_000_000
    nominals["is_duplicate"] = rank_within(owner) > 0
    written = write_mentions(
        generator,
        rates,
        nation.geography,
        nation.persons,
        nominals["person"].to_numpy(dtype=np.int64),
        1.0,
    )
    number = generator.permutation(len(nominals)) * 3 + 500_001
    nominals["person_ref"] = [f"N{value}" for value in number.tolist()]
    rows = nominals["is_duplicate"].to_numpy()
    errors = written["errors"].to_numpy(dtype=object).copy()
    errors[rows] = [f"{text}|duplicate_nominal".lstrip("|") for text in errors[rows].tolist()]
    written["errors"] = errors
    return pd.concat([nominals, written], axis=1)


def _times(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    count = len(reports)
    start, end = reports["start_minute"].to_numpy(), reports["end_minute"].to_numpy()
    length = np.maximum(end - start, 5)
    reports["last_seen"] = start - generator.integers(0, 20, count)
    lag = np.minimum(generator.gamma(1.4, 90, count), length * generator.uniform(0.3, 0.95, count))
    reports["reported"] = start + lag.astype(np.int64)
    open_record = hits(generator, nation.plan.rates.open_record, count)
    found = end - generator.integers(0, 15, count) * (length > 60)
    found = np.maximum(found, reports["reported"].to_numpy() + 1)
    reports["found"] = np.where(open_record, OPEN, found)
    returned = found + generator.integers(10, 150, count)
    blank = open_record | hits(generator, 0.25, count)
    reports["returned"] = np.where(blank, OPEN, returned)
    closed = found + generator.integers(120, 5 * DAY, count)
    reports["closed"] = np.where(open_record, OPEN, closed)
    interview = found + generator.integers(60, 3 * DAY, count)
    held = hits(generator, 0.6, count) & ~open_record
    reports["prevention_interview"] = np.where(held, interview, OPEN)
    reports["errors"] = np.where(open_record, "open_record", "")
    reports["cause"] = np.where((reports["cause"] == "") & open_record, "D11", reports["cause"])


def _judgements(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame, nominals: pd.DataFrame
) -> None:
    """Category, risk, looked-after flag, ethnicity as the officer wrote it, flags."""
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    rates, count = nation.plan.rates, len(reports)
    day = reports["reported"].to_numpy() // DAY
    is_away = (absences["category"] == "A").to_numpy()
    in_both = absences["is_to_authority"].to_numpy(dtype=bool)
    differs = in_both & hits(generator, nation.plan.reporting_rates.category_differs, count)
    at_home = ~absences["is_in_care"].to_numpy(dtype=bool)
    slight = (is_away ^ differs) | (at_home & hits(generator, 0.08, count))
    slight_name = np.where(day < ABSENT_UNTIL, "absent", "no_apparent_risk")
    reports["category"] = np.where(slight, slight_name, "missing")
    risk = pick(generator, {"low": 0.14, "medium": 0.68, "high": 0.17, "unknown": 0.01}, count)
    risk[slight] = "no_apparent"
    reports["risk_initial"] = risk
    raised = hits(generator, 0.1, count) & (risk == "medium")
    reports["risk_highest"] = np.where(raised, "high", risk)
    reports["risk_final"] = np.where(hits(generator, 0.3, count) & ~slight, "low", risk)
    true_flag = absences["is_in_care"].to_numpy(dtype=bool)
    wrong = hits(generator, rates.wrong_looked_after_flag, count)
    unsure = hits(generator, rates.unknown_looked_after_flag, count) & ~wrong
    reports["is_looked_after"] = np.where(
        unsure, "unknown", np.where(true_flag ^ wrong, "yes", "no")
    )
    group = nation.persons["ethnicity"].to_numpy(dtype=object)[reports["person"]]
    officer = np.array([f"group_only_{GROUPS.get(text[0], 'unknown')}" for text in group.tolist()])
    ethnicity = np.where(hits(generator, 0.22, count), officer, group).astype(object)
    ethnicity[(group == "NOBT") & (ethnicity == "NOBT")] = "REFU"
    hidden = hits(generator, rates.unknown_ethnicity, count)
    ethnicity[hidden] = ""
    reports["ethnicity"] = ethnicity
    age_only = hits(generator, rates.age_only, count)
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    reports["age"] = ((day - dob) / YEAR_DAYS).astype(int)
    reports["is_age_only"] = age_only
    no_ref = hits(generator, rates.no_person_ref, count)
    reports["has_person_ref"] = ~no_ref
    for name, share in (("cse", 0.09), ("cce", 0.12), ("trafficking", 0.03), ("mental_health", 0.14),
                        ("harm", 0.02)):  # fmt: skip
        reports[f"{name}_flag"] = pick(generator, {"yes": share, "no": 0.9 - share, "": 0.1}, count)
    reports["is_fatal"] = np.where(hits(generator, 0.0002, count), "yes", "no")
    _name_causes(nation, reports, nominals, differs, wrong, unsure, at_home)
    for flags, mode in ((wrong, "wrong_looked_after_flag"), (unsure, "unknown_looked_after_flag"),
                        (hidden, "unknown_ethnicity"), (age_only, "age_only"),
                        (no_ref, "no_person_ref")):  # fmt: skip
        before = reports["errors"].to_numpy(dtype=object)
        text = np.where(before == "", mode, before + "|" + mode)
        reports["errors"] = np.where(flags, text, before)


def _name_causes(
    nation: Nation,
    reports: pd.DataFrame,
    nominals: pd.DataFrame,
    differs: Texts,
    wrong: Texts,
    unsure: Texts,
    at_home: Texts,
) -> None:
    """The reason code of each report's disagreement, the first that applies."""
    errors = nominals["errors"].to_numpy(dtype=object)[reports["nominal"]]
    weak = np.array(
        [any(mode in text for mode in STRONG_ERRORS) for text in errors.tolist()] or [0]
    )
    disputed = np.array(["age_disputed" in text for text in errors.tolist()] or [0])
    before = reports["cause"].to_numpy(dtype=object)
    conditions = [before != "", differs, disputed.astype(bool), weak.astype(bool) & ~at_home,
                  (wrong | unsure) & ~at_home]  # fmt: skip
    reports["cause"] = np.select(conditions, [before, "D2", "D15", "D13", "D14"], "")
    del nation


def _places(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    """Where the child went missing from, who told, who found, and the authority as written."""
    count = len(reports)
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    placement = absences["placement"].to_numpy()
    in_care = placement >= 0
    types = nation.placements["type"].to_numpy(dtype=object)[placement]
    location = np.array([LOCATIONS.get(kind, "foster") for kind in types.tolist()], dtype=object)
    location = np.where(in_care, location, "home")
    other = hits(generator, 0.08, count)
    reports["location"] = np.where(other, pick(generator, {"other": 5, "school": 2, "hospital": 2,
                                                           "hotel": 1}, count), location)  # fmt: skip
    home = nation.persons["home_postcode"].to_numpy()[reports["person"]]
    where = np.where(in_care, nation.placements["postcode"].to_numpy()[placement], home)
    reports["from_postcode"] = spaced(nation.geography.postcode[where])
    found_near: Integers = nation.geography.draw_postcodes(
        generator, absences["host_place"].to_numpy()
    )
    known = hits(generator, 0.5, count) & (reports["found"].to_numpy() != OPEN)
    reports["found_postcode"] = np.where(known, spaced(nation.geography.postcode[found_near]), "")
    carer = np.where(location == "foster", "foster_carer", "care_staff")
    reporter = pick(generator, {"parent": 70, "relative": 12, "school": 6, "police": 4, "public": 3,
                                "other": 3, "unknown": 2}, count)  # fmt: skip
    reports["reported_by"] = np.where(in_care & hits(generator, 0.85, count), carer, reporter)
    finder = pick(generator, {"returned_self": 55, "police": 22, "parent": 6, "carer": 8,
                              "social_worker": 3, "public": 2, "other": 2, "unknown": 2}, count)  # fmt: skip
    reports["found_by"] = np.where(reports["found"] == OPEN, "", finder)
    codes = nation.geography.places["authority_code"].to_numpy(dtype=object)
    names = nation.geography.places["name"].to_numpy(dtype=object)
    place = absences["place"].to_numpy()
    written = np.where(hits(generator, 0.5, count), codes[place], names[place])
    told = (reports["is_looked_after"] == "yes").to_numpy() & hits(generator, 0.75, count)
    reports["care_authority"] = np.where(told & in_care, written, "")
