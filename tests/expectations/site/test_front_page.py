"""The front page is for people: children, what both sources know, where, who needs help."""

from __future__ import annotations

import csv
from itertools import pairwise

import pytest

from interfaces.quality_site.areas import BOTH_SHARE, bound_children
from interfaces.quality_site.front_page import bound_share, describe_doubts
from interfaces.quality_site.site_charts import (
    Interval,
    Month,
    draw_intervals,
    draw_months,
    draw_sparkline,
)
from interfaces.quality_site.tile_map import Place, build_tile_map, read_places
from register.settings import PROJECT_ROOT
from tests.expectations.reading import Structure

ENDS = {"": 0.6, "_lower": 0.5, "_upper": 0.7}
PLACES = read_places(PROJECT_ROOT / "seeds")


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_people_come_before_checks(read: dict[str, Structure]) -> None:
    """Prevents a front page that opens with a red box in place of children."""
    page = read["index.html"]
    titles = [" ".join(item.text.split()) for item in page.all("h2")]
    assert titles[:6] == [
        "Children missing in 2025-26",
        "Known to both sources in 2025-26",
        "Month by month",
        "Where",
        "Who needs help first",
        "Is the register fit for use",
    ]
    figures = [item.text for item in page.all("p") if _style(item) in {"value", "range"}]
    assert [text.strip() for text in figures] == ["40", "38 to 69", "75.0%", "70.0% to 80.0%"]
    assert "2.50 (2.00 to 3.00) per 1,000 children; \N{DOWNWARDS ARROW} lower than" in _words(page)


def test_the_interval_that_holds_is_shown_first(read: dict[str, Structure]) -> None:
    """Prevents a headline whose interval is of chance alone and leaves out what was not linked."""
    words = _words(read["index.html"])
    assert "75.0% 70.0% to 80.0%" in words
    assert "Without correction for links, it is 93.3%." in words
    assert "Of the uncertainty, 100.0% comes from chance" in words


def test_bounds_without_a_share_are_the_figure() -> None:
    """Prevents a counted share from standing where only bounds are known."""
    counted_row = {f"{BOTH_SHARE}{end}": share for end, share in ENDS.items()}
    bounds = {f"corrected_{BOTH_SHARE}_lower": 0.4, f"corrected_{BOTH_SHARE}_upper": 0.75}
    assert bound_share(counted_row, {}) == ("60.0%", "50.0% to 70.0%")
    assert bound_share(counted_row, bounds) == ("40.0% to 75.0%", "")
    wider = bounds | {f"corrected_{BOTH_SHARE}": 0.62}
    assert bound_share(counted_row, wider) == ("62.0%", "40.0% to 75.0%")
    doubts = describe_doubts(
        {f"{BOTH_SHARE}": 0.6, f"{BOTH_SHARE}_lower": 0.55, f"{BOTH_SHARE}_upper": 0.65}, wider
    )
    assert (
        "Of the uncertainty, 8.2% comes from chance and 91.8% from missed and false links" in doubts
    )


def test_what_was_not_delivered_is_said_beside_the_figures(read: dict[str, Structure]) -> None:
    """Prevents three months of one force from being read as a year of England."""
    words = _words(read["index.html"])
    assert (
        "For this year 2 of 39 police forces and 2 of 153 local authorities have delivered."
        in words
    )
    assert "The figures cover what was delivered, not the whole country." in words
    assert "The year is in progress: police to 2026-03-31, authorities to 2025-12-31." in words
    area = _words(read["areas/373.html"])
    assert "in 2025-26, in progress: police to 2026-03-31, authorities to 2025-12-31" in area


def test_the_bound_children_hold_whatever_is_linked() -> None:
    """Prevents bounds that a better linkage could leave."""
    assert bound_children(585, 123) == (585, 708)
    assert bound_children(0, 7) == (7, 7)


def test_every_authority_and_force_has_a_square_of_its_own() -> None:
    """Prevents a map that leaves out an area, or draws two at one place."""
    authorities = {
        row["authority_code_dfe"]
        for row in _seed("ref__authorities.csv")
        if not row["valid_to"] and row["authority_code_dfe"].isdigit()
    }
    forces = {
        row["police_force_code"]
        for row in _seed("ref__police_forces.csv")
        if row["police_force_code"].startswith("E23")
    }
    assert set(PLACES["authority"]) == authorities and len(authorities) == 153
    assert set(PLACES["police_force"]) == forces and len(forces) == 39
    for places in PLACES.values():
        assert len(set(places.values())) == len(places)


