"""Columns as a system writes them: what each of its texts may be.

Both the JSON Schemas and the data packages describe these columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from register.feeds import Column, Layout, Table, list_written_columns, read_code_meanings

# Joins the parts of a code that a layout writes into several columns.
CODE_JOINER = " + "
SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
DIRECTIVE = re.compile(r"%(.)|(.)")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
LONG_MONTHS = (
    "January February March April May June July August September October November December"
)
DAYS = "Mon Tue Wed Thu Fri Sat Sun"
LONG_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def _list_choices(words: str) -> str:
    return f"({'|'.join(words.split())})"


# A column that may be in any format is also read in these.
ISO_FORMATS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
# For each directive of `strptime`, the texts that it stands for.
PATTERNS = {
    "d": "(0[1-9]|[12][0-9]|3[01])",
    "m": "(0[1-9]|1[0-2])",
    "b": _list_choices(MONTHS),
    "B": _list_choices(LONG_MONTHS),
    "a": _list_choices(DAYS),
    "A": _list_choices(LONG_DAYS),
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "H": "([01][0-9]|2[0-3])",
    "I": "(0[1-9]|1[0-2])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "p": "(AM|PM|am|pm)",
    "f": "[0-9]{1,9}",
    "z": "(Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2})",
}
# Directives whose number may lack its leading zero in some layouts.
SHORT_PATTERNS = {
    "d": "(0?[1-9]|[12][0-9]|3[01])",
    "m": "(0?[1-9]|1[0-2])",
    "H": "([01]?[0-9]|2[0-3])",
    "I": "(0?[1-9]|1[0-2])",
}


@dataclass(frozen=True)
class WrittenColumn:
    """A delivered column. `date_formats` are formats of `strptime`, the usual one first.

    `column` is the contract's column; None if the delivered column fills several. If the system
    writes codes, they are in `codes`.
    """

    heading: str
    field: str
    column: Column | None
    description: str
    is_column_required: bool
    is_value_required: bool
    date_formats: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    pattern: str = ""
    is_time: bool = False


def list_columns(layout: Layout, table: Table, period: str, seeds: Path) -> Iterator[WrittenColumn]:
    """Yield the columns of a table under the system's headings, in the system's order."""
    written = list_written_columns(layout, table, period)
    for heading in dict.fromkeys(item.name for item in written):
        same = [item for item in written if item.name == heading]
        place = same[0]
        columns = [table.columns[item.field] for item in same]
        parts = [item for item in written if item.field == place.field]
        is_required = any(column.required for column in columns) and place.part != "time"
        described = WrittenColumn(
            heading=heading,
            field=place.field,
            column=columns[0] if len(same) == 1 else None,
            description=" ".join(column.description for column in columns),
            is_column_required=any(item.is_required for item in same),
            is_value_required=is_required,
        )
        if described.column is None or columns[0].custom.is_repeatable:
            yield described
            continue
        column = columns[0]
        yield WrittenColumn(
            **{
                **vars(described),
                "date_formats": _list_date_formats(layout, column, place.part),
                "codes": _list_codes(layout, column, seeds, (parts.index(place), len(parts))),
                "pattern": column.pattern.pattern if column.pattern else "",
                "is_time": place.part == "time",
            }
        )


def build_date_pattern(layout: Layout, date_format: str) -> str:
    """Return a regular expression, in the syntax of ECMAScript, of texts in a date format."""
    patterns = PATTERNS if layout.has_leading_zeros else PATTERNS | SHORT_PATTERNS

    def replace_part(match: re.Match[str]) -> str:
        directive, letter = match.groups()
        return patterns[directive] if directive else SPECIAL.sub(r"\\\g<0>", letter)

    return DIRECTIVE.sub(replace_part, date_format)


def _list_date_formats(layout: Layout, column: Column, part: str | None) -> tuple[str, ...]:
    if column.logicalType == "string":
        return ()
    if part == "time":
        return (str(layout.time_format),)
    if part == "date" or column.logicalType == "date":
        return (layout.date_format,)
    formats = (layout.moment_format, *layout.more_datetime_formats, layout.date_format)
    if column.custom.is_in_any_format:
        formats = (*formats, *ISO_FORMATS)
    return tuple(dict.fromkeys(formats))


def _list_codes(
    layout: Layout, column: Column, seeds: Path, place: tuple[int, int]
) -> tuple[str, ...]:
    """Return the codes of a column that is number `place` (from 0) of those that fill its field."""
    if not column.custom.code_map:
        return ()
    number, count = place
    codes = list(read_code_meanings(seeds, layout, column.custom.code_map))
    for dated in layout.dated_codes:
        if dated.field == column.name:
            added = {period.code for period in dated.periods}
            codes = [_drop_last(code, added) for code in codes]
    if count > 1:
        split = [code.split(CODE_JOINER) for code in codes]
        codes = [parts[number] if number < len(parts) else "" for parts in split]
    return tuple(dict.fromkeys(filter(None, codes)))


def _drop_last(code: str, added: set[str]) -> str:
    """Return a code without the part that the register adds by date."""
    rest, _, last = code.rpartition(CODE_JOINER)
    return rest if last in added else code
