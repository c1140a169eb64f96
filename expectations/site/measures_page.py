"""The page of measures: the old and the new one, return interviews, repeats, open now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expectations.site.contents import Contents
from expectations.site.rendering import Page, counted, words
from expectations.site.sections import (
    Cell,
    Section,
    Table,
    absent,
    bounds,
    interval,
    sections_page,
)
from expectations.site.sources import Figures, Row


def measures_page(contents: Contents) -> Page:
    """What is counted by the old and the new measure, and what follows an absence."""
    found = contents.statistics
    sections = [
        _section("measures", "The old and the new measure", found.measures, MEASURES),
        _section("interviews", "Return interviews", found.interviews, INTERVIEWS),
        _section("repeats", "Repeat absences", found.repeats, REPEATS),
        _section("open", "Open now", found.open_now, OPEN),
    ]
    path = "measures.html"
    lead = (
        "National figures by the register's own account. The old measure counts looked-after "
        "children missing for more than 24 hours, the new one every absence."
    )
    return sections_page(path, "Measures", lead, sections)


class Shown:
    """How one mart is shown: words, headings, and the cells of a row."""

    def __init__(
        self, text: str, headings: Sequence[str], cells: Callable[[Row], list[Cell]]
    ) -> None:
        self.text = text
        self.headings = headings
        self.cells = cells


MEASURES = Shown(
    "Over 24 hours is bounded where a source gives dates only: the least and the greatest number.",
    [
        "Collection year",
        "Children",
        "#Over 24 hours: children",
        "#Over 24 hours: absences",
        "#Missing: children",
        "#Missing: absences",
        "#Away: children",
        "#Away: absences",
    ],
    lambda row: [
        row["collection_year"],
        words(row["population_code"]),
        bounds(
            row["over_24_hours_children_count_lower"], row["over_24_hours_children_count_upper"]
        ),
        bounds(row["over_24_hours_episode_count_lower"], row["over_24_hours_episode_count_upper"]),
        counted(row["missing_children_count"]),
        counted(row["missing_episode_count"]),
        counted(row["away_children_count"]),
        counted(row["away_episode_count"]),
    ],
)
INTERVIEWS = Shown(
    "Of absences that ended. What is not known stays in the denominator, so that each share is the "
    "least that can be said; within 72 hours is of interviews held.",
    [
        "Collection year",
        "Children",
        "#Absences ended",
        "#Offered",
        "#Accepted, of offered",
        "#Held",
        "#Within 72 hours, of held",
        "#Not known whether held",
    ],
    lambda row: [
        row["collection_year"],
        words(row["population_code"]),
        counted(row["closed_count"]),
        interval(row, "offered_share"),
        interval(row, "accepted_share"),
        interval(row, "held_share"),
        interval(row, "within_72_hours_share"),
        counted(row["held_unknown_count"]),
    ],
)
REPEATS = Shown(
    "A third absence within 90 days is the trigger that areas use; a few children account for many "
    "absences.",
    [
        "Collection year",
        "Children",
        "#Children with an absence",
        "#More than once in the year",
        "#A third in 90 days",
        "#Most absences of one child",
    ],
    lambda row: [
        row["collection_year"],
        words(row["population_code"]),
        counted(row["children_count"]),
        interval(row, "repeat_children_share"),
        interval(row, "third_children_share"),
        counted(row["most_episode_count"]),
    ],
)
OPEN = Shown(
    "Absences without an end on the last day that deliveries speak of.",
    ["Open for", "Children", "#Children open", "#Absences", "#Held by both", "#Most days"],
    lambda row: [
        words(row["open_band_code"]),
        words(row["population_code"]),
        counted(row["children_count"]),
        counted(row["episode_count"]),
        counted(row["both_sources_episode_count"]),
        counted(row["most_days_open"]),
    ],
)


def _section(anchor: str, title: str, figures: Figures, shown: Shown) -> Section:
    if not figures.rows:
        return absent(anchor, title, figures)
    rows = [shown.cells(row) for row in figures.rows]
    table = Table(f"{title}, England", shown.headings, rows)
    return Section(anchor, title, (shown.text,), tables=(table,), sources=(figures.source,))
