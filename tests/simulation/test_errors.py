"""Every error mode appears at its rate, alone, and can be switched off."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from simulation import ERROR_RATES, ErrorRates, SimulationPlan
from simulation.calendar import DAY, YEAR_DAYS
from simulation.sources.authority_records import (
    AuthorityRecords,
    make_authority_records,
    office_time,
)
from simulation.sources.police_records import BRIEF, force_breaks, make_police_records
from simulation.world.nation import Nation, make_nation

# Modes that every mention or report can suffer, and those that only some can.
ALWAYS = ("year_off_by_one", "names_swapped", "old_postcode", "truncated_postcode", "missing_sex",
          "alias")  # fmt: skip
SOMETIMES = ("day_month_swapped", "nickname", "transliteration", "double_barrelled_half",
             "punctuation", "typo", "placeholder", "letter_digit_confused",
             "duplicate_nominal")  # fmt: skip
OF_REPORTS = ("age_only", "unknown_ethnicity", "no_person_ref", "wrong_looked_after_flag",
              "unknown_looked_after_flag", "open_record")  # fmt: skip
OF_PERSONS = ("default_birthday_uasc", "age_disputed", "changed_name", "transfer",
              "adoption_return")  # fmt: skip
OF_DELIVERIES = ("late_delivery", "missing_delivery", "resubmission")
OF_AUTHORITIES = ("late_entry", "amended_after_year_end", "recording_break")
OF_FORCES = ("force_recording_break",)
NO_MODES = ("authority_factor",)


def _with(nation: Nation, mode: str, rate: float) -> Nation:
    rates = replace(ErrorRates().keep_modes(), **{mode: rate})
    return replace(nation, plan=replace(nation.plan, error_rates=rates))


def _share(errors: pd.Series, mode: str) -> float:
    return float(errors.str.split("|").map(lambda modes: mode in modes).mean())


def test_every_mode_is_tried_here_or_in_the_deliveries() -> None:
    """Prevents a rate that does nothing."""
    tried = {*ALWAYS, *SOMETIMES, *OF_REPORTS, *OF_PERSONS, *OF_DELIVERIES, *OF_AUTHORITIES,
             *OF_FORCES}  # fmt: skip
    assert {item.name for item in fields(ErrorRates)} == tried | set(NO_MODES)


def test_without_errors_every_record_shows_the_person_as_they_are(
    flawless: Nation,
    flawless_police: tuple[pd.DataFrame, pd.DataFrame],
    flawless_authority: AuthorityRecords,
) -> None:
    """Prevents errors that cannot be switched off."""
    nominals, reports = flawless_police
    assert set(nominals["errors"]) == {""}
    assert set(reports["errors"]) == {""}
    person = flawless.persons.iloc[nominals["person"]]
    for column in ("forename", "surname", "dob_day"):
        assert (nominals[column].to_numpy() == person[column].to_numpy()).all()
    assert not nominals["is_duplicate"].any()
    records = flawless_authority
    assert set(records.children["errors"]) == {""}
    assert set(records.missing["errors"]) == {""}


@pytest.mark.parametrize("mode", ALWAYS)
def test_a_mode_that_all_can_suffer_appears_at_its_rate(flawless: Nation, mode: str) -> None:
    """Prevents a rate that is not the rate."""
    nominals, _ = make_police_records(_with(flawless, mode, 0.2))
    count = len(nominals)
    spread = 4 * np.sqrt(0.2 * 0.8 / count)
    assert _share(nominals["errors"], mode) == pytest.approx(0.2, abs=spread)
    assert set(nominals["errors"]) == {"", mode}


@pytest.mark.parametrize("mode", SOMETIMES)
def test_a_mode_that_some_can_suffer_appears_alone(flawless: Nation, mode: str) -> None:
    """Prevents a mode that never happens, or drags others with it."""
    nominals, _ = make_police_records(_with(flawless, mode, 0.9))
    assert _share(nominals["errors"], mode) > 0.01
    # Forename and surname may each suffer.
    suffered = {part for text in nominals["errors"] for part in text.split("|")}
    assert suffered == {"", mode}


def test_a_day_and_month_are_swapped_at_the_rate_of_all_persons(flawless: Nation) -> None:
    """Prevents a rate that counts only the dates that can be swapped."""
    nominals, _ = make_police_records(_with(flawless, "day_month_swapped", 0.1))
    count = len(nominals)
    assert _share(nominals["errors"], "day_month_swapped") == pytest.approx(
        0.1, abs=4 * np.sqrt(0.09 / count) + 0.01
    )


@pytest.mark.parametrize("mode", OF_REPORTS)
def test_a_mode_of_reports_appears_at_its_rate(flawless: Nation, mode: str) -> None:
    """Prevents a report error at the rate of persons."""
    _, reports = make_police_records(_with(flawless, mode, 0.2))
    spread = 4 * np.sqrt(0.2 * 0.8 / len(reports))
    assert _share(reports["errors"], mode) == pytest.approx(0.2, abs=spread)


@pytest.mark.parametrize("mode", ["late_entry", "amended_after_year_end", "open_record"])
def test_a_mode_of_case_records_appears_at_its_rate(flawless: Nation, mode: str) -> None:
    """Prevents case systems in which everything is entered in time."""
    missing = make_authority_records(_with(flawless, mode, 0.2)).missing
    if mode == "open_record":
        # Eclipse gives completed forms only.
        assert not missing.loc[missing["case_system"] == "Eclipse", "errors"].any()
        missing = missing[missing["case_system"] != "Eclipse"]
    spread = 4.5 * np.sqrt(0.2 * 0.8 / len(missing))
    assert _share(missing["errors"], mode) == pytest.approx(0.2, abs=spread)


def test_a_recording_break_swallows_what_happens_in_it(
    flawless: Nation, flawless_authority: AuthorityRecords
) -> None:
    """Prevents a break that is visible in no series."""
    records = make_authority_records(_with(flawless, "recording_break", 1.0))
    assert len(records.breaks) == len(flawless.geography.simulated)
    assert len(records.lost_in_break) > 50
    assert len(flawless_authority.lost_in_break) == 0


def test_a_break_of_forces_leaves_brief_absences_out_on_one_side_of_its_day(
    flawless: Nation,
) -> None:
    """Prevents a break that loses what it should keep, or that is always announced."""
    nation = _with(flawless, "force_recording_break", 1.0)
    breaks = force_breaks(nation)
    assert set(breaks["direction"]) == {"stops", "begins"}
    assert set(breaks["is_announced"]) == {True, False}
    assert set(breaks["force"]) < set(nation.geography.forces)
    _, reports = make_police_records(nation)
    rows = reports.merge(breaks, on="force")
    after = rows["start_minute"] // DAY >= rows["first_day"]
    brief = rows["end_minute"] - rows["start_minute"] < BRIEF
    lean = brief & (after == (rows["direction"] == "stops"))
    assert (rows.loc[lean, "lost_cause"] == "D17").mean() == pytest.approx(0.9, abs=0.05)
    assert set(rows.loc[~lean, "lost_cause"]) == {""}
    assert force_breaks(flawless).empty


def test_a_disputed_age_of_eighteen_keeps_a_report_out(
    flawless_police: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Prevents adults by their papers in a file of children."""
    plan = SimulationPlan(
        population_scale=0.5, error_rates=replace(ErrorRates().keep_modes(), age_disputed=0.8)
    )
    nominals, reports = make_police_records(make_nation(plan, lambda _: None))
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    years = (reports["start_minute"] // DAY - dob) / YEAR_DAYS
    assert (years[reports["lost_cause"] == "D15"] >= 18).all()
    assert (reports["lost_cause"] == "D15").sum() > 20
    assert set(flawless_police[1]["lost_cause"]) == {""}


def test_modes_of_persons_appear_and_vanish(flawless: Nation) -> None:
    """Prevents two-identity cases that are always or never there."""
    rates = replace(ErrorRates().keep_modes(), **dict.fromkeys(OF_PERSONS, 0.05))
    nation = make_nation(SimulationPlan(population_scale=0.5, error_rates=rates), lambda _: None)
    for made, some in ((nation, True), (flawless, False)):
        persons = made.persons
        assert persons["has_default_birthday"].any() == some
        assert (persons["disputed_dob_day"] >= 0).any() == some
        assert (persons["changed_surname"] != "").any() == some
        assert (persons["adoption_pair"] >= 0).any() == some
        assert (made.periods["entry"] == "transfer").any() == some


def test_the_harder_rates_are_nowhere_easier() -> None:
    """Prevents a bar that is met on easier data than it names."""
    for item in fields(ErrorRates):
        standard, harder = (
            getattr(ERROR_RATES[name], item.name) for name in ("standard", "harder")
        )
        assert harder >= standard, item.name
    with pytest.raises(ValueError, match="typo"):
        ErrorRates(typo=1.5)


def test_workflow_steps_fall_in_office_hours_and_keep_their_order() -> None:
    """Prevents administrative times that overtake one another."""
    minutes = np.sort(np.random.default_rng(1).integers(28_000_000, 28_200_000, 5000))
    steps = office_time(minutes, np.zeros(5000, dtype=np.int64))
    weekday = (steps // 1440 + 3) % 7
    hour = steps % 1440 // 60
    assert (weekday < 5).all()
    assert ((hour >= 9) & (hour <= 17)).all()
    assert (steps % 60 == 0).all()
    assert (np.diff(steps) >= 0).all()
    assert (steps >= minutes).all()
