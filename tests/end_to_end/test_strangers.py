"""Small homes that no simulator filled: each loads, passes its audit and is published."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from expectations import measure
from interfaces.quality_site import build_site
from register.feeds import read_ledger
from register.home import prepare_home
from register.publishing import publish
from register.settings import Settings, load_settings
from tests.conftest import put_postcodes
from tests.dbt.runs import next_folder, run_dbt
from tests.end_to_end.registers import land
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    REPORT,
    Home,
    extract_files,
    police_csv,
    report,
)

pytestmark = pytest.mark.drill

CHILD = {
    "pers_person_id": "P1",
    "pers_forename": "Wilhelmina",
    "pers_surname": "Testperson",
    "pers_sex": "F",
    "pers_dob": "2012-03-04",
}
CARE = {
    "clae_cla_episode_id": "E1",
    "clae_person_id": "P1",
    "clae_cla_episode_start_date": "2024-05-01",
    "clae_entered_care_date": "2024-05-01",
}
# As databases write moments: SQL Server, ISO 8601 with a zone and in UTC; both sides of each rule.
ABSENCES = {
    # Also a report of the police.
    "matched": ("2026-08-30 12:11:00.000", "2026-08-31 09:40:00.000"),
    "zone": ("2026-09-02T10:00:00+01:00", "2026-09-02T16:30:00+01:00"),
    "utc": ("2026-09-05T22:30:00Z", "2026-09-06T07:00:00Z"),
    "skipped": ("2026-03-29 01:30:00.000", "2026-03-29 14:00:00.000"),
    "repeated": ("2025-10-26 01:30:00.000", "2025-10-26 09:00:00.000"),
    "backwards": ("2026-07-10 10:00:00.000", "2026-07-09 10:00:00.000"),
    "open": ("2026-09-28 18:00:00.000", ""),
    "unborn": ("2011-01-01 00:00:00.000", "2011-01-02 00:00:00.000"),
    "future": ("2027-01-01 10:00:00.000", ""),
}
# Eighteen on 10 September 2026: the day before counts, and the day does not.
GROWN = {**CHILD, "pers_person_id": "P2", "pers_surname": "Invented", "pers_dob": "2008-09-10"}
BIRTHDAYS = {
    "child": ("2026-09-09 23:59:00.000", "2026-09-10 11:00:00.000"),
    "adult": ("2026-09-10 00:01:00.000", "2026-09-10 11:00:00.000"),
}


def _missing(name: str, person: str, moments: tuple[str, str]) -> dict[str, str]:
    return {
        "miss_table_id": name,
        "miss_person_id": person,
        "miss_missing_episode_type": "M",
        "miss_missing_episode_start_date": moments[0],
        "miss_missing_episode_end_date": moments[1],
    }


def _extract() -> dict[str, bytes]:
    return extract_files(
        ssd_person=[CHILD, GROWN],
        ssd_cla_episodes=[CARE],
        ssd_missing=[
            *(_missing(name, "P1", moments) for name, moments in ABSENCES.items()),
            *(_missing(name, "P2", moments) for name, moments in BIRTHDAYS.items()),
        ],
    )


@pytest.fixture
def home(tmp_path: Path, postcodes: Path) -> Home:
    """A home that is no simulation, with an empty inbox."""
    settings = load_settings(
        {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(tmp_path / "home")}
    )
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    return Home(settings)


def _published(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Land, build with every data test and publish; the published file."""
    land(settings)
    folder = next_folder(settings, "strangers")
    outcome = run_dbt(settings, folder, "build", "--exclude-resource-type", "unit_test")
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    generation = publish(settings, folder)
    assert generation.is_current
    return duckdb.connect(str(generation.folder / "national_register.duckdb"), read_only=True)


def _exclusions(register: duckdb.DuckDBPyConnection) -> Counter[str | None]:
    return Counter(
        reason
        for (reason,) in register.execute(
            "select episode_exclusion_reason from register.fct_reports"
        ).fetchall()
    )


def _read_front_page(settings: Settings) -> str:
    """Measure the current generation, build its site and return the front page."""
    measure(settings)
    return build_site(settings).read_text(encoding="utf-8")


def test_a_nation_of_one_report_is_published(home: Home) -> None:
    """Prevents a first month of one force from failing for want of everything else."""
    home.put_reports([report(1)], received=datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    register = _published(home.settings)
    assert _exclusions(register) == {None: 1}
    statuses = "select source_status from register.fct_episodes"
    assert register.execute(statuses).fetchall() == [("police_only",)]
    page = _read_front_page(home.settings)
    assert "To compare the sources, deliver the authority extract of" in page
    assert "Maps compare areas. They are drawn once both sources have delivered." in page


def test_a_nation_of_one_extract_is_published_with_its_moments(home: Home) -> None:
    """Prevents moments that another database writes, and what cannot be, from ending a load."""
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", _extract())
    register = _published(home.settings)
    assert not any(item.is_held for item in read_ledger(home.settings))
    assert _exclusions(register) == {
        None: len(ABSENCES) + len(BIRTHDAYS) - 3,
        "before_birth": 1,
        "in_future": 1,
        "adult_at_start": 1,
    }
    starts = [
        str(moment)
        for (moment,) in register.execute(
            "select started_at from register.fct_reports"
            " where episode_exclusion_reason is null order by 1"
        ).fetchall()
    ]
    # British Summer Time but in March and October, where the hour is skipped or repeated.
    assert starts[2:] == [
        "2026-07-10 09:00:00", "2026-08-30 11:11:00", "2026-09-02 09:00:00",
        "2026-09-05 22:30:00", "2026-09-09 22:59:00", "2026-09-28 17:00:00",
    ]  # fmt: skip
    assert starts[0].startswith("2025-10-26 0")
    assert starts[1].startswith("2026-03-29 0")
    assert register.execute("select count(*) from register.fct_episodes").fetchall() == [
        (sum(count for reason, count in _exclusions(register).items() if reason is None),)
    ]
    page = _read_front_page(home.settings)
    assert "To compare the sources, deliver the police reports of" in page
    assert "Known to both sources in" not in page


def test_two_sources_of_one_child_meet_in_one_episode(home: Home) -> None:
    """Prevents a pair of real files, each in its own form, from being two children."""
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", _extract())
    reports = [
        report(1, last_seen_at="2026-08-30T12:05", reported_at="2026-08-30T14:00",
               found_at="2026-08-31T09:30"),
    ]  # fmt: skip
    body = police_csv("compact", [{**REPORT, **item} for item in reports])
    home.put_files("police_reports", COMPACT, "2026-08", {"reports.csv": body})
    register = _published(home.settings)
    found = register.execute(
        "select source_status, count(*) from register.fct_episodes group by 1 order by 1"
    ).fetchall()
    assert found == [("authority_only", 7), ("both", 1)]
    children = "select count(distinct child_id_register) from register.fct_episodes"
    assert register.execute(children).fetchall() == [(2,)]
