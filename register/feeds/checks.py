"""Checks of the form of values: real dates, known codes, and patterns.

A check flags values and never drops them. The rules of the statutory return belong in the dbt
project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.contract import Column, Table
from register.feeds.dates import (
    ISO_DATE,
    ISO_DATETIME,
    NATIVE_CELL,
    DateForm,
    is_skipped_time,
    parse_dates,
    parse_stored_dates,
)
from register.feeds.delivery_rules import Rule
from register.feeds.layout import Layout
from register.feeds.seeds import read_known_codes
from register.feeds.texts import normalise_code

# Two columns count as swapped if most values of each have the form of the other column, and most
# values of one lack the form of their own column. Fewer than three such values prove nothing.
SWAPPED_SHARE = 0.5
MIN_SWAPPED = 3
# A column is broken if more than half of its values are. A few broken values prove nothing, since a
# rare code may be new: at least three dates or five codes are needed.
BROKEN_SHARE = 0.5
MIN_BROKEN = {Rule.IMPOSSIBLE_DATE: 3, Rule.UNMAPPED_CODE: 5, Rule.INVALID_VALUE: 5}
BROKEN_COLUMN = {
    Rule.IMPOSSIBLE_DATE: Rule.UNREADABLE_DATES,
    Rule.UNMAPPED_CODE: Rule.UNKNOWN_CODES,
    Rule.INVALID_VALUE: Rule.UNKNOWN_CODES,
}
# Day and month of a column count as swapped if no readable date has a day above 12 and every
# unreadable date becomes a date when swapped. The column must have at least two unreadable dates,
# and five dates in all. With five, this happens by chance in 1 of 100 columns.
MIN_SWAPPED_DATES = 2
SWAP_DAY_AND_MONTH = str.maketrans("dm", "md")
MIN_DATES = 5


@dataclass(frozen=True)
class FieldTexts:
    """The delivered texts and landed values of a field, and a mask that marks broken values.

    `is_skipped_time` marks times in the hour that London's clocks skip in spring; they land with a
    flag. If `is_judged` is False, broken values do not count against the column as a whole.
    """

    texts: pa.Array
    values: pa.Array
    is_broken: npt.NDArray[np.bool_]
    broken_rule: Rule
    is_skipped_time: npt.NDArray[np.bool_] | None = None
    is_swapped_date: bool = False
    is_judged: bool = True
    # For positions that broke a rule other than `broken_rule`: that rule.
    rules: Mapping[int, Rule] = field(default_factory=dict)

    @property
    def filled_count(self) -> int:
        """The number of texts that are not null."""
        return len(self.texts) - int(self.texts.null_count)

    @property
    def valid_count(self) -> int:
        """The number of texts that have the form required of this field."""
        return self.filled_count - int(self.is_broken.sum())

    @property
    def column_fault(self) -> Rule | None:
        """The rule that the column as a whole breaks, if enough values prove it; otherwise None."""
        if self.is_swapped_date:
            return Rule.DAY_MONTH_SWAPPED
        broken = int(self.is_broken.sum())
        is_broken = self.is_judged and broken > BROKEN_SHARE * self.filled_count
        if is_broken and broken >= MIN_BROKEN[self.broken_rule]:
            return BROKEN_COLUMN[self.broken_rule]
        return None

    def find_rule(self, position: int) -> Rule:
        """Return the rule that the value at a position breaks."""
        return self.rules.get(position, self.broken_rule)

    def list_broken(self) -> list[tuple[int, Rule]]:
        """Return the position of each flagged value, with the rule that it breaks."""
        skipped = (
            [] if self.is_skipped_time is None else np.flatnonzero(self.is_skipped_time).tolist()
        )
        broken = np.flatnonzero(self.is_broken).tolist()
        return [
            *((position, self.find_rule(position)) for position in broken),
            *((position, Rule.SKIPPED_TIME) for position in skipped),
        ]


@dataclass(frozen=True)
class FieldChecks:
    """The checks of values in files of one layout."""

    layout: Layout
    seeds: Path

    def check_column(self, column: Column, texts: pa.Array) -> FieldTexts:
        """Check the texts of a column, and return them with their landed values.

        A broken date becomes null. A code that differs from the code map only in case or spaces
        gets the map's spelling. All other values stay unchanged.
        """
        if column.logicalType != "string":
            values = self._parse_dates(column, texts)
            is_broken = _find_broken(values.is_null(), texts)
            return FieldTexts(
                texts,
                values,
                is_broken,
                Rule.IMPOSSIBLE_DATE,
                _find_skipped_times(values),
                self._has_swapped_dates(column, texts, values, is_broken),
            )
        if column.custom.code_map:
            known = read_known_codes(self.seeds, self.layout, column.custom.code_map)
            values, is_unknown = _match_code_map(texts, known)
            is_broken = _find_broken(is_unknown, texts)
            # If the layout maps no codes, the layout is unfinished, and the supplier's column is
            # not to blame.
            return FieldTexts(texts, values, is_broken, Rule.UNMAPPED_CODE, is_judged=bool(known))
        if column.pattern:
            fits = pc.match_substring_regex(texts, column.pattern.pattern)
            is_broken = _find_broken(pc.invert(fits), texts)
            return FieldTexts(texts, texts, is_broken, Rule.INVALID_VALUE)
        return FieldTexts(texts, texts, np.zeros(len(texts), dtype=np.bool_), Rule.INVALID_VALUE)

    def _parse_dates(self, column: Column, texts: pa.Array) -> pa.Array:
        """Return the ISO text of each date; null for all other texts.

        Formats of the layout are read and, unless the layout `has_strict_dates`, also ISO 8601.
        """
        values = parse_dates(texts, self._list_date_forms(column))
        if self.layout.has_strict_dates or values.null_count == texts.null_count:
            return values
        stored = parse_stored_dates(
            texts,
            is_date=column.logicalType == "date",
            is_utc=self.layout.time_zone == "UTC",
        )
        return pc.coalesce(values, stored)

    def _has_swapped_dates(
        self, column: Column, texts: pa.Array, values: pa.Array, is_broken: npt.NDArray[np.bool_]
    ) -> bool:
        """Return whether all unreadable dates are valid once day and month are swapped.

        The answer is no if there are too few dates, or if any readable date has a day above 12.
        """
        broken = texts.filter(pa.array(is_broken))
        if len(broken) < MIN_SWAPPED_DATES:
            return False
        forms = self._list_date_forms(column)
        written = [form if isinstance(form, str) else form.text_format for form in forms]
        swapped = tuple(
            self.layout.build_date_form(text.translate(SWAP_DAY_AND_MONTH))
            for text in written
            if "%d" in text and "%m" in text
        )
        if not swapped or parse_dates(broken, swapped).null_count > 0:
            return False
        days = pc.cast(pc.utf8_slice_codeunits(values.drop_null(), 8, 10), pa.int64())
        is_enough = len(days) + len(broken) >= MIN_DATES
        return is_enough and not pc.any(pc.greater(days, 12)).as_py()

    def _list_date_forms(self, column: Column) -> tuple[str | DateForm, ...]:
        layout = self.layout
        is_date = column.logicalType == "date"
        moments = [layout.moment_format, *layout.more_datetime_formats, layout.date_format]
        texts = [layout.date_format] if is_date else moments
        forms = [layout.build_date_form(text) for text in dict.fromkeys(texts)]
        is_native = layout.file.form == "xlsx" and (is_date or not layout.time_format)
        more = [NATIVE_CELL] if is_native else []
        if column.custom.is_in_any_format:
            more += [ISO_DATETIME, ISO_DATE]
        return (*forms, *(text for text in dict.fromkeys(more) if text not in texts))


def _match_code_map(texts: pa.Array, known: frozenset[str]) -> tuple[pa.Array, pa.Array]:
    """Return codes in the code map's spelling, and a mask of those that are not in the map.

    A code that differs from the map in more than case or spaces keeps its own spelling.
    """
    encoded = texts.dictionary_encode()
    codes = encoded.dictionary.to_pylist()
    if not known.issuperset(codes):
        by_key = {normalise_code(code): code for code in sorted(known)}
        codes = [
            code if code in known else by_key.get(normalise_code(code), code) for code in codes
        ]
    is_unknown = pa.array([code not in known for code in codes], pa.bool_())
    values = pa.array(codes, pa.string())
    return values.take(encoded.indices), is_unknown.take(encoded.indices)


def _find_broken(has_wrong_form: pa.Array, texts: pa.Array) -> npt.NDArray[np.bool_]:
    if texts.null_count == len(texts):
        return np.zeros(len(texts), dtype=np.bool_)
    broken = pc.and_kleene(has_wrong_form, texts.is_valid())
    return np.asarray(broken.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _find_skipped_times(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Return a mask of the ISO times in the hour that London's clocks skip in March."""
    is_skipped = np.zeros(len(values), dtype=np.bool_)
    if (pc.max(pc.binary_length(values)).as_py() or 0) <= len("2026-03-29"):
        return is_skipped
    may_be = pc.match_substring_regex(values, "-03-(2[5-9]|3[01])T0[0-2]:")
    for position in pc.indices_nonzero(may_be).to_pylist():
        is_skipped[position] = is_skipped_time(values[position].as_py())
    return is_skipped


