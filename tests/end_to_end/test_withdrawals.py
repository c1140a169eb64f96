"""A delivery set aside and taken back, from the decision to the rows that are published."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from register.feeds import reinstate_delivery, withdraw_delivery
from simulation import deliver_resubmissions
from tests.end_to_end.conftest import GENERATION, Nation
from tests.end_to_end.registers import build, land, rows

pytestmark = pytest.mark.drill

# What a withdrawal changes first, with the tests that account for every row.
REBUILT = (
    "stg_ledger__deliveries",
    "stg_ledger__landed_files",
    "stg_ledger__tables",
    "stg_police_reports__reports",
    "int_supplier_coverage",
    "dim_deliveries",
    "agg_rows_by_delivery",
    "rules_of_dim_deliveries",
    "assert_every_received_row_is_landed_or_quarantined",
    "assert_every_quarantined_row_is_kept",
    "assert_no_landed_file_is_unknown_to_the_ledger",
)
# A delivery that superseded another of the same force and month.
SUPERSEDING = """
    select later.delivery_id, earlier.delivery_id
    from register.dim_deliveries as later
    inner join register.dim_deliveries as earlier
        on later.supplier_code = earlier.supplier_code and later.period = earlier.period
        and later.feed = earlier.feed
    where later.feed = 'police_reports' and later.status = 'current'
        and earlier.status = 'superseded'
    order by 1, 2
"""


def _statuses(folder: Path) -> dict[str, str]:
    found = rows(folder, "select delivery_id, status from register.dim_deliveries")
    return {str(delivery): str(status) for delivery, status in found}


def _accounted(folder: Path, delivery: str) -> tuple[object, ...]:
    query = (
        "select status, is_conserved, landed_row_count, landed_file_row_count"
        f" from quality.agg_rows_by_delivery where delivery_id = '{delivery}'"
    )
    return next(iter(rows(folder, query)))


def _staged(nation: Nation, delivery: str) -> int:
    path = nation.settings.warehouse / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select count(*) from staging.stg_police_reports__reports where _delivery_id = ?",
            [delivery],
        ).fetchall()
    return int(found[0][0])


def test_a_withdrawn_delivery_gives_way_and_comes_back(nation: Nation, tmp_path: Path) -> None:
    """Prevents one supplier's fault from keeping the rest unpublished, and rows from being lost."""
    home = nation.copy(tmp_path / "home")
    assert deliver_resubmissions(home.settings.home) > 0
    land(home.settings)
    folder = build(home.settings, GENERATION, only=REBUILT)
    later, earlier = (str(name) for name in sorted(rows(folder, SUPERSEDING))[0])
    before = _statuses(folder)
    was_staged = _staged(home, later)
    assert was_staged > 0

    withdraw_delivery(home.settings, later, "A. Person", "the month of another force")
    folder = build(home.settings, GENERATION, only=REBUILT)
    assert _statuses(folder) == {**before, later: "withdrawn", earlier: "current"}
    status, is_conserved, landed, in_files = _accounted(folder, later)
    assert (status, is_conserved) == ("withdrawn", True)
    assert landed == in_files
    assert (_staged(home, later), _staged(home, earlier) > 0) == (0, True)

    reinstate_delivery(home.settings, later, "A. Person", "it was theirs")
    folder = build(home.settings, GENERATION, only=REBUILT)
    assert _statuses(folder) == before
    assert (_staged(home, later), _staged(home, earlier)) == (was_staged, 0)
