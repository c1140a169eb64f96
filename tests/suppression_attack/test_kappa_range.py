"""The attack computes the range of kappa itself, and finds one that is made from true counts."""

from __future__ import annotations

import csv
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

import pytest
import yaml

from suppression_attack import DescriptionError, attack
from suppression_attack.kappa_range import Bounds, compute_kappa_range

ITEMS = ("Yes", "No", "Total")
ROWS = tuple(product(ITEMS, ITEMS))
SHOWN = ("500", "c", "500", "30", "c", "40", "530", "20", "550")
WHERE = {"coefficient": "Total"}


def _bound(text: str) -> Bounds:
    """What a count can be, in units of 10 of which those below 8 are hidden."""
    number = int(text) if text.isdigit() else None
    return (1.0, inf) if number is None else (max(8.0, number - 5.0), number + 4.0)


def _write(folder: Path, ends: tuple[str, str], sources: int = 9) -> Path:
    """A release with a table of two by two and the range of its kappa."""
    folder.mkdir()
    names = ("kappa_least", "kappa_most")
    _write_file(
        folder,
        "pairs",
        ("first", "second"),
        ("pair_count",),
        [(*items, text) for items, text in zip(ROWS, SHOWN, strict=True)],
    )
    _write_file(folder, "agreement", ("coefficient",), names, [("Total", *ends)])
    wheres = [{"first": first, "second": second} for first, second in ROWS]
    counts = [{"file": "pairs", "measure": "pair_count", "where": where} for where in wheres]
    description: dict[str, Any] = {
        "format": 1,
        "release": folder.name,
        "rounding": 10,
        "smallest_shown": 8,
        "files": {"pairs": {"counts": ["pair_count"]}, "agreement": {"counts": []}},
        "derived": [
            {
                "file": "agreement",
                "measure": name,
                "formula": f"kappa_{end}",
                "decimals": 3,
                "where": WHERE,
                "from": counts[:sources],
            }
            for name, end in zip(names, ("minimum", "maximum"), strict=True)
        ],
    }
    (folder / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    return folder


def _write_file(
    folder: Path,
    name: str,
    filters: tuple[str, ...],
    indicators: tuple[str, ...],
    rows: list[tuple[str, ...]],
) -> None:
    with (folder / f"{name}.meta.csv").open("w", encoding="utf-8", newline="") as stream:
        meta = csv.writer(stream)
        meta.writerow(["col_name", "col_type"])
        meta.writerows([each, "Filter"] for each in filters)
        meta.writerows([each, "Indicator"] for each in indicators)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        data = csv.writer(stream)
        columns = ("time_period", "geographic_level", "country_code")
        data.writerow([*columns, *filters, *indicators])
        data.writerows([2026, "National", "E92000001", *row] for row in rows)


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        (("0.212", "0.573"), set()),
        (("0.213", "0.573"), {"kappa_least"}),
        (("0.211", "0.573"), {"kappa_least"}),
        # The nearest number with three decimals is inside the range.
        (("0.212", "0.572"), {"kappa_most"}),
        (("0.212", "0.574"), {"kappa_most"}),
        (("c", "z"), set()),
        (("low", "low"), {"kappa_least", "kappa_most"}),
    ],
)
def test_a_range_from_true_counts_is_caught(
    tmp_path: Path, ends: tuple[str, str], found: set[str]
) -> None:
    """Prevents a range that is narrower than readers can compute, and so tells true counts."""
    report = attack([_write(tmp_path / "range", ends)])
    keys = [each.key for each in report.of_kind("true counts")]
    assert {key.rpartition(", ")[2] for key in keys} == found


def test_a_range_of_other_than_nine_counts_is_an_error(tmp_path: Path) -> None:
    """Prevents a range that nobody checks because its description lacks a count."""
    with pytest.raises(DescriptionError, match="needs 9 counts"):
        attack([_write(tmp_path / "eight", ("0.212", "0.572"), sources=8)])


@pytest.mark.parametrize(
    ("shown", "limits"),
    [
        (SHOWN, (0.2122, 0.5719)),
        (("500", "c", "c", "30", "c", "c", "c", "c", "550"), (-0.0220, 0.6937)),
    ],
)
def test_hidden_totals_are_limited_by_the_others(
    shown: tuple[str, ...], limits: tuple[float, float]
) -> None:
    """Prevents a range that leaves out the limits of a hidden total."""
    assert compute_kappa_range([_bound(text) for text in shown]) == pytest.approx(limits, abs=1e-3)


def test_counts_without_limits_have_no_range() -> None:
    """Prevents a range of counts that can be any number."""
    with pytest.raises(ValueError, match="no bounds"):
        compute_kappa_range([(1.0, inf)] * 9)


def test_one_answer_throughout_has_no_range() -> None:
    """Prevents a kappa where it is not defined."""
    size, none = (15.0, 24.0), (0.0, 0.0)
    assert compute_kappa_range([size, none, size, none, none, none, size, none, size]) is None
