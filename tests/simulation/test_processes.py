"""Each process of the harder profile happens at its rate there, and not in the standard nation."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulation import PROFILES, ErrorRates, PlanError, Profile, SimulationPlan
from simulation.calendar import DAY, day_number
from simulation.draws import OPEN
from simulation.processes import administrative_times as habits
from simulation.processes.faulty_postcodes import UNRESOLVABLE
from simulation.processes.recording_steps import level_at, recording_steps
from simulation.processes.soft_thresholds import MOST, omission_chance
from simulation.sources.authority_records import (
    AuthorityRecords,
    make_authority_records,
    placement_postcodes,
)
from simulation.sources.police_records import make_police_records
from simulation.sources.unrecorded import unrecorded_by_authority, unrecorded_by_police
from simulation.world.nation import Nation, make_nation
from tests.simulation.conftest import Simulated

HARDER = PROFILES["harder"]
AT_THE_MINUTE = "2025-08-30 12:11:00"


@pytest.fixture(scope="module")
def unlike() -> Nation:
    """A nation of the size of `flawless` with every process and no other error."""
    plan = SimulationPlan(
        population_scale=0.5, error_rates=ErrorRates().keep_modes(), profile="harder"
    )
    return make_nation(plan, lambda _: None)


@pytest.fixture(scope="module")
def authority(unlike: Nation) -> AuthorityRecords:
    """What the authorities of that nation record."""
    return make_authority_records(unlike)


@pytest.fixture(scope="module")
def police(unlike: Nation) -> pd.DataFrame:
    """What its forces record."""
    return make_police_records(unlike)[1]


def _only(nation: Nation, **rates: object) -> Nation:
    profile = replace(Profile("one process"), **rates)  # type: ignore[arg-type]
    return replace(nation, plan=replace(nation.plan, profile=profile))


def test_the_standard_profile_switches_every_process_off() -> None:
    """Prevents a demonstration whose figures move because a process was added."""
    standard = PROFILES["standard"]
    shapes = {"name", "threshold_hours", "steps_each", "step_level", "gradual_steps",
              "closed_without_return"}  # fmt: skip
    for item in fields(Profile):
        value, other = getattr(standard, item.name), getattr(HARDER, item.name)
        if item.name not in shapes:
            assert value in (0, (0, 0), (), False), item.name
            assert other != value, item.name


@pytest.mark.parametrize(
    "wrong",
    [{"omissions": (0.2, 0.1)}, {"left_open": 1.2}, {"administrative_habits": ("siesta",)}],
)
def test_a_profile_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """Prevents a rate over one, or a habit that nobody has, from being simulated as none."""
    with pytest.raises(ValueError, match=next(iter(wrong)).split("_")[0]):
        replace(HARDER, **wrong)  # type: ignore[arg-type]


def test_a_calibrated_nation_has_the_standard_profile(tmp_path: Path) -> None:
    """Prevents counts that are to reproduce a publication from being thinned out."""
    with pytest.raises(PlanError, match="standard"):
        SimulationPlan(calibration_file=tmp_path / "any.csv", profile="harder")


def test_each_source_lacks_records_at_random_and_without_a_cause(
    unlike: Nation, flawless: Nation
) -> None:
    """Prevents a nation in which every omission has a reason of the list."""
    low, high = HARDER.omissions
    nation = _only(unlike, omissions=HARDER.omissions)
    told = nation.absences.index[nation.absences["is_to_authority"]].to_numpy()
    cause = unrecorded_by_authority(nation, told)
    assert set(cause) == {"", "D0"}
    place = nation.absences["place"].to_numpy()[told]
    for where in np.unique(place):
        own = cause[place == where] == "D0"
        error = 3 * np.sqrt(high * (1 - high) / len(own))
        assert low - error < own.mean() < high + error
    hours = (nation.absences["end_minute"] - nation.absences["start_minute"]).to_numpy()[told] / 60
    brief, longer = cause[hours < 6] == "D0", cause[hours >= 6] == "D0"
    assert brief.mean() == pytest.approx(longer.mean(), abs=0.02)
    _, reports = make_police_records(nation)
    assert set(reports["lost_cause"]) == {"", "D0"}
    assert low < (reports["lost_cause"] == "D0").mean() < high
    by_absence = (reports["lost_cause"] == "D0").groupby(reports["absence"]).nunique()
    assert by_absence.max() == 1, "an absence is lacking in all its reports or in none"
    everybody = flawless.absences.index[flawless.absences["is_to_authority"]].to_numpy()
    assert set(unrecorded_by_authority(flawless, everybody)) == {""}


def test_the_omitted_are_others_in_each_source(unlike: Nation) -> None:
    """Prevents an absence lost at random by one source from being lost by both."""
    nation = _only(unlike, omissions=(0.1, 0.1))
    told = nation.absences
    both = told.index[told["is_to_authority"] & told["is_to_police"]].to_numpy()
    reports = pd.DataFrame({"absence": both, "force": "E23000010"})
    for column in ("start_minute", "end_minute"):
        reports[column] = told[column].to_numpy()[both]
    by_police = unrecorded_by_police(nation, reports) == "D0"
    by_authority = unrecorded_by_authority(nation, both) == "D0"
    assert (by_police & by_authority).mean() == pytest.approx(0.01, abs=0.006)


def test_a_soft_threshold_leaves_out_less_the_longer_the_absence(unlike: Nation) -> None:
    """Prevents thresholds that can be found by the shortest absence recorded."""
    nation = _only(unlike, threshold_homes=HARDER.threshold_homes)
    told = nation.absences.index[nation.absences["is_to_authority"]].to_numpy()
    is_left_out = unrecorded_by_authority(nation, told) == "D10"
    rows = nation.absences.iloc[told]
    hours = (rows["end_minute"] - rows["start_minute"]).to_numpy() / 60
    shares = [
        is_left_out[(hours >= first) & (hours < last)].mean()
        for first, last in ((0, 1), (1, 3), (3, 6), (6, 12), (24, 999))
    ]
    assert shares == sorted(shares, reverse=True)
    assert HARDER.threshold_homes * MOST * 0.7 < shares[0] < HARDER.threshold_homes * MOST * 1.1
    assert 0.01 < shares[3] < 0.15
    assert shares[4] < 0.005
    place, soon = rows["place"].to_numpy(), hours < 3
    for where in np.unique(place):
        assert 0 < is_left_out[(place == where) & soon].mean() < 0.8


def test_the_chance_of_an_omission_is_half_the_most_at_the_threshold() -> None:
    """Prevents a slope on the wrong side of a threshold."""
    chance = omission_chance(np.array([0.0, 3.0, 30.0]), np.array([3.0, 3.0, 3.0]))
    assert chance[1] == pytest.approx(MOST / 2)
    assert chance[0] > 0.9 * MOST
    assert chance[2] < 1e-6


def test_suppliers_change_their_recording_several_times_some_gradually(
    unlike: Nation, flawless: Nation
) -> None:
    """Prevents series with one sharp step each."""
    low, high = HARDER.steps_each
    steps = pd.concat([recording_steps(unlike, source) for source in ("police", "authority")])
    counts = steps.groupby("supplier_code").size()
    assert counts.between(low, high).all()
    suppliers = 10 + 4
    assert len(counts) == pytest.approx(HARDER.step_suppliers * suppliers, abs=2)
    assert 0.2 < (steps["ramp_days"] > 0).mean() < 0.8
    assert (steps["level_after"] - steps["level_before"]).abs().min() > 0.05
    assert steps["first_day"].max() < day_number(unlike.plan.as_of)
    told = unlike.absences.index[unlike.absences["is_to_authority"]].to_numpy()
    nation = _only(unlike, step_suppliers=1.0)
    cause = unrecorded_by_authority(nation, told)
    assert 0.03 < (cause == "D17").mean() < HARDER.step_level
    for source in ("police", "authority"):
        assert recording_steps(flawless, source).empty


def test_a_gradual_change_is_half_done_halfway_and_a_step_at_once() -> None:
    """Prevents a ramp that starts on the wrong day or never ends."""
    columns = ["source", "supplier_code", "first_day", "ramp_days", "level_before", "level_after"]
    steps = pd.DataFrame(
        [("police", "F", 100, 50, 0.0, 0.4), ("police", "F", 200, 0, 0.4, 0.1)], columns=columns
    )
    days = np.array([99, 100, 125, 150, 199, 200, 201, 400])
    levels = level_at(steps, np.array(["F"] * len(days), dtype=object), days)
    assert levels == pytest.approx([0, 0, 0.2, 0.4, 0.4, 0.4, 0.1, 0.1])
    assert level_at(steps, np.array(["G"], dtype=object), np.array([300])) == [0]


def test_administrative_times_follow_their_own_habits(
    unlike: Nation, authority: AuthorityRecords, flawless_authority: AuthorityRecords
) -> None:
    """Prevents administrative times that are all full hours of an office day."""
    missing = authority.missing
    systems = np.array(["Mosaic"] * len(unlike.geography.places), dtype=object)
    simulated = unlike.geography.simulated
    found = habits.habit_of(unlike, systems)
    assert set(found[simulated]) == set(HARDER.administrative_habits)
    mosaic = missing[missing["case_system"] == "Mosaic"]
    full_hour = mosaic["start_minute"] % 60 == 0
    assert full_hour.mean() < 0.15
    outside = (mosaic["start_minute"] % DAY < 9 * 60) | (mosaic["start_minute"] % DAY > 17 * 60)
    assert 0.1 < outside.mean() < 0.9
    assert (mosaic["cause"] == "D8").mean() > 0.5
    events = missing[(missing["case_system"] == "Liquidlogic")]
    late = (events["start_minute"] - events["true_start"] > 360).groupby(events["place"]).mean()
    assert (late > 0.3).any(), "an event-time system that records when the form was done"
    assert (late < 0.1).any(), "and one that does not"
    standard = flawless_authority.missing
    assert (standard.loc[standard["case_system"] == "Mosaic", "start_minute"] % 60 == 0).all()


def test_each_habit_gives_its_own_times() -> None:
    """Prevents a batch that is keyed in before it happened, or a panel on a Monday."""
    generator = np.random.default_rng(1)
    minutes = np.arange(0, 15 * DAY, 97)
    for habit in habits.HABITS.values():
        assert (habit(generator, minutes) >= minutes).all()
    shift = habits.shift_change(generator, np.array([7 * 60, 7 * 60 + 1, 23 * 60]))
    assert [value // 60 for value in shift.tolist()] == [7, 14, 24 + 7]
    tuesdays = habits.weekly_panel(generator, minutes) // DAY
    assert {date.fromordinal(719163 + int(day)).weekday() for day in tuesdays} == {1}
    batch = habits.morning_batch(generator, minutes)
    assert (batch // DAY == minutes // DAY + 1).all()
    saved = habits.saved_form(generator, minutes) - minutes
    assert 3 * 60 < np.median(saved) < 8 * 60


def test_a_share_of_records_is_left_open(
    authority: AuthorityRecords,
    police: pd.DataFrame,
    flawless_authority: AuthorityRecords,
    flawless_police: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Prevents a nation in which every child's return is entered."""
    is_open = police["found"] == OPEN
    assert is_open.mean() == pytest.approx(HARDER.left_open, abs=0.01)
    assert (is_open & (police["closed"] != OPEN)).sum() == pytest.approx(
        HARDER.closed_without_return * is_open.sum(), rel=0.2
    )
    assert (police.loc[is_open, "causes"].str.contains("D11")).all()
    written = authority.missing[authority.missing["case_system"] != "Eclipse"]
    assert (written["end_minute"] == OPEN).mean() == pytest.approx(HARDER.left_open, abs=0.015)
    _, reports = flawless_police
    assert (reports["found"] != OPEN).all()
    assert (flawless_authority.missing["end_minute"] != OPEN).all()


