"""The long form of Explore Education Statistics, whose category columns are merged into one.

Category columns are all columns that the contract does not name, except the last, which has the
values. Reading the file belongs in `register.feeds.readers.delimited`.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.contract import Table
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.tables import RawTable, join_texts

MEASURE = "measure"
VALUE = "value"
# Matches a figure, or a symbol that replaces a figure.
FIGURE = r"^(-?[0-9][0-9,]*([.][0-9]+)?%?|[czxk:~.]|low)$"


def merge_category_columns(raw: RawTable, table: Table) -> RawTable:
    """Return a table whose category columns became `measure`, and whose last column became `value`.

    A table that already has both columns is returned unchanged. Several category columns are joined
    by ' | '. Raises `Rejection` (missing_required_column) if there is no category column, or if the
    contract names the last column. Raises `Rejection` (wide_table) if one of several category
    columns contains figures: older releases have a column for each measure.
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
    if len(texts) > 1 and any(_has_figures(column) for column in texts):
        raise Rejection(Rule.WIDE_TABLE, raw.file, raw.heading_line, table=raw.table_name)
    measure = join_texts(texts, " | ")
    return replace(
        raw,
        headings=[*(raw.headings[position] for position in dimensions), MEASURE, VALUE],
        columns=[*(raw.columns[position] for position in dimensions), measure, raw.columns[last]],
    )


def _has_figures(texts: pa.Array) -> bool:
    filled = len(texts) - texts.null_count
    fits = pc.sum(pc.match_substring_regex(texts, FIGURE)).as_py() or 0
    return 2 * fits > filled
