"""The check of a return finds what the load of it finds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from orchestration.return_rules import ReturnRules
from register.feeds import CheckedDelivery, check_delivery
from tests.end_to_end.conftest import Nation

pytestmark = pytest.mark.slow

FOUND = """
    select supplier_code, period, rule_code, _file, _row_number
    from intermediate.int_return_rule_breaches
"""
CURRENT = """
    select supplier_code, period, delivery_id
    from staging.stg_ledger__deliveries
    where is_current and feed = 'authority_return'
    order by supplier_code, period
"""


def test_a_check_finds_what_the_load_of_the_same_returns_found(
    nation: Nation, manifest: dict[str, Any]
) -> None:
    """Prevents a second set of rules: a supplier must not be told one thing before and another."""
    with duckdb.connect() as connection:
        nation.attach(connection)
        loaded = set(connection.execute(FOUND).fetchall())
        current = connection.execute(CURRENT).fetchall()
    rules = ReturnRules.from_manifest(manifest)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    checked: dict[tuple[str, int], CheckedDelivery] = {}
    found = set()
    for supplier, period, delivery_id in current:
        raw = nation.settings.landing / "authority_return" / delivery_id / "raw"
        year = int(period[:4])
        item = check_delivery(nation.settings, raw, "authority_return", supplier, period, now)
        checked[supplier, year] = item
        last_year = checked.get((supplier, year - 1))
        breaches = rules.find_breaches(nation.settings.seeds, item, last_year)
        found |= {(supplier, period, b.rule_code, b.file, b.line) for b in breaches}
    assert len(loaded) > 50
    assert found == loaded
