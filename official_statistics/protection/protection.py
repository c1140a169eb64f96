"""Protection of a release: by the rules D1 to D5, each cell is shown rounded or is hidden.

Each year is protected independently, together with all known releases of that year.
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
import yaml

from official_statistics.data_sets import DataSet
from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Floats,
    Hierarchies,
    Integers,
    ReleaseCells,
    build_constraint_system,
)
from official_statistics.protection.counts_of_year import withhold_later_counts
from official_statistics.protection.insiders import list_insiders
from official_statistics.protection.presumed_ties import presume_ties
from official_statistics.protection.primary_suppression import suppress_primary_cells
from official_statistics.protection.secondary_suppression import (
    SecondarySuppression,
    SuppressionResult,
)
from official_statistics.protection.ties import FORCES, FORCES_OF_NATION, REGIONS, derive_ties
from official_statistics.protection.ties_file import Succession, describe_ties
from official_statistics.release_rules import Rules
from register.durable import write_whole
from register.yaml_file import read_yaml

Progress = Callable[[str], None]
HIDDEN, NOT_DELIVERED = "c", "x"
IMPORTANCE_FILE = Path(__file__).with_name("importance.yaml")
AUTHORITY, FORCE, NATION = "Local authority", "Police force area", "National"


@dataclass(frozen=True)
class Protected:
    """The protected cells of a release, the figures of the audit, and the ties."""

    cells: pa.Table
    audit: Mapping[str, Any]
    ties: Mapping[str, Any] = field(repr=False)

    def write_ties(self, path: Path) -> None:
        """Write `ties.yaml`; the same ties give the same bytes."""
        text = yaml.safe_dump(
            dict(self.ties),
            sort_keys=False,
            allow_unicode=True,
            width=100,
            default_flow_style=None,
        )
        write_whole(path, text.encode(), mode=0o644)


def protect(  # noqa: PLR0913, PLR0917 - what is public already belongs to the question
    cells: pa.Table,
    data_sets: Sequence[DataSet],
    rules: Rules,
    earlier: Sequence[pa.Table] = (),
    release: str = "release",
    progress: Progress | None = None,
) -> Protected:
    """Protect the cells of a release, given all that is already public.

    `cells` has one row for each count (`dataset, reporting_year, geographic_level, area_code,
    parent_code, police_force_code, filter_values, measure, value, child_count, top_two_share`, and
    `is_available` if something was not delivered). `earlier` are the protected cells of earlier
    releases, oldest first, with the columns `release` and `is_carried`. The result has the same
    rows in the same order, with `shown`, `symbol` and `hidden_as`.

    A year in which nothing changed keeps the pattern of the release before, which proved it. The
    audit then has `proved_in` for the year, in place of figures. A count that the first release of
    a year lacks is not available for that year.

    Raises `WrongTieError` if true counts contradict a tie.
    """
    report = progress or (lambda _: None)
    cells = withhold_later_counts(cells, earlier)
    areas = _read_hierarchies([cells, *earlier])
    ties = (*derive_ties(data_sets), *presume_ties(data_sets))
    is_primary, rounded = suppress_primary_cells(cells, rules)
    is_available = _read_availability(cells)
    is_primary &= is_available
    is_secondary = np.zeros(cells.num_rows, dtype=bool)
    years = np.array(cells["reporting_year"].to_pylist())
    audited_years = []
    for year in sorted(set(years.tolist()), reverse=True):
        report(f"year {year}")
        rows = np.flatnonzero(years == year)
        pattern = _find_unchanged_pattern(cells.take(pa.array(rows)), earlier)
        if pattern is not None:
            is_secondary[rows] = pattern & ~is_primary[rows]
            audited_years.append({"year": year, "proved_in": earlier[-1]["release"][0].as_py()})
            continue
        releases = _collect_releases(cells, rows, is_primary, earlier, year)
        system = build_constraint_system(releases, ties, areas, rules)
        insiders = list_insiders(system, areas)
        min_values = int(rules["hidden_width_least"])
        suppression = SecondarySuppression(system, areas, insiders, min_values, report)
        result = suppression.suppress_counts()
        is_hidden = system.hidden[system.variables_by_release[-1]]
        is_secondary[rows] = is_hidden & ~is_primary[rows] & is_available[rows]
        audited_years.append(_summarise_year(year, system, result))
    table = _add_shown_columns(cells, rounded, is_primary, is_secondary, is_available)
    audit = {"years": audited_years, "cells": _count_hidden_cells(table)}
    succession = _find_succession(release, cells, earlier)
    return Protected(table, audit, describe_ties(data_sets, rules, areas, succession))


def _add_shown_columns(
    cells: pa.Table,
    rounded: Integers,
    is_primary: Bools,
    is_secondary: Bools,
    is_available: Bools,
) -> pa.Table:
    """Return the cells with shown value, symbol, and the step in which the cell was hidden."""
    is_hidden = is_primary | is_secondary
    has_symbol = is_hidden | ~is_available
    symbol = np.where(is_available, HIDDEN, NOT_DELIVERED)
    hidden_as = np.where(is_primary, "first", "second")
    columns = {
        "shown": pa.array(rounded, pa.int64(), mask=has_symbol),
        "symbol": pa.array(symbol, pa.string(), mask=~has_symbol),
        "hidden_as": pa.array(hidden_as, pa.string(), mask=~is_hidden),
    }
    table = cells.drop_columns([name for name in columns if name in cells.column_names])
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


def _read_availability(cells: pa.Table) -> Bools:
    if "is_available" not in cells.column_names:
        return np.ones(cells.num_rows, dtype=bool)
    return cells["is_available"].to_numpy(zero_copy_only=False).astype(bool)


def _read_hierarchies(tables: Sequence[pa.Table]) -> Hierarchies:
    """Return the hierarchies of areas, as given by columns of the cells."""
    regions: dict[str, str] = {}
    force_of_authority: dict[str, str] = {}
    forces: set[str] = set()
    nations: set[str] = set()
    names = ["geographic_level", "area_code", "parent_code", "police_force_code"]
    for table in tables:
        for area in table.select(names).group_by(names).aggregate([]).to_pylist():
            code, level = area["area_code"], area["geographic_level"]
            if level == FORCE:
                forces.add(code)
            elif level == NATION:
                nations.add(code)
            else:
                regions[code] = area["parent_code"]
            if level == AUTHORITY:
                force_of_authority[code] = area["police_force_code"]
    (england,) = nations
    parents = {
        REGIONS: regions,
        FORCES: force_of_authority,
        FORCES_OF_NATION: dict.fromkeys(sorted(forces), england),
    }
    incomplete = {
        REGIONS: frozenset({england}),
        FORCES: frozenset[str](),
        FORCES_OF_NATION: frozenset({england}),
    }
    return Hierarchies(parents, incomplete)


def _collect_releases(
    cells: pa.Table, rows: Integers, is_primary: Bools, earlier: Sequence[pa.Table], year: int
) -> list[ReleaseCells]:
    """Return the cells of one year from every release that has the year, the newest last."""
    releases: list[ReleaseCells] = []
    carried: frozenset[str] = frozenset()
    for table, following in zip(earlier, [*earlier[1:], cells], strict=False):
        old = _select_year(table, year)
        if not old.num_rows:
            carried = frozenset()
            continue
        was_hidden, was_primary = (
            pc.equal(pc.fill_null(old[column], ""), value).to_numpy(zero_copy_only=False)
            for column, value in (("symbol", HIDDEN), ("hidden_as", "first"))
        )
        releases.append(_read_release_cells(old, was_hidden, was_primary, carried))
        carried = _find_carried_areas(old, _select_year(following, year))
    new = cells.take(pa.array(rows))
    hidden = is_primary[rows]
    releases.append(_read_release_cells(new, hidden, hidden, carried))
    return releases


def _find_unchanged_pattern(new: pa.Table, earlier: Sequence[pa.Table]) -> Bools | None:
    """Return which cells of a year the release before hides; None if any cell of it differs."""
    if not earlier:
        return None
    old = _select_year(earlier[-1], new["reporting_year"][0].as_py())
    symbols = {
        key: symbol
        for key, symbol in zip(_list_keys(old), old["symbol"].to_pylist(), strict=True)
        if symbol != NOT_DELIVERED
    }
    keys = _list_keys(new)
    available = {key for key, is_it in zip(keys, _read_availability(new), strict=True) if is_it}
    areas = set(new["area_code"].to_pylist())
    if available != symbols.keys() or _find_carried_areas(old, new) != areas:
        return None
    return np.array([symbols.get(key) == HIDDEN for key in keys])


def _list_keys(table: pa.Table) -> list[tuple[Any, ...]]:
    names = ("dataset", "area_code", "filter_values", "measure")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def _select_year(table: pa.Table, year: int) -> pa.Table:
    return table.filter(pc.equal(table["reporting_year"], year))


def _find_carried_areas(old: pa.Table, new: pa.Table) -> frozenset[str]:
    """Return the areas whose year was taken over, and areas made up only of these areas.

    The nation also counts episodes without an authority, so it is taken over only if none of the
    counts that both releases have differs.
    """
    old_authorities = old.filter(pc.equal(old["geographic_level"], AUTHORITY))
    is_carried = dict(
        zip(
            old_authorities["area_code"].to_pylist(),
            old_authorities["is_carried"].to_pylist(),
            strict=True,
        )
    )
    parents = _read_hierarchies([new]).parents
    regions = parents[REGIONS]
    new_authorities = new.filter(pc.equal(new["geographic_level"], AUTHORITY))
    now = set(new_authorities["area_code"].to_pylist())
    renewed = {area for area in {*now, *is_carried} if not is_carried.get(area) or area not in now}
    for _ in range(len(set(regions.values()))):
        renewed |= {regions[area] for area in renewed if area in regions}
    if not renewed and _has_same_counts(old, new):
        return frozenset(new["area_code"].to_pylist())
    nation = set(regions.values()) - set(regions)
    carried = set(regions) - renewed - nation - set(parents[FORCES_OF_NATION])
    return frozenset(carried & set(old["area_code"].to_pylist()))


def _has_same_counts(old: pa.Table, new: pa.Table) -> bool:
    before, now = (
        dict(zip(_list_keys(each), each["value"].to_pylist(), strict=True)) for each in (old, new)
    )
    return all(before[key] == now[key] for key in before.keys() & now.keys())


def _read_release_cells(
    table: pa.Table, hidden: Bools, primary: Bools, carried: frozenset[str]
) -> ReleaseCells:
    data_sets, levels = table["dataset"].to_pylist(), table["geographic_level"].to_pylist()
    return ReleaseCells(
        data_set=data_sets,
        measure=table["measure"].to_pylist(),
        items=table["filter_values"].to_pylist(),
        area=table["area_code"].to_pylist(),
        level=levels,
        value=table["value"].to_numpy().astype(np.int64),
        primary=primary,
        hidden=hidden,
        available=_read_availability(table),
        importance=_read_importance(data_sets, levels),
        carried=carried,
    )


def _read_importance(data_sets: Sequence[str], levels: Sequence[str]) -> Floats:
    """Return how much readers need each cell: a factor on the cost of hiding it."""
    factors = read_yaml(IMPORTANCE_FILE)
    by_level, by_data_set = factors["levels"], factors["data_sets"]
    of_areas = factors["area_pages"]
    return np.array(
        [
            by_level[level] * by_data_set.get(data_set, 1)
            if level in by_level
            else of_areas.get(data_set, 1.0)
            for data_set, level in zip(data_sets, levels, strict=True)
        ]
    )


def _summarise_year(
    year: int, system: ConstraintSystem, result: SuppressionResult
) -> dict[str, Any]:
    """Return the audit's figures for a year, which count variables and not the cells of files."""
    return {
        "year": year,
        "variables": len(system.truth),
        "ties": len(system.rows),
        "audited": int(system.audited.sum()),
        "second": int(result.secondary.sum()),
        "shown_again": result.unsuppressed_count,
        "exchanged": result.swapped_count,
        "too_narrow": len(result.unprotected_cells),
        "exact": result.exact_cells,
        "unprotected": result.unprotected_cells,
        "too_narrow_from_inside": len(result.insider_only_cells),
        "unprotected_from_inside": result.insider_only_cells,
        "combines_ties_from_inside": result.combines_insider_ties,
    }


