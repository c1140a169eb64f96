"""The scan for personal values finds what it is there to find."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register.settings import Settings
from tests.publishing.privacy import found_in, planted_values

LANDED = {
    "report_ref": ["INV/0012345"],
    "surname": ["Sampleton"],
    "aliases": ["Inventa|Sammy Sampleton"],
    "dob": ["2009-05-17"],
    "home_postcode": ["ZZ99 9ZZ"],
}


@pytest.fixture
def landing(settings: Settings) -> Path:
    """Landing with one delivery of one invented child."""
    folder = settings.landing / "police_reports" / "police_reports-E23000099-2026-10-0123456789ab"
    folder.mkdir(parents=True)
    contract_columns = {name: pa.array(values) for name, values in LANDED.items()}
    others = ("person_ref", "linked_log_ref", "forenames", "missing_from_postcode")
    empty = {name: pa.array([None], pa.string()) for name in (*others, "found_postcode")}
    pq.write_table(pa.table({**contract_columns, **empty}), folder / "reports.parquet")
    return settings.landing


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ("'INV/0012345' as report_reference", "reference or postcode"),
        ("'see inv/0012345, please' as note", "reference or postcode"),
        ("'ZZ999ZZ' as postcode", "reference or postcode"),
        ("'sampleton' as label", "name"),
        ("'Inventa' as label", "name"),
        ("date '2009-05-17' as birth_date", "date of birth"),
        ("'20090517' as label", "date of birth"),
        ("timestamp '2009-05-17 00:00:00' as at", "date of birth"),
    ],
)
def test_a_planted_value_is_found_wherever_it_is(
    landing: Path, tmp_path: Path, definition: str, kind: str
) -> None:
    """Prevents a scan that passes because it looks at nothing."""
    database = tmp_path / "published.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema register")
        connection.execute(f"create table register.fct_reports as select 1 as one, {definition}")
    column = definition.rsplit(" ", 1)[-1]
    result = found_in(planted_values(landing), database)
    assert result == {(kind, f"register.fct_reports.{column}")}


def test_what_is_not_personal_is_not_found(landing: Path, tmp_path: Path) -> None:
    """Prevents a scan that cries wolf, which somebody then switches off."""
    database = tmp_path / "published.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema register")
        connection.execute(
            "create table register.dim_authorities as select 'Sampleton' as authority_name,"
            " date '2009-05-17' as valid_from, '373' as authority_code_dfe"
        )
        connection.execute(
            "create table register.fct_reports as select 12345 as row_number,"
            " date '2026-10-01' as start_date, 'C0123456789ABCDEF01234567' as child_id_register"
        )
    assert found_in(planted_values(landing), database) == set()