def find_swapped_columns(
    table: Table, fields: dict[str, FieldTexts], checks: FieldChecks
) -> Iterator[str]:
    """Yield each column whose values were swapped with those of another column.

    Most values of a yielded column have the form of the other column and not of their own. Most
    values of the other column have the form of the yielded column.
    """
    suspects = [
        name
        for name, item in fields.items()
        if item.is_broken.sum() >= MIN_SWAPPED
        and item.is_broken.sum() > SWAPPED_SHARE * item.filled_count
    ]
    for name in suspects:
        for other, item in fields.items():
            is_comparable = _has_form(table.columns[other]) or not table.columns[name].pattern
            if other == name or item.filled_count < MIN_SWAPPED or not is_comparable:
                continue
            share_fitting_own = _compute_fitting_share(checks, table.columns[name], item.texts)
            share_fitting_other = _compute_fitting_share(
                checks, table.columns[other], fields[name].texts
            )
            if min(share_fitting_own, share_fitting_other) > SWAPPED_SHARE:
                yield name
                break


def find_unreadable_starts(table: Table, fields: dict[str, FieldTexts]) -> Iterator[str]:
    """Yield each broken column whose dates must be readable, such as starts of absences.

    A column with swapped days and months counts as broken too.
    """
    for name, item in fields.items():
        if item.column_fault and table.columns[name].custom.must_be_readable:
            yield name


def _has_form(column: Column) -> bool:
    """Return whether the column's values have a form by which they can be told from other texts."""
    return bool(column.logicalType != "string" or column.custom.code_map or column.pattern)


def _compute_fitting_share(checks: FieldChecks, column: Column, texts: pa.Array) -> float:
    checked = checks.check_column(column, texts)
    return 1.0 - float(checked.is_broken.sum()) / max(1, checked.filled_count)