def test_a_tenth_of_postcodes_leads_nowhere(
    unlike: Nation, authority: AuthorityRecords, police: pd.DataFrame, flawless: Nation
) -> None:
    """Prevents a register that needs every postcode from looking right."""
    for texts in (
        placement_postcodes(unlike),
        police["from_postcode"].to_numpy(dtype=object),
        authority.children["home_postcode"].to_numpy(dtype=object),
    ):
        assert (texts == "").mean() == pytest.approx(HARDER.blank_postcodes, abs=0.02)
        wrong = np.isin(texts.astype(str), UNRESOLVABLE).mean()
        assert wrong == pytest.approx(HARDER.unresolvable_postcodes, abs=0.02)
    known = set(unlike.geography.postcode)
    assert not {text.replace(" ", "") for text in UNRESOLVABLE} & known
    assert not np.isin(placement_postcodes(flawless).astype(str), ("", *UNRESOLVABLE)).any()


def test_midnight_is_entered_for_some_unknown_times(
    authority: AuthorityRecords,
    police: pd.DataFrame,
    flawless_police: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Prevents every time in a record from being one that somebody knew."""
    for name in ("last_seen", "found", "returned"):
        filled = police.loc[police[name] != OPEN, name]
        assert (filled % DAY == 0).mean() == pytest.approx(HARDER.midnights, abs=0.012)
    assert (police["reported"] % DAY == 0).mean() < 0.005
    assert (police["causes"].str.contains("D7")).mean() > 0.02
    timed = authority.missing[authority.missing["case_system"] != "Eclipse"]
    assert (timed["start_minute"] % DAY == 0).mean() == pytest.approx(HARDER.midnights, abs=0.015)
    _, reports = flawless_police
    assert (reports["found"] % DAY == 0).mean() < 0.005


def test_a_second_force_records_some_absences_anywhere(
    unlike: Nation,
    police: pd.DataFrame,
    flawless: Nation,
    flawless_police: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Prevents duplicates across forces only where a child is placed across a border."""

    def at_home_twice(nation: Nation, reports: pd.DataFrame) -> float:
        home = ~nation.absences["is_in_care"].to_numpy()[reports["absence"]]
        other = ~reports["force"].isin(["BTP"]).to_numpy()
        forces = reports[home & other].groupby("absence")["force"].nunique()
        return float((forces > 1).mean())

    assert at_home_twice(unlike, police) == pytest.approx(HARDER.force_duplicates, abs=0.008)
    assert at_home_twice(flawless, flawless_police[1]) == 0


@pytest.mark.drill
def test_every_omission_of_the_harder_nation_has_its_cause(harder: Simulated) -> None:
    """Prevents a nation that reasons cannot be held to."""
    absences = harder.truth("absences")
    codes = {f"D{number}" for number in range(19)}
    alone = absences["is_delivered_police"] != absences["is_delivered_authority"]
    assert set(absences.loc[alone, "cause"]) <= codes
    for source in ("police", "authority"):
        told = absences[absences[f"is_told_{source}"] & ~absences[f"is_delivered_{source}"]]
        assert set(told[f"{source}_cause"]) >= {"D0", "D17", "D18"}
        assert "" not in set(told[f"{source}_cause"])
    records = harder.truth("records")
    assert not records.duplicated(["feed", "supplier_code", "source_id"]).any()
    steps = harder.truth("steps")
    assert set(steps["source"]) == {"police", "authority"}


@pytest.mark.drill
def test_the_truth_of_the_harder_nation_says_that_it_is(harder: Simulated) -> None:
    """Prevents a measured figure of the harder nation that is taken for one of the standard."""
    (row,) = harder.truth("nation").to_dict("records")
    assert (row["profile"], row["error_rates"], row["seed"]) == ("harder", "standard", 1)
    assert (row["first_year"], row["last_year"]) == ("2024-25", "2026-27")


def test_the_truth_says_which_nation_it_is(demo: Simulated) -> None:
    """Prevents a measured figure without the nation that it was measured on."""
    (row,) = demo.truth("nation").to_dict("records")
    assert (row["profile"], row["seed"], row["last_year"]) == ("standard", 1, "2025-26")
