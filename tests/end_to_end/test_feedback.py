"""What suppliers are told of a whole nation: every breach that the register published."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from register.feeds import fill_outbox
from register.publishing import Generation, read_breaches, read_statuses
from tests.end_to_end.conftest import Nation

pytestmark = pytest.mark.slow

BREACHES = """
    select breaches.supplier_code, rules.rule_family, breaches.delivery_id, breaches.rule_code,
        breaches.file_name, breaches.row_number
    from register.fct_rule_breaches as breaches
    inner join register.dim_rules as rules on breaches.rule_code = rules.rule_code
"""


def test_every_published_breach_is_told_to_its_supplier_once(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents rules that the register counts and that no supplier ever hears of."""
    home = replace(nation.settings, home=tmp_path)
    home.landing.symlink_to(nation.settings.landing)
    generation = Generation("g1", nation.built, is_current=True)
    breaches, statuses = read_breaches(generation), read_statuses(generation)
    counts = fill_outbox(home, "g1", breaches, statuses)
    assert fill_outbox(home, "g2", breaches, statuses) == {}
    told = []
    for supplier in counts:
        with (home.outbox / supplier / "g1.csv").open(encoding="utf-8", newline="") as file:
            told += [(supplier, row) for row in csv.DictReader(file)]
    places = Counter(
        (supplier, row["delivery_id"], row["rule_code"], row["file"], _number(row))
        for supplier, row in told
    )
    with duckdb.connect() as connection:
        nation.attach(connection)
        connection.execute("use national_register")
        published = connection.execute(BREACHES).fetchall()
    of_returns = [row for row in published if row[1] == "return"]
    assert len(of_returns) > 50
    assert [row for row in of_returns if places[row[0], *row[2:5], row[5]] != 1] == []
    assert [row for row in published if not places[row[0], *row[2:5], row[5]]] == []
    assert all(row["what_to_fix"] for _, row in told)
    assert all(row["record_id"] for _, row in told if row["rule_code"] in {"574", "1004"})


def _number(row: dict[str, str]) -> int | None:
    digits = "".join(filter(str.isdigit, row["line"] or row["element"]))
    return int(digits) if digits else None
