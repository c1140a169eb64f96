"""Ages, birthdays and hours between two intervals, on both sides of each boundary."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from tests.dbt.functions import evaluated, rendered

BORN = [date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2008, 9, 10), date(2008, 1, 1)]
HALF_PAST = pd.Timestamp(2026, 5, 1, 12, 30)


def test_an_age_changes_on_the_birthday() -> None:
    """Prevents an age that is a year too low on the birthday, or too high on its eve."""
    cases = pd.DataFrame(
        [
            {"born": born, "day": date(year, born.month, 28) + timedelta(days=days)}
            for born in BORN
            for year in (2008, 2009, 2024, 2025, 2026)
            for days in range(-29, 5)
            if date(year, born.month, 28) + timedelta(days=days) >= born
        ]
    ).astype({"born": "datetime64[ns]", "day": "datetime64[ns]"})
    found = evaluated(cases, age="age_on(cast(born as date), cast(day as date))")["age"]
    # Who is born on 29 February is a year older on 1 March of other years.
    expected = [
        day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        for born, day in zip(cases["born"], cases["day"], strict=True)
    ]
    assert list(found) == expected
    assert {0, 1, 16, 17, 18} <= set(found)


def test_an_adult_is_one_from_the_eighteenth_birthday() -> None:
    """Prevents a child of 17 who is left out, and an adult who is counted."""
    cases = pd.DataFrame({"born": pd.to_datetime(pd.Series(BORN))})
    found = evaluated(cases, grown="eighteenth_birthday(cast(born as date))")["grown"]
    assert [value.date() for value in pd.to_datetime(found)] == [
        date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 1), date(2026, 9, 10), date(2026, 1, 1),
    ]  # fmt: skip


def test_hours_between_intervals_have_the_sign_of_the_second() -> None:
    """Prevents a lag of the authority that reads as a lag of the police."""
    hour = timedelta(hours=1)
    cases = pd.DataFrame(
        {
            "one": [HALF_PAST] * 4,
            "one_end": [HALF_PAST + hour] * 4,
            "other": [HALF_PAST + 3 * hour, HALF_PAST - 3 * hour, HALF_PAST + hour, HALF_PAST],
        }
    )
    call = "signed_hours_apart(one, one_end, other, other + interval 1 hour)"
    assert list(evaluated(cases, hours=call)["hours"]) == [2.0, -2.0, 0.0, 0.0]


def test_a_band_of_ages_begins_on_its_first_birthday() -> None:
    """Prevents a child of ten among those of five to nine, which the department counts apart."""
    bands = {
        -1: "unknown", 0: "under_1", 1: "1_to_4", 4: "1_to_4", 5: "5_to_9", 9: "5_to_9",
        10: "10_to_15", 15: "10_to_15", 16: "16_and_over", 17: "16_and_over",
    }  # fmt: skip
    cases = pd.DataFrame({"age": pd.array([*bands, None], dtype="Int64")})
    found = evaluated(cases, band=rendered("age_band_of('age')"))["band"]
    assert list(found) == [*bands.values(), "unknown"]
