"""The simulated release has the characteristics in the returns, in the department's words."""

from __future__ import annotations

import csv
import io
from datetime import date

import pandas as pd

from simulation.calendar import day_number
from simulation.sources.authority_records import AuthorityRecords
from simulation.sources.published_statistics import national_files, release_files
from simulation.sources.returns import Return, ReturnTables
from simulation.world.nation import Nation

HEADER = pd.DataFrame(
    [("C1", "F", "WBRI"), ("C2", "1", "MWAS"), ("C3", "2", "WBRI")],
    columns=["CHILD", "SEX", "ETHNIC"],
)
EPISODES = pd.DataFrame([("C1", "C2"), ("C2", "E1"), ("C3", "V4")], columns=["CHILD", "LS"])
OPEN = 10**6


def _row(child: str, kind: str, dob: str, start: str, days: int) -> tuple[object, ...]:
    day, month, year = map(int, start.split("/"))
    first = day_number(date(year, month, day))
    return child, dob, kind, start, "", first, first + days, 1


def _return(*rows: tuple[object, ...]) -> Return:
    columns = ["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END", "_start", "_end", "_absence"]
    missing = pd.DataFrame([row for row in rows for _ in range(10)], columns=columns)
    return Return(0, 2024, HEADER, EPISODES, missing, pd.DataFrame())


def _figures(returns: list[Return], category: str) -> dict[tuple[str, str], str]:
    text = national_files(returns)[f"national_{category}.csv"].decode()
    rows = csv.DictReader(io.StringIO(text))
    return {(row["missing_status"], row["characteristic"]): row["number"] for row in rows}


def test_incidents_and_children_stand_under_their_values() -> None:
    """Prevents a comparison of the register with a release that no return leads to."""
    made = _return(
        _row("C1", "M", "02/04/2014", "01/04/2024", 2),
        _row("C1", "M", "02/04/2014", "02/04/2024", 0),
        _row("C2", "M", "01/01/2009", "31/03/2025", OPEN),
        _row("C2", "A", "01/01/2009", "01/05/2024", 10),
        # Before the year, and of a short break: neither counts.
        _row("C1", "M", "02/04/2014", "31/03/2024", 1),
        _row("C3", "M", "01/01/2009", "01/05/2024", 1),
    )
    found = _figures([made], "missing")
    age = "Age of children missing from placement"
    assert found[age, "5 to 9 years"] == "10"
    assert found[age, "10 to 15 years"] == "10"
    assert found[age, "16 years and over"] == "10"
    assert found[age, "Total incidents"] == "30"
    days = "Durations of missing from placement periods"
    assert found[days, "Less than 1 day"] == "20"
    assert found[days, "Between 1 and 2 days"] == "10"
    sex = "Children missing from placement by gender"
    assert found[sex, "Females"] == found[sex, "Males"] == "low"
    origin = "Children missing from placement by ethnic origin"
    assert found[origin, "White and Asian"] == found[origin, "Total White"] == "low"
    assert found[origin, "Total Black, African, Caribbean or Black British"] == "0"
    assert not any("away" in part for key in found for part in key)
    away = _figures([made], "away")
    heading = "Durations of away from placement without authorisation periods"
    assert away[heading, "Between 8 and 10 days"] == away[heading, "Total incidents"] == "10"


def test_a_child_is_one_within_an_authority() -> None:
    """Prevents the children of two authorities from being one because their codes are alike."""
    rows = [_row("C1", "M", "02/04/2014", "01/05/2024", 1)]
    places = [_return(*rows) for _ in range(7)]
    for place, made in enumerate(places):
        made.place = place
    found = _figures(places, "missing")
    sex = "Children missing from placement by gender"
    assert found[sex, "Females"] == found[sex, "Total children who were missing during the year"]
    assert found[sex, "Females"] == "10"


def test_a_release_is_counted_of_what_is_kept_of_returns(
    flawless: Nation, flawless_authority: AuthorityRecords
) -> None:
    """Prevents a decade whose statistics are others, because less of its returns is held."""
    tables = ReturnTables(flawless, flawless_authority)
    years, places = flawless.plan.years, flawless.geography.simulated.tolist()
    cut = [tables.cut_return(place, year) for year in years for place in places]
    made = [each for each in cut if each is not None]
    files = release_files(flawless, made)
    assert len(made) > 1
    assert release_files(flawless, [each.counted() for each in made]) == files