def _count_hidden_cells(cells: pa.Table) -> dict[str, dict[str, int]]:
    """Count the cells of each level and file: all, with children, shown, and hidden by step."""
    counts: dict[str, Counter[str]] = {}
    columns = ("dataset", "geographic_level", "value", "hidden_as")
    rows = zip(*(cells[column].to_pylist() for column in columns), strict=True)
    for data_set, level, value, hidden_as in rows:
        for name in (f"level {level}", f"file {data_set}, {level}"):
            counter = counts.setdefault(name, Counter())
            counter["cells"] += 1
            counter["with_children"] += value > 0
            counter[hidden_as or "shown"] += 1
    return {name: dict(counter) for name, counter in sorted(counts.items())}


def _find_succession(release: str, cells: pa.Table, earlier: Sequence[pa.Table]) -> Succession:
    """Return the release before this one, and the areas that were not taken over from it."""
    if not earlier:
        return Succession(release)
    last = earlier[-1]
    replaced = {}
    for year in sorted(set(cells["reporting_year"].to_pylist())):
        new, old = _select_year(cells, year), _select_year(last, year)
        carried = _find_carried_areas(old, new) if old.num_rows else frozenset()
        if areas := set(new["area_code"].to_pylist()) - carried:
            replaced[str(year)] = sorted(areas)
    return Succession(release, last["release"][0].as_py(), replaced)
