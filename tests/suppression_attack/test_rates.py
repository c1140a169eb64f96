"""The attack reads rates in documents, and words that name an item, such as *missing*."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from suppression_attack.attacked_documents import find_in_documents
from suppression_attack.published_files import read_release

HEADS = (
    *("time_period", "geographic_level", "country_code", "country_name"),
    *("region_code", "region_name", "category", "child_count", "child_rate"),
)
REGIONS = {
    ("E12000001", "North East"): {"Total": ("90", "0.90"), "Missing": ("c", "c")},
    ("E12000002", "North West"): {"Total": ("c", "c"), "Missing": ("40", "0.40")},
}
META = (
    ("category", "Filter", "Category"),
    ("child_count", "Indicator", "Number of children"),
    ("child_rate", "Indicator", "Rate of children"),
)
TABLE = (
    "<table><tr><th>Area</th><th>Children missing</th></tr>"
    "<tr><th>North West</th><td>{}</td></tr></table>"
)


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A release with one file of counts and rates; each region hides those of one category."""
    with (tmp_path / "rates.meta.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("col_name", "col_type", "label"), *META])
    with (tmp_path / "rates.csv").open("w", encoding="utf-8", newline="") as stream:
        data = csv.writer(stream)
        data.writerow(HEADS)
        for region, rows in REGIONS.items():
            for item, figures in rows.items():
                data.writerow([2026, "Regional", "E92000001", "England", *region, item, *figures])
    description = {
        "format": 1,
        "release": "r",
        "rounding": {"Regional": 10},
        "files": {"rates": {"counts": ["child_count"]}},
    }
    (tmp_path / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    return tmp_path


SAFE = (
    "In North East 90 children went away, 0.90 per 1,000 children aged 0 to 17.",
    "In North West 40 children were missing, 0.40 per 1,000 children aged 0 to 17.",
    "In North West 40 children were missing, 0.40 per 100 looked-after children.",
    "More children were missing in North West than a year before.",
    "The rate of North West is above the median of three neighbours (0.35).",
    TABLE.format("40"),
)
UNSAFE = (
    "In North East 90 children went away, 0.21 per 1,000 children aged 0 to 17.",
    "In North West 40 children were missing, 0.41 per 1,000 children aged 0 to 17.",
    "In North West 40 children were missing, 0.41 per 100 looked-after children.",
    "In North West 60 children went away.",
    TABLE.format("60"),
)


@pytest.mark.parametrize("text", SAFE)
def test_a_shown_rate_and_its_unit_pass(public: Path, text: str) -> None:
    """Prevents the 1,000 of a unit, or a shown rate, from being taken for a hidden count."""
    (public / "area.html").write_text(f"<p>{text}</p>", encoding="utf-8")
    assert find_in_documents(read_release(public)) == []


@pytest.mark.parametrize("text", UNSAFE)
def test_a_rate_that_no_file_shows_is_found(public: Path, text: str) -> None:
    """Prevents a rate from giving away the count that it is made from."""
    (public / "area.html").write_text(f"<p>{text}</p>", encoding="utf-8")
    assert {each.file for each in find_in_documents(read_release(public))} == {"area.html"}
