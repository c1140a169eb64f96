"""A year that the sources have not delivered to its end is measured over what both delivered."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import build

pytestmark = pytest.mark.drill

# The forces have delivered June 2025; the authorities' extracts of that quarter are not all in.
KNOWN_AT = "2025-07-10T23:59:59Z"
YEAR = "2025-26"
NATION = f"""
    select *
    from agreement.agg_agreement_by_area_year
    where area_level_code = 'nation' and population_code = 'every_child'
        and collection_year = '{YEAR}'
"""
ABSURD = """
    select area_code
    from agreement.agg_agreement_by_area_year
    where (both_expected_count = 0) <> (both_when_expected_share is null)
"""


def _row(folder: Path) -> dict[str, object]:
    database = folder / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(NATION)
        names = [column[0] for column in found.description]
        (row,) = found.fetchall()
        assert connection.execute(ABSURD).fetchall() == []
    return dict(zip(names, row, strict=True))


def test_the_headline_of_a_year_in_progress_is_of_what_both_delivered(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents half a year's deliveries from being published as half the agreement."""
    whole = _row(nation.built)
    looking_back = nation.copy(tmp_path / "looking_back").settings
    part = _row(
        build(looking_back, "part", as_known_at=KNOWN_AT, only=("+agg_agreement_by_area_year",))
    )
    assert 0 < part["both_expected_count"] < whole["both_expected_count"] / 2
    lower, upper = (part[f"both_when_expected_share_{end}"] for end in ("lower", "upper"))
    assert lower <= whole["both_when_expected_share"] <= upper
    delivered = [part[f"{source}_delivered_to_date"] for source in ("police", "authority")]
    assert delivered[1] < delivered[0]
    assert not part["is_year_delivered"]
    assert whole["is_year_delivered"]
