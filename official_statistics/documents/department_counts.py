"""The department's own counts beside those that a release shows.

The release's counts are read from its public files, so a hidden count has no line, and nothing is
said of it. Why two counts differ by what records say belongs to the quality site, inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from official_statistics.documents.facts import DepartmentFigure
from official_statistics.documents.public_files import PublicFile, number_of, place_of

FILE = "missing_children_by_area"
# Both are rounded to the nearest 10, so counts that are this far apart may be the same.
ROUNDING = 10
CARE, LOOKED_AFTER = "care_status", ("looked_after",)
CATEGORY = "absence_category"
# The department's measures that a release counts: the category that they are of, and their unit.
MEASURES = {
    "looked_after_children": (None, "looked_after_children"),
    "missing_children": ("missing", "children"),
    "missing_incidents": ("missing", "episodes"),
    "missing_repeatedly_children": ("missing", "repeat_children"),
    "away_children": ("away", "children"),
    "away_incidents": ("away", "episodes"),
    "away_repeatedly_children": ("away", "repeat_children"),
}
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class ComparedFigure:
    """A count that the department publishes and the release shows, each as it is printed."""

    area: str
    year: str
    measure: str
    published: float
    shown: float

    @property
    def difference(self) -> float:
        """How many more the release shows."""
        return self.shown - self.published

    @property
    def is_equal(self) -> bool:
        """Whether the two can be the same count, by their rounding."""
        return abs(self.difference) <= ROUNDING


def compared_figures(
    department: Iterable[DepartmentFigure], files: Files
) -> tuple[ComparedFigure, ...]:
    """Return the department's counts beside those that the release shows, in their order.

    A count that the release hides or does not have is left out.
    """
    found = []
    for one in department:
        shown = number_of(_shown(one, files[FILE]))
        if shown is not None:
            found.append(
                ComparedFigure(one.area, one.year, one.measure, float(one.published), shown)
            )
    return tuple(found)


def _shown(figure: DepartmentFigure, file: PublicFile) -> str:
    """What the file prints for a figure of the department; nothing where it has no such count."""
    category, unit = MEASURES.get(figure.measure_code, (None, None))
    indicator = next(
        (one.name for one in file.data_set.counts if one.of == unit and not one.where), None
    )
    care = _item(file, CARE, LOOKED_AFTER)
    chosen = _item(file, CATEGORY, (category,)) if category else None
    if indicator is None or care is None or (category and chosen is None):
        return ""
    items = {CARE: care} | ({CATEGORY: chosen} if chosen else {})
    # 2025-26 is the year that ends in 2026.
    year = str(int(figure.year[:4]) + 1)
    for row in file.rows_of(year, figure.level, items):
        if place_of(row)[0] == figure.area_code:
            return row[indicator]
    return ""


def _item(file: PublicFile, name: str, codes: tuple[str, ...]) -> str | None:
    """Return the item of a filter that counts these codes, or None."""
    items = file.data_set.filter(name).items
    return next((item.name for item in items if item.codes == codes), None)
