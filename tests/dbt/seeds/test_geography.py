"""The dated look-ups of authorities and forces, against the publisher's own list."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
YARDSTICKS = PROJECT_ROOT.parent / "shared" / "yardsticks"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _authorities(day: str) -> dict[str, dict[str, str]]:
    rows = _rows(SEEDS / "ref__authorities.csv")
    return {
        row["authority_code_dfe"]: row
        for row in rows
        if row["valid_from"] <= day <= (row["valid_to"] or "9999-12-31")
    }


def test_authorities_are_those_of_the_published_list() -> None:
    """Prevents a code, region or force that is mistyped, and so a region that does not add up."""
    path = YARDSTICKS / "authorities_2023_to_police_force.csv"
    if not path.exists():
        pytest.skip("the published list is not beside the project")
    ours = {
        (
            code,
            row["authority_code_ons"],
            row["authority_name"],
            row["region_code_ons"],
            row["region_name"],
            row["police_force_code"],
        )
        for code, row in _authorities("2024-04-01").items()
    }
    theirs = {
        (
            row["la_code_dfe"],
            row["la_code_ons"],
            row["la_name"],
            row["region_code"],
            row["region_name"],
            row["pfa_code"],
        )
        for row in _rows(path)
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("day", "count", "there", "gone"),
    [
        ("2019-03-31", 152, {"835", "836", "837", "928", "909"}, {"838", "839", "940", "942"}),
        ("2019-04-01", 151, {"838", "839", "928", "909"}, {"835", "836", "837"}),
        ("2021-04-01", 152, {"940", "941", "909"}, {"928"}),
        ("2023-04-01", 153, {"942", "943"}, {"909"}),
        ("2026-04-01", 153, {"370", "373"}, {"909", "928"}),
    ],
)
def test_each_reorganisation_took_effect_on_its_day(
    day: str, count: int, there: set[str], gone: set[str]
) -> None:
    """Prevents a trend that breaks, or a return asked of an authority that no longer exists."""
    found = _authorities(day)
    assert len(found) == count
    assert there <= set(found)
    assert not gone & set(found)


@pytest.mark.parametrize(
    ("authority", "before", "after", "day"),
    [
        ("370", "E08000016", "E08000038", "2025-04-01"),
        ("373", "E08000019", "E08000039", "2025-04-01"),
        ("825", "E10000002", "E06000060", "2020-04-01"),
        ("815", "E10000023", "E06000065", "2023-04-01"),
        ("933", "E10000027", "E06000066", "2023-04-01"),
    ],
)
def test_an_authority_outlives_its_ons_code(
    authority: str, before: str, after: str, day: str
) -> None:
    """Prevents a join on the ONS code that loses an authority when the code changes."""
    versions = [
        row
        for row in _rows(SEEDS / "ref__authorities.csv")
        if row["authority_code_dfe"] == authority
    ]
    assert [row["authority_code_ons"] for row in versions] == [before, after]
    assert versions[1]["valid_from"] == day
    assert versions[0]["successor_codes_dfe"] == authority


def test_every_authority_has_children_and_ten_statistical_neighbours() -> None:
    """Prevents an authority without a rate, or compared with fewer areas than it has."""
    current = set(_authorities("2026-04-01"))
    children = {
        row["authority_code_dfe"]: int(row["children_count"])
        for row in _rows(SEEDS / "ref__child_populations.csv")
    }
    # The total that the Office for National Statistics publishes for England.
    assert sum(children[code] for code in current) == 12_183_016
    neighbours: dict[str, set[str]] = {}
    for row in _rows(SEEDS / "ref__statistical_neighbours.csv"):
        neighbours.setdefault(row["authority_code_dfe"], set()).add(row["neighbour_code_dfe"])
    assert set(neighbours) == current
    assert {len(codes & current) for codes in neighbours.values()} == {10}


def test_children_and_neighbours_are_those_of_the_published_lists() -> None:
    """Prevents a mistyped number of children or neighbour, and so a wrong rate."""
    path = YARDSTICKS / "ons_children_mid_2024.csv"
    if not path.exists():
        pytest.skip("the published list is not beside the project")
    published = {row["area_code_ons"]: int(row["age_0_to_17"]) for row in _rows(path)}
    codes = _authorities("2024-06-30")
    children = {
        row["authority_code_dfe"]: int(row["children_count"])
        for row in _rows(SEEDS / "ref__child_populations.csv")
    }
    assert {
        code: children[code]
        for code, row in codes.items()
        if row["authority_code_ons"] in published
    } == {
        code: published[row["authority_code_ons"]]
        for code, row in codes.items()
        if row["authority_code_ons"] in published
    }
    ranked = {
        (row["authority_code_dfe"], row["rank"], row["neighbour_code_dfe"])
        for row in _rows(YARDSTICKS / "dfe_statistical_neighbours_2025.csv")
        if row["authority_code_dfe"] in codes
    }
    assert ranked == {
        (row["authority_code_dfe"], row["neighbour_rank"], row["neighbour_code_dfe"])
        for row in _rows(SEEDS / "ref__statistical_neighbours.csv")
    }
