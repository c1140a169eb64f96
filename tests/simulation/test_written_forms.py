"""The end of the series and the form of files: as they really look in the harder nation alone."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from simulation import PROFILES, SimulationPlan
from simulation.calendar import DAY, day_number
from simulation.draws import OPEN
from simulation.processes.extract_lag import extract_lag
from simulation.processes.written_forms import (
    NEW_COLUMN,
    OFFSET,
    SQL_SERVER,
    ZULU,
    WrittenForm,
    written_form,
)
from tests.simulation.conftest import Simulated

HARDER = PROFILES["harder"]


@pytest.mark.drill
def test_the_year_in_progress_ends_where_it_really_does(harder: Simulated, demo: Simulated) -> None:
    """Prevents a series whose sources end together, and absences of days to come."""
    deliveries = harder.truth("deliveries")
    made = deliveries[deliveries["status"] == "delivered"]
    assert harder.plan.years[-1] == 2026
    assert harder.truth("absences")["start_at_local"].max() < pd.Timestamp("2026-11-21")
    months = made.loc[made["feed"] == "police_reports", "period"]
    assert months.max() == "2026-10"
    extracts = made[(made["feed"] == "authority_extract") & (made["period"] == "2026-Q3")]
    assert 0 <= len(extracts) < 5, "the extracts of most authorities end in June"
    returns = made.loc[made["feed"] == "authority_return", "period"]
    assert returns.max() == "2025-26"
    known = demo.truth("deliveries")["period"]
    assert "2026-10" not in set(known), "the standard series ends in March"
    assert "2026-Q3" in set(known)
    tail = harder.truth("absences").query("start_at_local > '2026-10-01' and is_told_authority")
    assert (tail["authority_cause"] == "D18").mean() > 0.5


def test_extracts_arrive_later_only_in_the_harder_nation() -> None:
    """Prevents authorities that deliver with the police."""
    low, high = HARDER.extract_lag_days
    plan = SimulationPlan(profile="harder")
    lags = [extract_lag(plan, "370", f"{year}-Q1").days for year in range(2014, 2026)]
    assert all(low <= days <= high for days in lags)
    assert len(set(lags)) > 3
    assert extract_lag(SimulationPlan(), "370", "2025-Q1").days == 0


def test_a_system_writes_dates_as_it_stores_them() -> None:
    """Prevents files that only ever have the dates of their layout."""
    minutes = np.array([int(datetime(2025, 8, 30, 12, 11, tzinfo=UTC).timestamp() // 60), OPEN])
    winter = np.array([int(datetime(2025, 1, 5, 9, 0, tzinfo=UTC).timestamp() // 60)])
    days = minutes[:1] // DAY
    sql, offset, zulu = (WrittenForm(name) for name in (SQL_SERVER, OFFSET, ZULU))
    assert sql.write_moments(minutes, "%d").tolist() == ["2025-08-30 12:11:00.000", ""]
    assert sql.write_days(days, "%d").tolist() == ["2025-08-30 00:00:00.000"]
    assert offset.write_moments(minutes, "%d").tolist() == ["2025-08-30T12:11:00+01:00", ""]
    assert zulu.write_moments(minutes, "%d").tolist() == ["2025-08-30T11:11:00Z", ""]
    assert zulu.write_moments(winter, "%d").tolist() == ["2025-01-05T09:00:00Z"]
    assert WrittenForm().write_days(days, "%d/%m/%Y").tolist() == ["30/08/2025"]


STORED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.000|Z|[+]0[01]:00)")


def _versions_and_dates(home: Simulated) -> tuple[dict[str, set[str]], set[str], set[str]]:
    """Case systems over time and, by supplier, who writes stored dates, who a new column."""
    systems: dict[str, set[str]] = {}
    stored, changed = set(), set()
    for path in sorted((home.home / "inbox").rglob("*")):
        if path.is_dir() or path.suffix not in (".csv", ".txt"):
            continue
        supplier, text = path.parts[-3], path.read_bytes().decode("latin-1")
        if path.name == "ssd_version.csv":
            row = next(csv.DictReader(io.StringIO(text.removeprefix("ï»¿"))))
            systems.setdefault(supplier, set()).add(row["case_system"])
        elif path.parts[-4] in ("police_reports", "authority_extract"):
            stored |= {supplier} if STORED.search(text) else set()
            changed |= {supplier} if NEW_COLUMN in text.split("\n", 1)[0] else set()
    return systems, stored, changed


@pytest.mark.drill
def test_some_suppliers_change_their_files_in_mid_series(
    harder: Simulated, demo: Simulated
) -> None:
    """Prevents a reader that needs every file of a supplier to be like its first."""
    systems, stored, changed = _versions_and_dates(harder)
    suppliers = {path.name for path in (harder.home / "inbox").glob("*/*")}
    assert 0.15 < len(changed) / len(suppliers) < 0.75
    assert {code for code, names in systems.items() if len(names) > 1} == changed & set(systems)
    assert len(stored) / len(suppliers) > 0.3
    _, stored, changed = _versions_and_dates(demo)
    assert stored == changed == set()


def test_a_supplier_changes_once_and_stays_changed() -> None:
    """Prevents a form of files that alternates from month to month."""
    plan = SimulationPlan(profile=replace(HARDER, format_changes=1.0))
    first = day_number(date(2024, 4, 1))
    forms = [written_form(plan, "E23000010", first + 30 * month) for month in range(24)]
    is_changed = [form.is_changed for form in forms]
    assert is_changed == sorted(is_changed)
    assert not is_changed[0]
    assert is_changed[-1]
    assert len({form.dates for form in forms}) == 2
