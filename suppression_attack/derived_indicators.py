"""Indicators derived from counts: each is computed again from shown counts, to find leaks.

A percentage of shown counts reveals nothing new. A percentage of true counts reveals more than the
shown counts do. It is a finding, and its rounding interval is added to the table as a tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from suppression_attack.description import Derived, DescriptionError
from suppression_attack.kappa_range import SIZE, Bounds, compute_kappa_range
from suppression_attack.published_files import PublishedFile, Release
from suppression_attack.report import Finding
from suppression_attack.table import INFINITY, Cell, Row, Table

# The text that is published in place of a share that is above 0 but rounds to 0.
LOW = "low"
Z = 1.959963984540054
# The formulas of the ends of a range, which follows from hidden counts too.
RANGE_ENDS = {"kappa_minimum": 0, "kappa_maximum": 1}
# Half a unit of the last printed decimal. The small addition allows for rounding a half up or down.
HALF_DECIMAL = 0.5 + 1e-6
# How exactly the ends of a range are computed, in units of the last printed decimal.
PRECISION = 1e-9


def find_leaks(release: Release, table: Table) -> Iterator[Finding]:
    """Yield indicators that do not follow from shown counts, and add ties for their true counts.

    Indicators that `ties.yaml` does not describe are yielded too.
    """
    description = release.description
    described: dict[str, set[str]] = {
        name: {*description.files[name].counts, *description.files[name].open_measures}
        for name in release.files
    }
    for derived in description.derived:
        if derived.file not in release.files:
            raise DescriptionError(f"derived indicators of {derived.file}, which is not published")
        described[derived.file].add(derived.measure)
        yield from _check_indicator(release, release.files[derived.file], derived, table)
    for name, file in release.files.items():
        for indicator in file.indicators:
            if indicator not in described[name]:
                reason = "an indicator that ties.yaml does not describe"
                yield Finding(name, f"{name}: {indicator}", "true counts", reason)


def _check_indicator(
    release: Release, file: PublishedFile, derived: Derived, table: Table
) -> Iterator[Finding]:
    description = release.description
    for (place, items), figures in file.rows.items():
        printed = figures[derived.measure]
        row = dict(zip(file.filters, items, strict=True))
        if any(row[name] != item for name, item in derived.where.items()):
            continue
        if printed in description.hidden | description.unknown | (description.empty - {LOW}):
            continue
        cell = Cell(description.release, file.name, place, items, derived.measure)
        sources = _find_sources(release, derived, cell, row)
        counts = [_read_printed(release, source) for source in sources]
        if derived.formula in RANGE_ENDS:
            if _agrees_with_range(release, derived, printed, sources):
                continue
            reason = "is not the range that the printed counts allow"
        elif any(count in description.hidden for count in counts):
            reason = "printed although a count that it follows from is hidden"
        elif derived.formula is None or _agrees_with_counts(derived, printed, counts):
            continue
        else:
            reason = "does not follow from the shown counts: made from true ones"
        key = cell.describe(file.filters)
        yield Finding(file.name, key, "true counts", reason)
        if derived.formula == "ratio":
            table.rows += _tie_ratio(derived, printed, sources, table, key)


def _find_sources(
    release: Release, derived: Derived, cell: Cell, row: dict[str, str]
) -> list[Cell]:
    """Return the cells from which the indicator of a row is derived."""
    sources = []
    for pattern in derived.sources:
        file = release.files.get(pattern.file)
        if file is None:
            raise DescriptionError(
                f"{derived.file} is derived from {pattern.file}, which is not published"
            )
        items = {**row, **pattern.where}
        if missing := [name for name in file.filters if name not in items]:
            raise DescriptionError(
                f"{derived.file}: no item of {missing[0]} is given for {pattern.file}"
            )
        values = tuple(items[name] for name in file.filters)
        sources.append(Cell(cell.release, pattern.file, cell.place, values, pattern.measure))
    return sources


def _read_printed(release: Release, cell: Cell) -> str:
    figures = release.files[cell.file].rows.get((cell.place, cell.items))
    return figures[cell.measure] if figures else "x"


def _agrees_with_counts(derived: Derived, printed: str, counts: list[str]) -> bool:
    if not all(count.isdigit() for count in counts):
        return False
    part, total = int(counts[0]), int(counts[1])
    if total == 0:
        return False
    sign = {"wilson_lower": -1, "wilson_upper": 1}.get(derived.formula or "")
    expected = part / total if sign is None else _wilson_limit(part / total, total, sign)
    expected *= derived.times
    tolerance = HALF_DECIMAL / 10**derived.decimals
    if printed == LOW:
        return 0 < expected < tolerance
    try:
        return abs(float(printed) - expected) <= tolerance
    except ValueError:
        return False


def _agrees_with_range(
    release: Release, derived: Derived, printed: str, sources: list[Cell]
) -> bool:
    """Return whether a figure is an end of the range of kappa that the printed counts allow.

    The lower end must be rounded down, and the upper end up.
    """
    if len(sources) != SIZE:
        raise DescriptionError(f"{derived.measure}: {derived.formula} needs {SIZE} counts")
    bounds = [_find_bounds(release, source) for source in sources]
    try:
        ends = compute_kappa_range([pair for pair in bounds if pair is not None])
        number = float(printed)
    except ValueError:
        # The counts leave the range open, or are not numbers.
        return False
    if ends is None:
        return False
    place = RANGE_ENDS[derived.formula or ""]
    outwards = (number - ends[place]) * (-1, 1)[place] * 10**derived.decimals
    return -PRECISION <= outwards < 1 - PRECISION


def _find_bounds(release: Release, cell: Cell) -> Bounds | None:
    """Return the least and the most that a count can be; None if it is not a number."""
    description, text = release.description, _read_printed(release, cell)
    if text in description.hidden:
        return float(description.smallest_hidden), description.largest_hidden
    unit = description.find_rounding(cell.place.level)
    if not text.isdigit() or unit is None:
        return None
    number = int(text)
    if number == 0:
        return 0.0, 0.0
    lower = max(number - unit // 2, description.smallest_shown)
    return float(lower), float(number + (unit - 1) // 2)


def _wilson_limit(share: float, size: int, sign: int) -> float:
    """Return one limit of Wilson's interval for a share of `size`; `sign` chooses the limit."""
    share = min(share, 1.0)
    centre = share + Z * Z / (2 * size)
    spread = Z * sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
    return min(max((centre + sign * spread) / (1 + Z * Z / size), 0.0), 1.0)


def _tie_ratio(
    derived: Derived, printed: str, sources: list[Cell], table: Table, key: str
) -> list[Row]:
    """Return rows that limit a ratio of true counts to the rounding interval of `printed`."""
    if any(source not in table.by_cell for source in sources):
        return []
    part, total = (table.by_cell[source] for source in sources)
    if part == total:
        return []
    half = HALF_DECIMAL / 10**derived.decimals
    value = 0.0 if printed == LOW else float(printed)
    low, high = (value - half) / derived.times, (value + half) / derived.times
    return [
        Row(f"printed: {key}", ((part, 1.0), (total, -low)), 0.0, INFINITY),
        Row(f"printed: {key}", ((part, 1.0), (total, -high)), -INFINITY, 0.0),
    ]
