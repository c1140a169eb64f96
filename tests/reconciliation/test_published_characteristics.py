"""The department's national files, landed as they lie, are reconciled by characteristic."""

from __future__ import annotations

import csv
from collections import Counter

from tests.reconciliation.conftest import NATIONAL, YEAR, Reconciled, Row

YEARS = [f"{year}-{year - 1999}" for year in range(2019, 2024)]
# Both files give these: one of the two is shown.
SHARED = "All children looked after during the year"


def _lines(category: str) -> list[dict[str, str]]:
    with NATIONAL[category].open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _shown(row: Row) -> str | float:
    shown: str | float | None = row["published_symbol_code"] or row["published_figure"]
    assert shown is not None
    return shown


def test_every_figure_of_both_files_has_its_row_and_its_value(
    by_characteristic: Reconciled,
) -> None:
    """Prevents a heading, a value or a symbol of the release from being lost or misread."""
    held = {(row["file_name"], row["row_number"]): row for row in by_characteristic.values()}
    shared = Counter[str]()
    for category, path in NATIONAL.items():
        for number, line in enumerate(_lines(category), 2):
            if line["characteristic"] == SHARED:
                shared[line["time_period"]] += 1
                continue
            row = held.pop((path.name, number))
            year = int(line["time_period"])
            assert row["collection_year"] == f"{year - 1}-{year % 100:02d}"
            assert row["category_code"] == category
            value = line["number"]
            assert _shown(row) == (value if value.isalpha() else float(value)), line
    assert sorted(shared.values()) == [2] * 5
    assert {row["measure_code"] for row in held.values()} == {"looked_after_children"}
    assert len(held) == 5


def test_values_add_up_to_their_total_as_far_as_rounding_lets_them(
    by_characteristic: Reconciled,
) -> None:
    """Prevents a value that stands under the wrong characteristic, or twice under one."""
    for year in YEARS:
        for measure, characteristic in (
            ("missing_incidents", "age_band"),
            ("missing_incidents", "duration_band"),
            ("missing_incidents", "placement_group"),
            ("missing_incidents", "boundary"),
            ("missing_children", "sex"),
            ("missing_children", "ethnicity_group"),
        ):
            values = {
                key[3]: row["published_figure"]
                for key, row in by_characteristic.items()
                if key[:3] == (year, measure, characteristic)
            }
            total = values.pop("every")
            assert len(values) >= 2
            assert abs(sum(values.values()) - total) <= 5 * (len(values) + 1), (year, values)
            every = by_characteristic.get((year, measure, "every", "every"))
            assert every is None or every["published_figure"] == total


def test_what_an_authority_returned_stands_under_its_values(by_characteristic: Reconciled) -> None:
    """Prevents a count that is nobody's, or is every value's."""
    found = {
        (measure.removeprefix("missing_"), *value): row["register_figure"]
        for (_, measure, *value), row in by_characteristic.items()
        if row["collection_year"] == YEAR
        and row["category_code"] == "missing"
        and row["statistic_code"] == "count"
        and row["register_figure"]
    }
    assert found == {
        ("incidents", "every", "every"): 2.0,
        ("incidents", "age_band", "10_to_15"): 2.0,
        ("incidents", "age_band", "every"): 2.0,
        ("incidents", "duration_band", "1_to_2_days"): 2.0,
        ("incidents", "duration_band", "every"): 2.0,
        ("incidents", "placement_group", "foster"): 2.0,
        ("incidents", "placement_group", "every"): 2.0,
        ("incidents", "boundary", "every"): 2.0,
        ("repeatedly_children", "every", "every"): 1.0,
        ("children", "sex", "female"): 1.0,
        ("children", "sex", "every"): 1.0,
        ("children", "ethnicity_group", "white"): 1.0,
        ("children", "ethnicity_group", "every"): 1.0,
        ("children", "ethnicity", "WBRI"): 1.0,
    }
    boundary = by_characteristic[YEAR, "missing_incidents", "boundary", "inside"]
    assert (boundary["register_figure"], boundary["unknown_count"]) == (0.0, 2.0)


def test_a_difference_has_its_reason_and_a_symbol_is_none(by_characteristic: Reconciled) -> None:
    """Prevents a small nation from being compared with a whole one, unsaid."""
    girls = by_characteristic[YEAR, "missing_children", "sex", "female"]
    assert girls["reason_code"] == "authorities_not_delivered"
    assert girls["difference"] == 1.0 - girls["published_figure"]
    assert (girls["authority_count"], girls["full_year_count"]) == (153, 1)
    adoption = by_characteristic[YEAR, "missing_incidents", "placement_group", "adoption"]
    assert (adoption["register_figure"], adoption["reason_code"]) == (0.0, None)
    before = by_characteristic["2019-20", "missing_children", "sex", "female"]
    assert (before["register_figure"], before["reason_code"]) == (None, "nothing_delivered")
    median = by_characteristic[YEAR, "missing_days_median", "every", "every"]
    assert (median["register_figure"], median["reason_code"]) == (2.0, "authorities_not_delivered")
    suppressed = [row for row in by_characteristic.values() if row["published_symbol_code"] == "c"]
    assert {row["reason_code"] for row in suppressed} == {"suppressed"}
    assert all(row["difference"] is None for row in suppressed)
