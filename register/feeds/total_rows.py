"""Rows of totals that fill every required column, as a table with one required column allows.

Such a row has to differ from a record whose reference is a word such as Total. Rows without a
required value belong in `register.feeds.normalise`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.checks import FieldTexts
from register.feeds.contract import Table
from register.feeds.tables import RawTable
from register.feeds.texts import TOTAL, clean_texts, has_only_totals

Mask = npt.NDArray[np.bool_]


def find_total_rows(raw: RawTable, table: Table, fields: Mapping[str, FieldTexts]) -> Mask:
    """Return a mask of the rows of totals that fill every required column.

    A row of totals begins with a label such as Total and otherwise has only numbers. It has no
    valid date, and a required value of it has another form than this column has in other rows.
    """
    is_labelled = np.zeros(len(raw.row_numbers), dtype=np.bool_)
    for place in _find_labelled(raw.columns, len(is_labelled)).tolist():
        is_labelled[place] = has_only_totals(part[place].as_py() or "" for part in raw.columns)
    is_total, has_record_form = is_labelled.copy(), np.ones_like(is_labelled)
    if not is_labelled.any():
        return is_labelled
    for column in table.properties:
        if column.name not in fields:
            continue
        values = fields[column.name].values
        is_valid = _to_mask(values.is_valid())
        if column.logicalType != "string":
            is_total &= ~is_valid
        if column.required:
            is_total &= is_valid
            forms = _describe_forms(values)
            usual = forms.filter(pa.array(~is_labelled)).drop_null()
            has_record_form &= _to_mask(pc.is_in(forms, value_set=usual))
    return is_total & ~has_record_form


def _find_labelled(columns: list[pa.Array], count: int) -> npt.NDArray[np.intp]:
    """Return the positions of the rows whose first filled cell begins like a label of totals."""
    is_labelled = np.zeros(count, dtype=np.bool_)
    is_open = np.ones(count, dtype=np.bool_)
    for column in columns:
        if not is_open.any():
            break
        texts = pc.fill_null(clean_texts(column), "")
        begins = pc.match_substring_regex(texts, f"^({TOTAL.pattern})", ignore_case=True)
        is_labelled |= is_open & _to_mask(begins)
        is_open &= _to_mask(pc.equal(texts, ""))
    return np.flatnonzero(is_labelled)


def _describe_forms(texts: pa.Array) -> pa.Array:
    """Return texts with A for each group of letters and 9 for each group of digits."""
    letters = pc.replace_substring_regex(texts, r"\p{L}+", "A")
    return pc.replace_substring_regex(letters, "[0-9]+", "9")


def _to_mask(values: pa.Array) -> Mask:
    mask: Mask = values.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask
