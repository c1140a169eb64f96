"""The range of kappa is that of every table that fits the shown counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from official_statistics import data_set_named
from official_statistics.derived_figures import Place, derive_figure
from official_statistics.possible_tables import (
    MARGINS,
    MAX_TABLES,
    KappaRange,
    Limits,
    limit_count,
    list_possible_tables,
)
from official_statistics.public_figures import Figure
from official_statistics.release_rules import round_count

Table = tuple[int, int, int, int]
COEFFICIENTS = data_set_named("agreement_coefficients")
MISSING, AWAY = "Missing", "Away from placement without authorisation"
NO_RISK = "No apparent risk or absent"
# England in the demonstration: two cells are hidden. The order is that of `_add_totals`.
SHOWN: tuple[int | str, ...] = (500, "c", 500, 30, "c", 40, 530, 20, 550)
ROWS = tuple(product((MISSING, NO_RISK, "Total"), (MISSING, AWAY, "Total")))


def _add_totals(cells: Table) -> tuple[int, ...]:
    """The nine counts of a table, row by row, with the totals last."""
    a, b, c, d = cells
    return (a, b, a + b, c, d, c + d, a + c, b + d, a + b + c + d)


def _kappa(cells: Table) -> float | None:
    """Cohen's kappa by its definition."""
    a, b, c, d = cells
    size = a + b + c + d
    chance = (a + b) * (a + c) + (c + d) * (b + d)
    if size * size == chance:
        return None
    return ((a + d) * size - chance) / (size * size - chance)


def _try_all(limits: Sequence[Limits], highest: int) -> tuple[float, float] | None:
    """The range of kappa over every table whose cells are at most `highest`."""
    cells = [limits[place] for place in (0, 1, 3, 4)]
    kappas = [
        kappa
        for table in product(
            *(range(each.lower, min(each.upper, highest) + 1) for each in cells),
        )
        if all(
            each.lower <= count <= each.upper
            for each, count in zip(limits, _add_totals(table), strict=True)  # type: ignore[arg-type]
        )
        and (kappa := _kappa(table)) is not None  # type: ignore[arg-type]
    ]
    return (min(kappas), max(kappas)) if kappas else None


def _hide(random: Random, cells: Table, unit: int, smallest: int) -> tuple[Limits, ...]:
    """The limits of the counts of a table, of which few children and some others are hidden."""
    limits = []
    for count in _add_totals(cells):
        is_hidden = 0 < count < smallest or (count > 0 and random.random() < 0.3)
        shown = None if is_hidden else round_count(count, unit)
        limits.append(limit_count(shown, unit, smallest))
    return tuple(limits)


@pytest.mark.parametrize("seed", range(60))
def test_the_range_is_that_of_every_table_that_fits(seed: int) -> None:
    """Prevents a range that leaves out a table, or has one that does not fit."""
    random = Random(seed)
    unit, smallest = random.choice([(1, 1), (2, 2), (3, 3)])
    cells: Table = tuple(random.choice([0, 1, 2, 3, 5, 8]) for _ in range(4))  # type: ignore[assignment]
    limits = _hide(random, cells, unit, smallest)
    tables = list_possible_tables(limits)
    if tables is None:
        return
    highest = max(each.upper for each in tables.cells)
    expected, found = _try_all(limits, highest), tables.find_kappa_range()
    assert (found is None) == (expected is None)
    if found is not None:
        assert (found.minimum, found.maximum) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(60))
def test_the_true_kappa_is_always_in_the_range(seed: int) -> None:
    """Prevents bounds that the true figure breaks, with the units and rules of a release."""
    random = Random(seed)
    cells: Table = tuple(random.randint(0, most) for most in random.sample([4, 15, 60, 900], 4))  # type: ignore[assignment]
    tables, kappa = list_possible_tables(_hide(random, cells, 10, 8)), _kappa(cells)
    if tables is None or kappa is None:
        return
    found = tables.find_kappa_range()
    assert found is not None
    assert found.minimum - 1e-9 <= kappa <= found.maximum + 1e-9


def test_kappa_that_turns_between_the_ends_of_a_cell_is_in_the_range() -> None:
    """Prevents a solution by the ends of a cell in which kappa is not monotone."""
    # With no agreement at all, kappa is lowest where the two other cells are equal.
    tables = list_possible_tables(
        (Limits(0, 0), Limits(1, 9), Limits(1, 9), Limits(5, 5), Limits(0, 0), *[Limits(1)] * 4)
    )
    assert tables is not None
    assert tables.find_kappa_range() == KappaRange(Fraction(-1), Fraction(-10, 26))


