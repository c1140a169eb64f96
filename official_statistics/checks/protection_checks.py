"""Rules D1 to D3 and D7, held against the true counts: inside, where they are known."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from official_statistics.release_rules import Rules
from official_statistics.releases import Version

SMALL_LEVELS = ("Local authority", "Police force area")
# One count of one place and year is shown alike wherever it is shown.
DIFFERING = """
select reporting_year, geographic_level, area_code, min(dataset), min(measure), condition_id
from statistics.protected_cells
where counted_on = 'base' and symbol is distinct from 'x'
    and filter_values not like '%absence_frequency=%'
group by reporting_year, geographic_level, area_code, unit, condition_id
having count(distinct coalesce(cast(shown as varchar), symbol)) > 1
order by all
"""


def unprotected_cells(version: Version, rules: Rules) -> Iterator[str]:
    """Yield the cells that are shown and must not be, or not as the rules say."""
    with duckdb.connect(str(version.internal / "cells.duckdb"), read_only=True) as connection:
        cells = connection.sql(
            "select * from statistics.protected_cells where counted_on != 'coverage' order by all"
        ).to_arrow_table()
        differing = connection.sql(DIFFERING).fetchall()
    for cell in cells.to_pylist():
        if cell["shown"] is None:
            continue
        if fault := _fault(cell, rules):
            yield (
                f"{cell['dataset']}: {cell['measure']} at {cell['reporting_year']}"
                f" {cell['geographic_level']} {cell['area_code']} {cell['filter_values']} {fault}"
            )
    for year, level, area, dataset, measure, _ in differing:
        yield f"{dataset}: {measure} at {year} {level} {area} is shown in two ways"


def _fault(cell: dict[str, object], rules: Rules) -> str | None:
    value, children, shown = (cell[name] for name in ("value", "child_count", "shown"))
    level = "authority" if cell["geographic_level"] in SMALL_LEVELS else "area"
    unit = int(rules[f"rounding_unit_{level}"])
    if not isinstance(value, int) or not isinstance(children, int):
        return "has no true count"
    if value and children <= rules["few_children_most"]:
        return "is shown although few children are behind it"
    if float(cell["top_two_share"] or 0) >= rules["dominance_share"]:  # type: ignore[arg-type]
        return "is shown although two children dominate it"
    if shown != (2 * value + unit) // (2 * unit) * unit:
        return "is not its true count to the nearest unit"
    return None
