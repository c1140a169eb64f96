"""Dates and times in a layout's form to ISO text, strictly, and null where they do not exist.

The length of the text is its precision: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, local wall time.
Time zones belong in the dbt project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.layout import ISO_DATE, ISO_DATETIME

FIRST_YEAR = 1900
LAST_YEAR = 2199
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{2})",
    "d": r"(?P<d>\d{2})",
    "H": r"(?P<H>\d{2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "b": r"(?P<m>[A-Za-z]{3})",
}
# What a workbook gives for a cell that Excel typed as a date.
NATIVE_CELL = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Shape:
    """A `strptime` format as a strict pattern, and what puts its parts into ISO order."""

    format: str
    pattern: str
    replacement: str
    has_time: bool


@cache
def shape_of(date_format: str) -> Shape:
    """The shape of a format; raises `KeyError` for a directive that layouts may not use."""
    parts = re.split(r"%(.)", date_format)
    order = parts[1::2]
    pattern = "".join(
        re.escape(text) if index % 2 == 0 else DIRECTIVES[text] for index, text in enumerate(parts)
    )
    place = {("m" if name == "b" else name): rf"\{order.index(name) + 1}" for name in order}
    replacement = "{Y}-{m}-{d}".format(**place)
    has_time = "H" in place
    if has_time:
        seconds = place.get("S", "00")
        replacement += f"T{place['H']}:{place['M']}:{seconds}"
    return Shape(date_format, f"^{pattern}$", replacement, has_time)


def to_iso(texts: pa.Array, formats: tuple[str, ...]) -> pa.Array:
    """ISO text of each date, null where it is null, in no given form, or does not exist.

    `texts` are trimmed. Formats are tried in order; their shapes do not overlap.
    """
    if texts.null_count == len(texts):
        return texts
    shapes = [shape_of(item) for item in formats]
    result = _to_iso_fast(texts, shapes)
    return _to_iso_strictly(texts, shapes) if result is None else result


def _to_iso_fast(texts: pa.Array, shapes: list[Shape]) -> pa.Array | None:
    """The whole array at once, or none if any text is in no form or does not exist."""
    numbered = _with_month_numbers(texts, shapes)
    if numbered is None:
        return None
    texts, shapes = numbered
    iso = texts
    has_shape = None
    for shape in shapes:
        matches = pc.match_substring_regex(texts, shape.pattern)
        has_shape = matches if has_shape is None else pc.or_(has_shape, matches)
        iso = pc.replace_substring_regex(iso, shape.pattern, shape.replacement)
        if pc.all(matches).as_py():
            break
    if not pc.all(has_shape).as_py():
        return None
    try:
        moments = iso.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    bounds = pc.min_max(pc.year(moments)).as_py()
    return iso if bounds["min"] >= FIRST_YEAR and bounds["max"] <= LAST_YEAR else None


def _with_month_numbers(
    texts: pa.Array, shapes: list[Shape]
) -> tuple[pa.Array, list[Shape]] | None:
    """Texts and shapes with months as numbers, or none if a text does not name one."""
    named = [shape for shape in shapes if "%b" in shape.format]
    if not named:
        return texts, shapes
    places = {len(_filled(shape.format.split("%b")[0])) for shape in named}
    if len(places) != 1:
        return None
    start = places.pop()
    names = pc.utf8_upper(pc.utf8_slice_codeunits(texts, start, start + 3))
    months = pc.index_in(names, value_set=pa.array(MONTHS))
    if months.null_count != texts.null_count:
        return None
    numbers = pa.array([f"{month:02d}" for month in range(1, 13)]).take(months)
    before = pc.utf8_slice_codeunits(texts, 0, start)
    after = pc.utf8_slice_codeunits(texts, start + 3, None)
    joined = pc.binary_join_element_wise(before, numbers, after, "")
    return joined, [shape_of(shape.format.replace("%b", "%m")) for shape in named]


def _filled(date_format: str) -> str:
    """A text as long as the dates of the format (every other part has two digits)."""
    return re.sub(r"%.", "00", date_format.replace("%Y", "0000").replace("%b", "000"))


def _to_iso_strictly(texts: pa.Array, shapes: list[Shape]) -> pa.Array:
    encoded = texts.dictionary_encode()
    values = [_one_to_iso(text, shapes) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)


def _one_to_iso(text: str, shapes: list[Shape]) -> str | None:
    for shape in shapes:
        if not _compiled(shape.pattern).match(text):
            continue
        try:
            moment = datetime.strptime(text, shape.format)  # noqa: DTZ007 - local wall time
        except ValueError:
            return None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return None
        # Excel gives a day without a time as its midnight.
        is_day = not shape.has_time or (
            shape.format == NATIVE_CELL and (moment.hour, moment.minute, moment.second) == (0, 0, 0)
        )
        return moment.strftime(ISO_DATE if is_day else ISO_DATETIME)
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
