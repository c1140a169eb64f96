"""References that become shared and are not any more, built by parts: as a whole build gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from register.feeds import (
    decide_delivery,
    read_ledger,
    reinstate_delivery,
    withdraw_delivery,
)
from register.home import prepare_home
from register.settings import Settings
from tests.conftest import put_postcodes
from tests.end_to_end.registers import Rows, build, land
from tests.end_to_end.test_parts import BY_PARTS, WHOLE, made_by_parts
from tests.feeds.deliveries import Home, report

pytestmark = pytest.mark.slow

READ_BY_PARTS = (
    "intermediate.int_police_reports",
    "intermediate.int_reports",
    "intermediate.int_person_versions",
    "identity.int_mention_attributes",
    "intermediate.int_person_attributes",
)
CHOSEN = tuple(f"+{name.split('.')[1]}" for name in READ_BY_PARTS)
OTHER = {"forenames": "Bartholomew", "surname": "Sampleman", "dob": "2015-11-30"}


def _put(home: Home, period: str, *records: dict[str, str]) -> None:
    rows = [{"sex": "F", "category": "Missing", **record} for record in records]
    home.put_reports(rows, period=period)


def _warehouse(settings: Settings, table: str) -> Rows:
    path = settings.warehouse / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        (found,) = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where table_name = ?",
            [table.split(".")[1]],
        ).fetchall()[0]
        return Counter(str(row) for row in connection.execute(f"from {found}").fetchall())


def test_a_reference_that_becomes_shared_is_built_again_by_parts(
    settings: Settings, postcodes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a child who is nowhere, or twice, until somebody builds all again."""
    monkeypatch.setenv("REGISTER_CODE", "the same")
    homes = [
        replace(settings, home=tmp_path / name, parts_from_rows=rows)
        for name, rows in (("by_parts", BY_PARTS), ("whole", WHOLE))
    ]

    def same(name: str) -> dict[str, int]:
        for each in homes:
            build(each, name, only=CHOSEN)
        for table in READ_BY_PARTS:
            one, other = (_warehouse(each, table) for each in homes)
            assert one == other, table
        return made_by_parts(homes[0])

    for each in homes:
        prepare_home(each)
        put_postcodes(postcodes, each)
        plain = [report(n, person_ref="") for n in range(1, 30)]
        numbered = [report(n) for n in range(31, 60)]
        _put(Home(each), "2026-07", *plain, *numbered)
        land(each)
    same("first")
    for each in homes:
        _put(
            Home(each),
            "2026-09",
            report(1, person_ref="", **OTHER),
            report(31, **{**OTHER, "person_ref": "NOM99"}),
        )
        land(each)
        # A month of two reports after one of so many waits for a person.
        last = max(entry.delivery_id for entry in read_ledger(each))
        decide_delivery(each, last, "confirm", "A. Person", "invented")
    made = same("second")
    assert 0 < made["int_police_reports"] < 10
    numbers = _warehouse(homes[0], "intermediate.int_report_numbers")
    assert sum(numbers.values()) == 4
    for decide, name in ((withdraw_delivery, "third"), (reinstate_delivery, "fourth")):
        for each in homes:
            last = max(entry.delivery_id for entry in read_ledger(each))
            decide(each, last, "A. Person", "invented")
        assert "int_police_reports" in same(name)
