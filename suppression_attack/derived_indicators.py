"""Indicators that follow from counts: recomputed from what is shown, to find what was not.

A percentage made from shown counts tells nothing more than they do. One made from true counts
does: it is a finding, and what it tells is added to the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from suppression_attack.description import Derived, DescriptionError, Pattern
from suppression_attack.published_files import PublishedFile, Release
from suppression_attack.table import INFINITY, Cell, Row, Table

# A share that rounds to 0 and is not.
LOW = "low"
Z = 1.959963984540054
# Of the last printed decimal: any way of rounding halves passes.
HALF = 0.5 + 1e-6


@dataclass(frozen=True)
class Leak:
    """An indicator that does not follow from the shown counts of its row."""

    release: str
    file: str
    cell: str
    reason: str


def leaks(release: Release, table: Table) -> Iterator[Leak]:
    """Find indicators that were not made from shown counts, and tie the true counts by them."""
    described: dict[str, set[str]] = {name: set() for name in release.files}
    for derived in release.description.derived:
        if derived.file not in release.files:
            raise DescriptionError(f"derived indicators of {derived.file}, which is not published")
        described[derived.file].add(derived.measure)
        yield from _of_indicator(release, release.files[derived.file], derived, table)
    said = release.description
    for name, file in release.files.items():
        known = described[name] | set(said.counts[name]) | set(said.open_measures[name])
        for indicator in file.indicators:
            if indicator not in known:
                reason = "an indicator that ties.yaml does not describe"
                yield Leak(said.release, name, f"{name}: {indicator}", reason)


def _of_indicator(
    release: Release, file: PublishedFile, derived: Derived, table: Table
) -> Iterator[Leak]:
    said = release.description
    for (place, items), figures in file.rows.items():
        printed = figures[derived.measure]
        row = dict(zip(file.filters, items, strict=True))
        if any(row[name] != item for name, item in derived.where.items()):
            continue
        if printed in said.hidden | said.unknown | (said.empty - {LOW}):
            continue
        cells = [_source(release, derived.file, row, each) for each in derived.sources]
        sources = [Cell(said.release, each.file, place, at, each.measure) for each, at in cells]
        counts = [_printed(release, each) for each in sources]
        cell = Cell(said.release, file.name, place, items, derived.measure)
        name = cell.named(file.filters)
        if any(count in said.hidden for count in counts):
            reason = "printed although a count that it follows from is hidden"
            yield Leak(said.release, file.name, name, reason)
        elif derived.formula is None or _agrees(derived, printed, counts):
            continue
        else:
            reason = "does not follow from the shown counts: made from true ones"
            yield Leak(said.release, file.name, name, reason)
        if derived.formula == "ratio":
            table.rows += _tied(derived, printed, sources, table, name)


def _source(
    release: Release, own: str, row: dict[str, str], pattern: Pattern
) -> tuple[Pattern, tuple[str, ...]]:
    """The items of the row of a source, in the order of its file's filters."""
    file = release.files.get(pattern.file)
    if file is None:
        raise DescriptionError(f"{own} is derived from {pattern.file}, which is not published")
    chosen = {**row, **pattern.where}
    missing = [name for name in file.filters if name not in chosen]
    if missing:
        raise DescriptionError(f"{own}: no item of {missing[0]} is given for {pattern.file}")
    return pattern, tuple(chosen[name] for name in file.filters)


def _printed(release: Release, cell: Cell) -> str:
    figures = release.files[cell.file].rows.get((cell.place, cell.items))
    return figures[cell.measure] if figures else "x"


def _agrees(derived: Derived, printed: str, counts: list[str]) -> bool:
    if not all(count.isdigit() for count in counts):
        return False
    part, whole = int(counts[0]), int(counts[1])
    if whole == 0:
        return False
    value = {"wilson_lower": -1, "wilson_upper": 1}.get(derived.formula or "")
    expected = part / whole if value is None else _wilson(part / whole, whole, value)
    expected *= derived.times
    if printed == LOW:
        return 0 < expected < HALF / 10**derived.decimals
    try:
        return abs(float(printed) - expected) <= HALF / 10**derived.decimals
    except ValueError:
        return False


def _wilson(share: float, size: int, sign: int) -> float:
    """A limit of Wilson's interval for a share of `size`."""
    share = min(share, 1.0)
    centre = share + Z * Z / (2 * size)
    spread = Z * sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
    return min(max((centre + sign * spread) / (1 + Z * Z / size), 0.0), 1.0)


def _tied(
    derived: Derived, printed: str, sources: list[Cell], table: Table, name: str
) -> list[Row]:
    """What a ratio of true counts says of them: two ends of a printed decimal."""
    if any(source not in table.by_cell for source in sources):
        return []
    part, whole = (table.by_cell[source] for source in sources)
    half = HALF / 10**derived.decimals
    value = 0.0 if printed == LOW else float(printed)
    low, high = (value - half) / derived.times, (value + half) / derived.times
    if part == whole:
        return []
    return [
        Row(f"printed: {name}", ((part, 1.0), (whole, -low)), 0.0, INFINITY),
        Row(f"printed: {name}", ((part, 1.0), (whole, -high)), -INFINITY, 0.0),
    ]
