"""Explore Education Statistics' long form: the changing category and value columns made one form.

The category columns are those that are not in the contract, the value is the last column.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.contract import Table
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.tables import RawTable, joined_texts

MEASURE = "measure"
VALUE = "value"


# A figure, or a symbol in its place.
FIGURE = r"^(-?[0-9][0-9,]*([.][0-9]+)?%?|[czxk:~.]|low)$"


def with_measure_and_value(raw: RawTable, table: Table) -> RawTable:
    """The table with its category columns as `measure` and its last column as `value`.

    Two category columns are joined by ' | '. Raises `Rejection` (missing_required_column) if
    there is no category column or the last column is another one of the contract, and (wide_table)
    if a category column has figures: files of older releases have one column for each measure.
    """
    names = [heading.casefold() for heading in raw.headings]
    if MEASURE in names and VALUE in names:
        return raw
    last = len(names) - 1
    dimensions = [position for position, name in enumerate(names) if name in table.columns]
    categories = [position for position in range(last) if position not in dimensions]
    if last in dimensions:
        raise Rejection(Rule.MISSING_REQUIRED_COLUMN, raw.file, 1, VALUE)
    if not categories:
        raise Rejection(Rule.MISSING_REQUIRED_COLUMN, raw.file, 1, MEASURE)
    texts = [pc.utf8_trim_whitespace(raw.columns[position]) for position in categories]
    if len(texts) > 1 and any(_is_of_figures(column) for column in texts):
        raise Rejection(Rule.WIDE_TABLE, raw.file, raw.heading_line, table=raw.table_name)
    measure = joined_texts(texts, " | ")
    return replace(
        raw,
        headings=[*(raw.headings[position] for position in dimensions), MEASURE, VALUE],
        columns=[*(raw.columns[position] for position in dimensions), measure, raw.columns[last]],
    )


def _is_of_figures(texts: pa.Array) -> bool:
    filled = len(texts) - texts.null_count
    fits = pc.sum(pc.match_substring_regex(texts, FIGURE)).as_py() or 0
    return 2 * fits > filled