@pytest.mark.parametrize(
    ("level", "north_to_south"),
    [
        ("authority", ("929", "383", "330", "801", "908")),
        ("authority", ("391", "373", "304", "210", "846")),
        ("police_force", ("E23000007", "E23000011", "E23000014", "E23000035")),
    ],
)
def test_squares_lie_as_the_country_does(level: str, north_to_south: tuple[str, ...]) -> None:
    """Prevents a map on which nobody finds an area."""
    rows = [PLACES[level][code].row for code in north_to_south]
    assert all(north < south for north, south in pairwise(rows))
    west, east = (PLACES["authority"][code].column for code in ("908", "886"))
    assert west < east


def test_squares_are_coloured_by_the_reader_s_choice_without_a_script(
    read: dict[str, Structure],
) -> None:
    """Prevents a map of one measure, or one that needs a script."""
    page = read["index.html"]
    radios = [item for item in page.all("input") if item.attributes.get("type") == "radio"]
    assert [item.attributes["id"] for item in radios] == ["by-a", "by-b", "by-c", "by-d", "by-e"]
    tiles = {item.attributes["href"]: item for item in page.all("a") if "tile " in _style(item)}
    assert set(tiles) == {"areas/213.html", "areas/373.html", "areas/E23000001.html"}
    assert _style(tiles["areas/373.html"]) == "tile a5 b4 c0 d0 e5"
    assert "Known to both sources: 86.7%" in tiles["areas/373.html"].attributes["title"]


def _words(page: Structure) -> str:
    return " ".join(item.text for item in page.all("p", "dd")).replace("\n", " ")


def _style(item: object) -> str:
    return str(getattr(item, "attributes", {}).get("class", ""))


def test_classes_of_a_map_are_fifths_of_the_areas() -> None:
    """Prevents colours that put equal areas apart."""
    rows = {
        str(code): {"missing_children_rate": rate, "missing_children_count": 10 - rate}
        for code, rate in zip("abcdef", (1, 1, 1, 2, 3, 9), strict=True)
    }
    places = {code: Place(1, place, code) for place, code in enumerate("abcdefg")}
    drawn = build_tile_map("authority", places, rows, {})
    assert [tile.classes.split()[0] for tile in drawn.tiles] == [
        *["a2", "a2", "a2", "a3", "a4", "a5"],
        "a0",
    ]
    ranges = ("up to 1.00", "up to 2.00", "up to 3.00", "up to 9.00")
    assert drawn.legends[0].ranges == ranges
    assert drawn.tiles[5].figures.startswith("Children missing: 1, 9.00 per 1,000 children;")


@pytest.mark.parametrize("level", sorted(PLACES))
def test_no_two_squares_of_a_map_have_the_same_letters(level: str) -> None:
    """Prevents North Yorkshire from being read as Northumberland."""
    letters = [place.letters for place in PLACES[level].values()]
    assert len(set(letters)) == len(letters)
    assert all(1 < len(text) <= 4 for text in letters)


def test_months_with_another_way_of_recording_are_marked() -> None:
    """Prevents a step of recording from being read as a step of children missing."""
    months = [
        Month("2025-10", 4),
        Month("2025-11", 9, is_break=True),
        Month("2025-12", None, step_count=2),
    ]
    drawn = draw_months(months, "Children")
    assert drawn.count("<rect") == 2
    assert "definitions change at 2025-11; suppliers changed how they record at 2025-12" in drawn


def test_an_area_without_a_share_says_so_in_its_row() -> None:
    """Prevents an area that silently vanishes from the picture of its peers."""
    rows = [
        Interval("Camden", 0.5, 0.4, 0.6),
        Interval("Barnet", None, None, None, words="nothing that both should know"),
    ]
    drawn = draw_intervals(rows, "Known to both", 0.5)
    assert drawn.count("<circle") == 1
    assert "Barnet" in drawn
    assert drawn.count("nothing that both should know") == 1


def test_a_gap_in_a_series_stays_a_gap() -> None:
    """Prevents a month that nobody delivered from being drawn as a value."""
    assert draw_sparkline([1.0, None, 3.0, 4.0], "Children").count("M") == 2
    assert draw_sparkline([1.0, None], "Children") == ""
