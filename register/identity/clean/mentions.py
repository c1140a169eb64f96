"""Mentions: cleaned records, one for each person at each supplier.

The warehouse collects all versions of a person that a supplier delivered, and this module cleans
them. Cleaning takes one column at a time and each distinct value once. So its cost depends on the
number of distinct values, not of rows. Mentions are compared in `score`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean.fields import (
    EVENT_REFERENCE,
    PERSON_NUMBER,
    clean_district,
    clean_identifier,
    clean_person_name,
    clean_postcode,
)

OLDEST_BIRTH_DATE = date(1990, 1, 1)

MENTION_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("source", pa.string()),
        ("issuer_code", pa.string()),
        ("first_received_at", pa.timestamp("us")),
        ("first_period_start", pa.date32()),
        ("primary_name", pa.string()),
        ("names", pa.list_(pa.string())),
        ("sex_code", pa.string()),
        ("birth_dates", pa.list_(pa.date32())),
        ("birth_date_earliest", pa.date32()),
        ("birth_date_latest", pa.date32()),
        ("postcodes", pa.list_(pa.string())),
        ("postcode_districts", pa.list_(pa.string())),
        ("identifiers", pa.list_(pa.string())),
        ("care_first_start_date", pa.date32()),
        ("adoption_date", pa.date32()),
    ]
)


def clean_mentions(collected: pa.Table) -> pa.Table:
    """Return collected mentions, cleaned to `MENTION_SCHEMA` and ordered by key.

    `collected` has `names` as `forenames|surname` (an alias may have no bar) and `identifiers` as
    `type|value`. Each list in the result is cleaned, distinct and sorted; without usable values it
    is empty. `postcode_districts` are the outward codes of truncated postcodes.
    `birth_date_earliest` and `birth_date_latest` are kept only if no date of birth is usable.
    """
    ordered = collected.sort_by("mention_key")
    birth_dates = keep_plausible_birth_dates(ordered["birth_dates"], ordered["first_received_at"])
    is_dated = pc.greater(pc.list_value_length(birth_dates), 0)
    no_date = pa.scalar(None, pa.date32())
    identifiers = clean_list_column(ordered["identifiers"], clean_identifier)
    columns = {
        "primary_name": clean_column(ordered["primary_name"], clean_person_name),
        "names": clean_list_column(ordered["names"], clean_person_name),
        "birth_dates": birth_dates,
        **{
            name: pc.if_else(is_dated, no_date, ordered[name].cast(pa.date32()).combine_chunks())
            for name in ("birth_date_earliest", "birth_date_latest")
        },
        "postcodes": clean_list_column(ordered["postcodes"], clean_postcode),
        "postcode_districts": clean_list_column(ordered["postcodes"], clean_district),
        "identifiers": _mark_person_numbers(identifiers, ordered["source"]),
    }
    arrays = [
        columns[field.name] if field.name in columns else ordered[field.name].cast(field.type)
        for field in MENTION_SCHEMA
    ]
    return pa.table(arrays, schema=MENTION_SCHEMA)


def _mark_person_numbers(identifiers: pa.Array, sources: pa.ChunkedArray) -> pa.Array:
    """Mark the police references in authority records that are really the numbers of persons.

    Authorities' case files have a single field for references and numbers. A value counts as a
    person's number if the police use it as one. If the police use it as a reference too, both
    meanings are kept.
    """
    values = pc.list_flatten(identifiers).to_pylist()
    parents = pc.list_parent_indices(identifiers).to_pylist()
    is_police = pc.equal(sources, "police").to_pylist()
    of_police = {value for value, parent in zip(values, parents, strict=True) if is_police[parent]}
    items = []
    for value, parent in zip(values, parents, strict=True):
        number = PERSON_NUMBER + value.removeprefix(EVENT_REFERENCE)
        is_number = not is_police[parent] and number in of_police
        if is_number:
            items.append((parent, number))
        if not is_number or value in of_police:
            items.append((parent, value))
    return _group_items(
        pa.array([parent for parent, _ in items], pa.int64()),
        pa.array([value for _, value in items], pa.string()),
        len(identifiers),
    )


def clean_column(values: pa.ChunkedArray, clean: Callable[[str], str | None]) -> pa.Array:
    """Clean a column of single values; a value that cannot be used becomes null."""
    return _clean_distinct(values.cast(pa.string()).combine_chunks(), clean)


def clean_list_column(lists: pa.ChunkedArray, clean: Callable[[str], str | None]) -> pa.Array:
    """Clean every item of a column of lists, and return the usable items, distinct and sorted."""
    combined = lists.cast(pa.list_(pa.string())).combine_chunks()
    cleaned = _clean_distinct(pc.list_flatten(combined), clean)
    return _group_items(pc.list_parent_indices(combined), cleaned, len(combined))


def keep_plausible_birth_dates(lists: pa.ChunkedArray, known_at: pa.ChunkedArray) -> pa.Array:
    """Keep the dates of birth between 1990 and the day on which the record was received."""
    combined = lists.cast(pa.list_(pa.date32())).combine_chunks()
    parents, values = pc.list_parent_indices(combined), pc.list_flatten(combined)
    known_on = known_at.combine_chunks().cast(pa.date32()).take(parents)
    is_plausible = pc.and_(
        pc.greater_equal(values, pa.scalar(OLDEST_BIRTH_DATE)), pc.less_equal(values, known_on)
    )
    dates = pc.if_else(is_plausible, values, pa.scalar(None, pa.date32()))
    return _group_items(parents, dates, len(combined))


def _clean_distinct(values: pa.Array, clean: Callable[[str], str | None]) -> pa.Array:
    """Clean each distinct value of a column once, and return the whole column."""
    encoded = values.dictionary_encode()
    cleaned = pa.array([clean(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return cleaned.take(encoded.indices)


def _group_items(parents: pa.Array, values: pa.Array, count: int) -> pa.Array:
    """Return `count` lists, one for each row; each has the items of its row, distinct and sorted.

    `parents` has the row of each of the `values`.
    """
    items = pa.table({"parent": parents, "value": values}).filter(pc.is_valid(values))
    distinct = items.group_by(["parent", "value"]).aggregate([])
    distinct = distinct.sort_by([("parent", "ascending"), ("value", "ascending")])
    lengths = np.bincount(distinct["parent"].to_numpy(), minlength=count)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), distinct["value"].combine_chunks()
    )
