"""Protection of a release: every cell shown, rounded, or hidden, by the rules D1 to D5.

Years are independent of each other and protected one by one, with all open releases of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from official_statistics.data_sets import DataSet
from official_statistics.protection.primary import primary_suppression, read_rules
from official_statistics.protection.secondary import Outcome, Suppression
from official_statistics.protection.system import (
    Bools,
    Hierarchies,
    Integers,
    ReleaseCells,
    Tables,
    build_tables,
)
from official_statistics.protection.ties import (
    FORCES,
    FORCES_OF_NATION,
    REGIONS,
    ties_of,
)
from official_statistics.protection.ties_file import (
    Succession,
    ties_file,
    write_ties_file,
)

Progress = Callable[[str], None]
HIDDEN, NOT_DELIVERED = "c", "x"
# England's 153 have ten that know their own counts; a nation of ten authorities has one.
AUTHORITIES_FOR_AN_INSIDER = 15
AUTHORITY, FORCE, NATION = "Local authority", "Police force area", "National"


@dataclass(frozen=True)
class Protected:
    """The cells of a release with what each shows, figures of the audit, and the public ties."""

    cells: pa.Table
    audit: Mapping[str, Any]
    ties: Mapping[str, Any] = field(repr=False)

    def write_ties(self, path: Path) -> None:
        """Write the public description of the sums."""
        write_ties_file(path, self.ties)


def protect(  # noqa: PLR0913, PLR0917 - what is public already belongs to the question
    cells: pa.Table,
    data_sets: Sequence[DataSet],
    rules: Mapping[str, float],
    earlier: Sequence[pa.Table] = (),
    release: str = "release",
    progress: Progress | None = None,
) -> Protected:
    """Protect the cells of a release beside all that is public already.

    `cells` has one row a count cell (`dataset, reporting_year, geographic_level, area_code,
    parent_code, police_force_code, filter_values, measure, value, child_count, top_two_share`,
    and `is_available` if something was not delivered). `earlier` are the protected cells of
    earlier releases, oldest first, with the columns `release` and `is_carried`. The answer has the
    same rows in the same order, with `shown`, `symbol` and `hidden_as`.

    Raises `WrongTieError` where true counts do not fit a tie.
    """
    say = progress or (lambda _: None)
    parameters = read_rules(rules)
    areas = _hierarchies([cells, *earlier])
    ties = ties_of(data_sets)
    first, rounded = primary_suppression(cells, parameters)
    available = _available(cells)
    hidden = first & available
    second = np.zeros(cells.num_rows, dtype=bool)
    years = np.array(cells["reporting_year"].to_pylist())
    figures = []
    for year in sorted(set(years.tolist()), reverse=True):
        say(f"year {year}")
        at = np.flatnonzero(years == year)
        parts = _releases(cells, at, hidden, earlier, year)
        tables = build_tables(parts, ties, areas, parameters)
        insiders = _smallest(parts[-1], parameters.own_counts_authority_count)
        outcome = Suppression(tables, areas, insiders, parameters.hidden_width_least, say).run()
        now = tables.hidden[tables.variable_of[-1]]
        second[at] = now & ~hidden[at] & available[at]
        figures.append(_figures(year, tables, outcome))
    shown = [
        None if h else int(value)
        for h, value in zip(hidden | second | ~available, rounded, strict=True)
    ]
    states = list(zip(hidden.tolist(), second.tolist(), available.tolist(), strict=True))
    symbol = [_symbol(h or s, is_available=a) for h, s, a in states]
    hidden_as = ["first" if h else "second" if s else None for h, s, _ in states]
    table = cells
    for name, values, kind in (
        ("shown", shown, pa.int64()),
        ("symbol", symbol, pa.string()),
        ("hidden_as", hidden_as, pa.string()),
    ):
        if name in table.column_names:
            table = table.drop_columns([name])
        table = table.append_column(name, pa.array(values, kind))
    audit = {"years": figures, **_shares(table)}
    succession = _succession(release, cells, earlier)
    return Protected(table, audit, ties_file(data_sets, parameters, areas, succession))


def _symbol(is_hidden: bool, *, is_available: bool) -> str | None:
    if not is_available:
        return NOT_DELIVERED
    return HIDDEN if is_hidden else None


def _available(cells: pa.Table) -> Bools:
    if "is_available" not in cells.column_names:
        return np.ones(cells.num_rows, dtype=bool)
    return cells["is_available"].to_numpy(zero_copy_only=False).astype(bool)


def _hierarchies(tables: Sequence[pa.Table]) -> Hierarchies:
    regions: dict[str, str] = {}
    forces: dict[str, str] = {}
    nation: dict[str, str] = {}
    whole: dict[str, None] = {}
    names = ["geographic_level", "area_code", "parent_code", "police_force_code"]
    for table in tables:
        for area in table.select(names).group_by(names).aggregate([]).to_pylist():
            code, parent = area["area_code"], area["parent_code"]
            if area["geographic_level"] == FORCE:
                nation[code] = parent or ""
            elif area["geographic_level"] == NATION:
                whole[code] = None
            else:
                regions[code] = parent
            if area["geographic_level"] == AUTHORITY:
                forces[code] = area["police_force_code"]
    (england,) = whole
    return Hierarchies(
        {
            REGIONS: regions,
            FORCES: forces,
            FORCES_OF_NATION: dict.fromkeys(nation, england),
        },
        {
            REGIONS: frozenset({england}),
            FORCES: frozenset(),
            FORCES_OF_NATION: frozenset({england}),
        },
    )


def _releases(
    cells: pa.Table, at: Integers, hidden: Bools, earlier: Sequence[pa.Table], year: int
) -> list[ReleaseCells]:
    """The cells of one year in every release that has it, the new release last."""
    found: list[ReleaseCells] = []
    carried: frozenset[str] = frozenset()
    for place, table in enumerate(earlier):
        old = table.filter(pc.equal(table["reporting_year"], year))
        if not old.num_rows:
            carried = frozenset()
            continue
        after = [*earlier[place + 1 :], cells][0]
        was = pc.equal(pc.fill_null(old["symbol"], ""), HIDDEN).to_numpy(zero_copy_only=False)
        own = pc.equal(pc.fill_null(old["hidden_as"], ""), "first").to_numpy(zero_copy_only=False)
        found.append(_release_cells(old, was, own, carried))
        carried = _carried(old, after.filter(pc.equal(after["reporting_year"], year)))
    new = cells.take(pa.array(at))
    found.append(_release_cells(new, hidden[at], hidden[at], carried))
    return found


def _carried(old: pa.Table, new: pa.Table) -> frozenset[str]:
    """Areas of a year that were carried over whole: authorities, and what holds only such.

    The nation also counts episodes without an authority: it was carried over if no count differs.
    """
    authorities = {
        each["area_code"]: each["is_carried"]
        for each in old.filter(pc.equal(old["geographic_level"], AUTHORITY))
        .select(["area_code", "is_carried"])
        .to_pylist()
    }
    carried = {area for area, is_carried in authorities.items() if is_carried}
    parents = _hierarchies([new]).parents[REGIONS]
    of_authorities = new.filter(pc.equal(new["geographic_level"], AUTHORITY))
    now = set(of_authorities["area_code"].to_pylist())
    renewed = {area for area in now | set(authorities) if area not in carried or area not in now}
    for _ in range(len(set(parents.values()))):
        renewed |= {parents[area] for area in renewed if area in parents}
    if not renewed and _counts(old) == _counts(new):
        return frozenset(new["area_code"].to_pylist())
    nation = set(parents.values()) - set(parents)
    forces = set(_hierarchies([new]).parents[FORCES_OF_NATION])
    return frozenset((set(parents) - renewed - nation - forces) & set(old["area_code"].to_pylist()))


def _counts(table: pa.Table) -> list[tuple[Any, ...]]:
    names = ("dataset", "area_code", "filter_values", "measure", "value")
    return sorted(zip(*(table[name].to_pylist() for name in names), strict=True))


def _release_cells(
    table: pa.Table, hidden: Bools, first: Bools, carried: frozenset[str]
) -> ReleaseCells:
    return ReleaseCells(
        data_set=table["dataset"].to_pylist(),
        measure=table["measure"].to_pylist(),
        items=table["filter_values"].to_pylist(),
        area=table["area_code"].to_pylist(),
        level=table["geographic_level"].to_pylist(),
        value=table["value"].to_numpy().astype(np.int64),
        first=first,
        hidden=hidden,
        available=_available(table),
        carried=carried,
    )


def _smallest(release: ReleaseCells, count: int) -> list[str]:
    """The authorities with the fewest children, by their largest count of the year."""
    largest: dict[str, int] = {}
    rows = zip(release.level, release.area, release.measure, release.value, strict=True)
    for level, area, measure, value in rows:
        if level == AUTHORITY and measure == "child_count":
            largest[area] = max(largest.get(area, 0), int(value))
    most = -(-len(largest) // AUTHORITIES_FOR_AN_INSIDER)
    return sorted(largest, key=lambda area: (largest[area], area))[: min(count, most)]


def _figures(year: int, tables: Tables, outcome: Outcome) -> dict[str, Any]:
    """What the audit of a year says; counts of variables, of which a cell may be in many files."""
    return {
        "year": year,
        "variables": len(tables.truth),
        "ties": len(tables.rows),
        "audited": int(tables.audited.sum()),
        "second": int(outcome.second.sum()),
        "turns": outcome.turns,
        "shown_again": outcome.shown_again,
        "exchanged": outcome.exchanged,
        "left_to_whole_system": outcome.whole_system,
        "too_narrow": len(outcome.unprotected),
        "exact": outcome.exact,
        "unprotected": outcome.unprotected,
        "too_narrow_from_inside": len(outcome.inside),
        "unprotected_from_inside": outcome.inside,
    }


def _shares(cells: pa.Table) -> dict[str, Any]:
    """Cells hidden of those with children behind them, by level and by data set."""
    counts: dict[str, Counter[str]] = {}
    rows = zip(
        cells["dataset"].to_pylist(),
        cells["geographic_level"].to_pylist(),
        cells["value"].to_pylist(),
        cells["hidden_as"].to_pylist(),
        strict=True,
    )
    for data_set, level, value, hidden_as in rows:
        for name in (f"level {level}", f"file {data_set}, {level}"):
            counter = counts.setdefault(name, Counter())
            counter["cells"] += 1
            counter["with_children"] += value > 0
            counter[hidden_as or "shown"] += 1
    return {"cells": {name: dict(counter) for name, counter in sorted(counts.items())}}


def _succession(release: str, cells: pa.Table, earlier: Sequence[pa.Table]) -> Succession:
    if not earlier:
        return Succession(release)
    last = earlier[-1]
    return Succession(release, last["release"][0].as_py(), _replaced(last, cells))


def _replaced(last: pa.Table, cells: pa.Table) -> dict[str, list[str]]:
    """By year, the areas of a release that were not carried over from the one before."""
    found: dict[str, list[str]] = {}
    for year in sorted(set(cells["reporting_year"].to_pylist())):
        new = cells.filter(pc.equal(cells["reporting_year"], year))
        old = last.filter(pc.equal(last["reporting_year"], year))
        areas = set(new["area_code"].to_pylist())
        carried = _carried(old, new) if old.num_rows else frozenset()
        if areas - carried:
            found[str(year)] = sorted(areas - carried)
    return found
