"""A small published file with invented absences, for tests of answers.

Leeds and its force deliver up to December 2024, but for the force's report of June. Bradford, of
the same force, never delivers. Farborough, of another region and force, delivers April and May; a
former authority of the region of Leeds delivers April.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from register.answers import Vocabulary, read_vocabulary
from register.settings import PROJECT_ROOT

GENERATION = "20260101T000000-000000"
LEEDS, BRADFORD, FORCE = "383", "380", "E23000010"
FARBOROUGH, FORMER, TRANSPORT = "777", "999", "E23000099"
YORKSHIRE = "E12000003"
AREAS = [
    ("nation", "E92000001", "England", None, None, True),
    ("region", YORKSHIRE, "Yorkshire and The Humber", "Yorkshire and The Humber", None, True),
    ("authority", LEEDS, "Leeds", "Yorkshire and The Humber", FORCE, True),
    ("authority", BRADFORD, "Bradford", "Yorkshire and The Humber", FORCE, True),
    ("police_force", FORCE, "West Yorkshire Police", None, FORCE, True),
    ("region", "E12000099", "Far Region", "Far Region", None, True),
    ("authority", FARBOROUGH, "Farborough", "Far Region", "E23000098", True),
    ("authority", FORMER, "Former Borough", "Yorkshire and The Humber", FORCE, False),
    ("police_force", TRANSPORT, "Transport Police", None, TRANSPORT, True),
    *(("sub_region", f"S{number}", f"Part {number}", None, None, True) for number in range(30)),
    ("authority", "unknown", "Not known", "Not known", None, True),
]
ABSENCE: dict[str, Any] = {
    "authority_code_dfe": LEEDS,
    "police_force_code": FORCE,
    "is_counted": True,
    "is_missing": True,
    "is_away": False,
    "counted_category_code": "missing",
    "is_police_missing_incident": True,
    "risk_level_police_code": "high",
    "is_over_24_hours_lower": False,
    "is_over_24_hours_upper": False,
    "is_third_in_90_days": False,
    "care_status_code": "looked_after",
    "boundary_code": "inside",
    "age_band_code": "10_to_15",
    "sex_code": "female",
    "is_in_scope_of_both": True,
    "source_status": "both",
    "is_interview_due": True,
    "is_in_authority_extract": True,
    "offered_code": "yes",
    "acceptance_code": "yes",
    "held_code": "yes",
    "within_72_hours_code": "yes",
}
# Each absence: the child, the first day of its month, and what differs from the absence above.
ABSENCES: list[tuple[str, str, dict[str, Any]]] = [
    ("C1", "2024-04-01", {}),
    (
        "C1",
        "2024-05-01",
        {"source_status": "police_only", "held_code": "no", "within_72_hours_code": "unknown"},
    ),
    ("C2", "2024-04-01", {"age_band_code": "16_and_over"}),
    ("C2", "2024-07-01", {"age_band_code": "unknown", "within_72_hours_code": "unknown"}),
    (
        "C3",
        "2024-07-01",
        {"care_status_code": "home", "is_in_scope_of_both": False, "within_72_hours_code": "no"},
    ),
    ("C4", "2024-07-01", {"is_counted": False, "sex_code": "unknown"}),
    ("C5", "2024-10-01", {"is_missing": False, "counted_category_code": "no_apparent_risk"}),
    (
        "C6",
        "2025-01-01",
        {
            "authority_code_dfe": BRADFORD,
            "is_in_scope_of_both": False,
            "is_in_authority_extract": False,
        },
    ),
    ("C7", "2024-04-01", {"authority_code_dfe": FORMER, "police_force_code": TRANSPORT}),
]
MONTHS = {4: 30, 5: 31, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
DELIVERIES = [
    # An extract covers everything up to its last day; one received early only up to then.
    (LEEDS, "authority_extract", "2024-10-01", "2024-12-31", "2025-01-10", "current"),
    (LEEDS, "authority_extract", "2025-01-01", "2025-03-31", "2025-04-10", "held"),
    (FARBOROUGH, "authority_return", "2024-04-01", "2024-05-31", "2025-01-10", "current"),
    (FORMER, "authority_return", "2024-04-01", "2024-04-30", "2025-01-10", "current"),
    (TRANSPORT, "police_reports", "2024-04-01", "2024-04-30", "2025-01-10", "current"),
    *(
        (FORCE, "police_reports", f"2024-{month:02}-01", f"2024-{month:02}-{last}", "2025-01-10",
         "current")
        for month, last in MONTHS.items()
    ),
]  # fmt: skip


def write_register(path: Path) -> None:
    """Write a published file with what answers read."""
    rows = [
        {**ABSENCE, "child_id_register": child, "start_month": month, **other}
        for child, month, other in ABSENCES
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema bi; create schema register")
        connection.register("absences", pa.Table.from_pylist(rows))
        connection.execute(
            "create table bi.episodes as select * replace (cast(start_month as date) as"
            " start_month), '2024-25' as collection_year from absences"
        )
        connection.execute(
            "create table bi.areas (area_level_code varchar, area_code varchar, area_name varchar,"
            " region_name varchar, police_force_code varchar, is_current boolean)"
        )
        connection.executemany("insert into bi.areas values (?, ?, ?, ?, ?, ?)", AREAS)
        connection.execute(
            "create table register.dim_authorities_current as select area_code as"
            " authority_code_dfe, 'E12000003' as region_code_ons, police_force_code, is_current"
            " from bi.areas where area_level_code = 'authority'"
        )
        connection.execute(
            "create table register.dim_deliveries (supplier_code varchar, feed varchar,"
            " period_start date, period_end date, received_at timestamp, status varchar)"
        )
        connection.executemany(
            "insert into register.dim_deliveries values (?, ?, ?, ?, ?, ?)", DELIVERIES
        )


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file, which tests only read."""
    path = tmp_path_factory.mktemp("answers") / "national_register_coarse.duckdb"
    write_register(path)
    return path


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Everything that can be asked."""
    return read_vocabulary(PROJECT_ROOT / "dbt_project")
