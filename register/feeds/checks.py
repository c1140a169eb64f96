"""Whether values have the form of their field: dates that exist, known codes, patterns.

A check flags and never drops. Rules about children's records (the statutory return's) belong in
the dbt project.
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
    is_skipped,
    stored_to_iso,
    to_iso,
)
from register.feeds.delivery_rules import Rule
from register.feeds.layout import Layout
from register.feeds.seeds import known_codes
from register.feeds.texts import code_key

# Two columns count as swapped when more than half of the values of one are not in its own form and
# each has values in the form of the other; fewer than three such values prove nothing.
SWAPPED_SHARE = 0.5
SWAPPED_AT_LEAST = 3
# A column is broken when more than half of its values are, of which fewer than these prove nothing:
# of dates three; of codes five, since a rare code may well be new.
BROKEN_SHARE = 0.5
BROKEN_AT_LEAST = {Rule.IMPOSSIBLE_DATE: 3, Rule.UNMAPPED_CODE: 5, Rule.INVALID_VALUE: 5}
BROKEN_COLUMN = {
    Rule.IMPOSSIBLE_DATE: Rule.UNREADABLE_DATES,
    Rule.UNMAPPED_CODE: Rule.UNKNOWN_CODES,
    Rule.INVALID_VALUE: Rule.UNKNOWN_CODES,
}
# Dates written the other way round: of as many as these each is a date with day and month swapped,
# and of those that were read none has a day that is no month (by chance under one column in 100).
SWAPPED_DATES_AT_LEAST = 2
SWAPPED = str.maketrans("dm", "md")
DATES_AT_LEAST = 5


@dataclass(frozen=True)
class FieldTexts:
    """A field's texts as delivered and its values as landed, with a mask of the broken ones.

    `is_skipped` marks times that no clock in London showed: they are kept, and flagged.
    """

    texts: pa.Array
    values: pa.Array
    is_broken: npt.NDArray[np.bool_]
    broken_rule: Rule
    is_skipped: npt.NDArray[np.bool_] | None = None
    is_swapped_date: bool = False
    is_judged: bool = True
    # The rule of a position that is broken by another than `broken_rule`.
    rules: Mapping[int, Rule] = field(default_factory=dict)

    @property
    def filled_count(self) -> int:
        """How many texts are not null."""
        return len(self.texts) - int(self.texts.null_count)

    @property
    def valid_count(self) -> int:
        """How many texts have the form of their field."""
        return self.filled_count - int(self.is_broken.sum())

    @property
    def fault(self) -> Rule | None:
        """What is wrong with the column as a whole, if enough of its values prove it."""
        if self.is_swapped_date:
            return Rule.DAY_MONTH_SWAPPED
        broken = int(self.is_broken.sum())
        is_broken = self.is_judged and broken > BROKEN_SHARE * self.filled_count
        if is_broken and broken >= BROKEN_AT_LEAST[self.broken_rule]:
            return BROKEN_COLUMN[self.broken_rule]
        return None

    def rule_at(self, position: int) -> Rule:
        """The rule that the value at a position breaks."""
        return self.rules.get(position, self.broken_rule)

    def broken(self) -> list[tuple[int, Rule]]:
        """The position and the rule of each value that is flagged."""
        skipped = [] if self.is_skipped is None else np.flatnonzero(self.is_skipped).tolist()
        broken = np.flatnonzero(self.is_broken).tolist()
        return [
            *((position, self.rule_at(position)) for position in broken),
            *((position, Rule.SKIPPED_TIME) for position in skipped),
        ]


@dataclass(frozen=True)
class FieldChecks:
    """The checks of one layout."""

    layout: Layout
    seeds: Path

    def check(self, column: Column, texts: pa.Array) -> FieldTexts:
        """Values and broken ones of a column; a broken date becomes null, other values stay."""
        if column.logicalType != "string":
            values = self._dates(column, texts)
            is_broken = _broken(values.is_null(), texts)
            return FieldTexts(
                texts,
                values,
                is_broken,
                Rule.IMPOSSIBLE_DATE,
                _skipped(values),
                self._is_swapped_date(column, texts, values, is_broken),
            )
        if column.code_map:
            known = known_codes(self.seeds, self.layout, column.code_map)
            codes = pa.array(sorted(known), pa.string())
            values = _as_mapped(texts, codes)
            is_broken = _broken(pc.invert(pc.is_in(values, value_set=codes)), texts)
            # Where no code is mapped yet the layout is not finished: no fault of the column's.
            return FieldTexts(
                texts, values, is_broken, Rule.UNMAPPED_CODE, is_judged=len(codes) > 0
            )
        if column.pattern:
            fits = pc.match_substring_regex(texts, column.pattern.pattern)
            is_broken = _broken(pc.invert(fits), texts)
            return FieldTexts(texts, texts, is_broken, Rule.INVALID_VALUE)
        return FieldTexts(texts, texts, np.zeros(len(texts), dtype=np.bool_), Rule.INVALID_VALUE)

    def _dates(self, column: Column, texts: pa.Array) -> pa.Array:
        """ISO dates in the layout's form or, unless it is strict, as systems store them."""
        values = to_iso(texts, self._forms(column))
        if self.layout.has_strict_dates or values.null_count == texts.null_count:
            return values
        stored = stored_to_iso(
            texts,
            is_date=column.logicalType == "date",
            is_utc=self.layout.time_zone == "UTC",
        )
        return pc.coalesce(values, stored)

    def _is_swapped_date(
        self, column: Column, texts: pa.Array, values: pa.Array, is_broken: npt.NDArray[np.bool_]
    ) -> bool:
        """Whether what cannot be read has day and month swapped, and so may all that was read."""
        broken = texts.filter(pa.array(is_broken))
        if len(broken) < SWAPPED_DATES_AT_LEAST:
            return False
        forms = self._forms(column)
        written = [form if isinstance(form, str) else form.text_format for form in forms]
        swapped = tuple(
            self.layout.date_form(text.translate(SWAPPED))
            for text in written
            if "%d" in text and "%m" in text
        )
        if not swapped or to_iso(broken, swapped).null_count > 0:
            return False
        days = pc.cast(pc.utf8_slice_codeunits(values.drop_null(), 8, 10), pa.int64())
        is_enough = len(days) + len(broken) >= DATES_AT_LEAST
        return is_enough and not pc.any(pc.greater(days, 12)).as_py()

    def _forms(self, column: Column) -> tuple[str | DateForm, ...]:
        layout = self.layout
        is_date = column.logicalType == "date"
        moments = [layout.moment_format, *layout.more_datetime_formats, layout.date_format]
        texts = [layout.date_format] if is_date else moments
        forms = [layout.date_form(text) for text in dict.fromkeys(texts)]
        is_native = layout.file.form == "xlsx" and (is_date or not layout.time_format)
        more = [NATIVE_CELL] if is_native else []
        if column.is_in_any_format:
            more += [ISO_DATETIME, ISO_DATE]
        return (*forms, *(text for text in dict.fromkeys(more) if text not in texts))


