"""Feedback grouped for people: by files, columns and records, and there by rule and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from register.feeds.delivery_rules import Rule
from register.feeds.feedback import FeedbackLine
from register.feeds.finding_list import SAME_COLUMN

Section = Literal["files", "columns", "records", "notes"]
SECTIONS: tuple[Section, ...] = ("files", "columns", "records", "notes")
COLUMN_RULES = frozenset(
    (
        *(Rule.MISSING_REQUIRED_COLUMN, Rule.DUPLICATE_COLUMN, Rule.SWAPPED_COLUMNS),
        *(Rule.UNREADABLE_STARTS, Rule.DAY_MONTH_SWAPPED, Rule.UNREADABLE_DATES),
        *(Rule.UNKNOWN_CODES, Rule.EMPTY_COLUMN, Rule.LOST_VALUES, Rule.UNUSABLE_NUMBERS),
        Rule.UNLINKED_PERSONS,
        *(Rule.WIDE_TABLE, Rule.TOO_MANY_COLUMNS),
    )
)
# For each rule, the rules that say the same of one field. The rules of the return are numbered.
SAME_FIELD: dict[str, tuple[str, ...]] = {
    "564": ("1004",),
    "1004": (Rule.IMPOSSIBLE_DATE,),
    "1005": (Rule.IMPOSSIBLE_DATE,),
    "566": ("565",),
    "1006": (Rule.UNMAPPED_CODE, "565", "566"),
}
# Rules that many wrong records break together.
SUMS_OF_RECORDS = (Rule.NOTHING_LANDED, Rule.MANY_QUARANTINED)
RECORD_OUTCOMES = ("quarantined", "flagged")
# The worst outcome first.
OUTCOME_ORDER = ("rejected", "held", *RECORD_OUTCOMES, "reported")


@dataclass(frozen=True)
class FaultGroup:
    """The lines of feedback about one rule and column. Its first line has the text of all."""

    section: Section
    lines: tuple[FeedbackLine, ...]

    def __getitem__(self, name: str) -> str:
        """Return the text that the lines share, such as `title` or `what_to_fix`."""
        return self.lines[0][name]

    def list_places(self) -> list[str]:
        """List the places of the fault, in which neighbouring lines of a file are one place."""
        places = []
        for file, lines in groupby(self.lines, key=lambda line: line["file"]):
            items = list(lines)
            numbers = sorted({int(line["line"]) for line in items if line["line"]})
            places += [_join_place(file, text) for text in _format_ranges(numbers)]
            elements = dict.fromkeys(line["element"] for line in items if line["element"])
            places += [_join_place(file, f"element {element}") for element in elements]
            if file and not numbers and not elements:
                places.append(file)
        return places


def group_faults(lines: Iterable[FeedbackLine]) -> dict[Section, list[FaultGroup]]:
    """Return the feedback of a delivery by section; in each, the worst and most frequent first.

    The section `notes` has what needs no correction. Empty sections are left out.
    """
    groups: dict[tuple[Section, str, str, str, str, str], list[FeedbackLine]] = {}
    for line in _drop_repeats(list(lines)):
        key = (
            _choose_section(line),
            *(line["outcome"], line["rule_code"], line["table_name"], line["column"]),
            line["expected_form"],
        )
        groups.setdefault(key, []).append(line)
    ordered = sorted(
        groups, key=lambda key: (OUTCOME_ORDER.index(key[1]), -len(groups[key]), *key[2:])
    )
    by_section = {
        section: [
            FaultGroup(section, tuple(sorted(groups[key], key=lambda line: line["file"])))
            for key in ordered
            if key[0] == section
        ]
        for section in SECTIONS
    }
    return {section: items for section, items in by_section.items() if items}


def _drop_repeats(lines: list[FeedbackLine]) -> list[FeedbackLine]:
    """Return the lines without those that another line already says in other words."""
    places = {(*_find_place(line), line["rule_code"]) for line in lines}
    columns = {(line["file"], line["column"], line["rule_code"]) for line in lines}
    has_quarantine = any(line["outcome"] == "quarantined" for line in lines)
    return [
        line
        for line in lines
        if not any(
            (*_find_place(line), rule) in places for rule in SAME_FIELD.get(line["rule_code"], ())
        )
        and not any(
            (line["file"], line["column"], rule) in columns
            for rule in SAME_COLUMN.get(line["rule_code"], ())
        )
        and not (has_quarantine and line["rule_code"] in SUMS_OF_RECORDS)
    ]


def _find_place(line: FeedbackLine) -> tuple[str, str, str, str]:
    return line["file"], line["line"], line["element"], line["column"]


def _choose_section(line: FeedbackLine) -> Section:
    if line["outcome"] == "reported":
        return "notes"
    if line["outcome"] in RECORD_OUTCOMES:
        return "records"
    return "columns" if line["rule_code"] in COLUMN_RULES else "files"


def _format_ranges(numbers: list[int]) -> Iterator[str]:
    """Yield line numbers as texts, in which consecutive numbers are one range."""
    for _, items in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        run = [number for _, number in items]
        yield f"line {run[0]}" if len(run) == 1 else f"lines {run[0]} to {run[-1]}"


def _join_place(file: str, text: str) -> str:
    return f"{file}, {text}" if file else text