@pytest.mark.parametrize(
    ("shown", "unit", "limits"),
    [
        (None, 10, Limits(1)),
        (0, 10, Limits(0, 0)),
        (10, 10, Limits(8, 14)),
        (20, 10, Limits(15, 24)),
        (20, 5, Limits(18, 22)),
        (20, 1, Limits(20, 20)),
    ],
)
def test_a_count_is_limited_by_what_readers_know(
    shown: int | None, unit: int, limits: Limits
) -> None:
    """Prevents a limit that is one too wide or too narrow."""
    assert limit_count(shown, unit, 8) == limits
    if shown:
        ends = (limits.lower - 1, limits.lower, limits.upper, limits.upper + 1)
        is_shown = [count >= 8 and round_count(count, unit) == shown for count in ends]
        assert is_shown == [False, True, True, False]


@pytest.mark.parametrize(("size", "is_listed"), [(MAX_TABLES, True), (MAX_TABLES + 1, False)])
def test_too_many_tables_are_not_listed(size: int, is_listed: bool) -> None:
    """Prevents a draft that takes hours because of one table."""
    cells = (Limits(1, size), Limits(1, size), Limits(1, 1), Limits(1, 1))
    a, b, c, d = cells
    limits = (a, b, Limits(1), c, d, Limits(1), Limits(1), Limits(1), Limits(1))
    assert len(limits) == len(MARGINS) + len(cells)
    assert (list_possible_tables(limits) is not None) == is_listed


def _derive(shown: Sequence[int | str], care_status: str = "Total") -> tuple[str, str]:
    """The two ends as printed, from nine shown counts."""
    counts = dict(zip(ROWS, shown, strict=True))

    def find_count(_: str, values: dict[str, str], __: str) -> Figure:
        count = counts[values["category_police"], values["category_authority"]]
        return Figure(count) if isinstance(count, int) else Figure(symbol=count)  # type: ignore[arg-type]

    place = replace(Place(find_count, 20), rounding_unit=10, smallest_shown=8)  # type: ignore[arg-type]
    low, high = (
        derive_figure(
            COEFFICIENTS, COEFFICIENTS.get_indicator(name), {"care_status": care_status}, place
        ).text
        for name in ("category_kappa_minimum", "category_kappa_maximum")
    )
    return low, high


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (SHOWN, ("0.212", "0.573")),
        # No total limits the hidden cells.
        ((500, "c", "c", 30, "c", "c", "c", "c", "c"), ("c", "c")),
        # The total of all limits them.
        ((500, "c", "c", 30, "c", "c", "c", "c", 550), ("-0.023", "0.694")),
        # One count was not delivered.
        ((500, "x", 500, 30, "c", 40, 530, 20, 550), ("x", "x")),
        (("z",) * 9, ("z", "z")),
        # Both sources always give one answer, so kappa is not defined.
        ((500, 0, 500, 0, 0, 0, 500, 0, 500), ("z", "z")),
        ((0,) * 9, ("z", "z")),
        ((10, 0, 10, 0, 0, 0, 10, 0, 10), ("u", "u")),
        ((10, 0, 10, 0, 10, 10, 10, 10, 20), ("1.000", "1.000")),
    ],
)
def test_the_range_has_the_symbol_of_its_counts(
    shown: tuple[int | str, ...], text: tuple[str, str]
) -> None:
    """Prevents a range that reveals an open count, or is made without one."""
    assert _derive(shown) == text


@pytest.mark.parametrize("seed", range(20))
def test_the_printed_range_has_every_possible_kappa(seed: int) -> None:
    """Prevents an end that is rounded inwards, so that the true figure is outside."""
    random = Random(seed)
    cells: Table = tuple(random.randint(10, 60) for _ in range(4))  # type: ignore[assignment]
    counts = [round_count(count, 10) for count in _add_totals(cells)]
    tables, (low, high) = (
        list_possible_tables(tuple(limit_count(each, 10, 8) for each in counts)),
        _derive(counts),
    )
    assert tables is not None
    found = tables.find_kappa_range()
    assert found is not None
    step = Fraction(1, 1000)
    assert Fraction(low) <= found.minimum < Fraction(low) + step
    assert Fraction(high) - step < found.maximum <= Fraction(high)


def test_a_single_care_status_has_no_range() -> None:
    """Prevents the range of all children in the row of some."""
    assert _derive(SHOWN, "Looked after") == ("z", "z")