def _as_mapped(texts: pa.Array, codes: pa.Array) -> pa.Array:
    """Codes as the code map writes them, where they differ from it in case or spaces alone."""
    is_known = pc.is_in(texts, value_set=codes)
    unknown = pc.unique(texts.filter(pc.invert(is_known)).drop_null())
    if not len(unknown):
        return texts
    by_key = {code_key(code): code for code in codes.to_pylist()}
    mapped = pa.array([by_key.get(code_key(text)) for text in unknown.to_pylist()], pa.string())
    place = pc.index_in(texts, value_set=unknown)
    return pc.coalesce(mapped.take(place), texts)


def _broken(has_wrong_form: pa.Array, texts: pa.Array) -> npt.NDArray[np.bool_]:
    if texts.null_count == len(texts):
        return np.zeros(len(texts), dtype=np.bool_)
    broken = pc.and_kleene(pc.fill_null(has_wrong_form, False), texts.is_valid())
    return np.asarray(broken.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _skipped(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Which ISO moments are in an hour that the clocks skip; only nights in March are looked at."""
    found = np.zeros(len(values), dtype=np.bool_)
    if values.null_count == len(values):
        return found
    may_be = pc.fill_null(pc.match_substring_regex(values, "-03-(2[5-9]|3[01])T0[0-2]:"), False)
    for position in np.flatnonzero(may_be.to_numpy(zero_copy_only=False)):
        found[position] = is_skipped(values[position].as_py())
    return found


def find_swapped_columns(
    table: Table, fields: dict[str, FieldTexts], checks: FieldChecks
) -> Iterator[str]:
    """Return each column that contains another's values, and it the column's.

    That is: most values of one have not its form, they have the other's, and the other's values
    have the form of the first.
    """
    suspects = [
        name
        for name, item in fields.items()
        if item.is_broken.sum() >= SWAPPED_AT_LEAST
        and item.is_broken.sum() > SWAPPED_SHARE * item.filled_count
    ]
    for name in suspects:
        for other, item in fields.items():
            is_comparable = _has_form(table.columns[other]) or not table.columns[name].pattern
            if other == name or item.filled_count < SWAPPED_AT_LEAST or not is_comparable:
                continue
            fits_here = _share_that_fits(checks, table.columns[name], item.texts)
            fits_there = _share_that_fits(checks, table.columns[other], fields[name].texts)
            if fits_here > SWAPPED_SHARE and fits_there > SWAPPED_SHARE:
                yield name
                break


def find_unreadable_starts(table: Table, fields: dict[str, FieldTexts]) -> Iterator[str]:
    """Return each column of whose starts of absences most cannot be read: without one, none counts.

    Where day and month are swapped they cannot be trusted either.
    """
    for name, item in fields.items():
        if item.fault and table.columns[name].must_be_read:
            yield name


def _has_form(column: Column) -> bool:
    """Whether values of the column can be told from other texts."""
    return bool(column.logicalType != "string" or column.code_map or column.pattern)


def _share_that_fits(checks: FieldChecks, column: Column, texts: pa.Array) -> float:
    checked = checks.check(column, texts)
    return 1.0 - float(checked.is_broken.sum()) / max(1, checked.filled_count)
