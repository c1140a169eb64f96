"""Weighing two mentions that no published pair holds: never compared, or below the threshold.

The two are rebuilt from the case lists, with everybody who shares an address with them, so that an
address is as crowded here as in the register; then the pinned model scores them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from register.identity.clean import MENTION_SCHEMA
from register.identity.score import Model, list_weights, score_pairs
from register.review.pairs import CaseLists, Mention, Weight

LISTS = {
    "names": "name",
    "birth_dates": "birth_date",
    "postcodes": "postcode",
    "postcode_districts": "postcode_district",
    "identifiers": "identifier",
}
SINGLE = {
    "sex_code": "sex",
    "birth_date_earliest": "birth_date_earliest",
    "birth_date_latest": "birth_date_latest",
    "care_first_start_date": "care_first_start_date",
    "adoption_date": "adoption_date",
}
NO_THRESHOLD = -1000.0


def weigh(
    case_lists: CaseLists, left: Iterable[Mention], right: Iterable[Mention], model: Model
) -> tuple[float, list[Weight]] | None:
    """Return the greatest match weight between two sets of mentions, and what made it.

    None where no blocking rule brings any two of them together.
    """
    lefts, rights = ({each.mention_key for each in side} for side in (left, right))
    mentions = _with_neighbours(case_lists, [*left, *right])
    scored = score_pairs(mentions, model, changed_keys=lefts | rights, least_weight=NO_THRESHOLD)
    rows = [
        row
        for row in scored.to_pylist()
        if {row["left_mention_key"], row["right_mention_key"]} & lefts
        and {row["left_mention_key"], row["right_mention_key"]} & rights
    ]
    if not rows:
        return None
    best = max(rows, key=lambda row: row["match_weight"])
    weighed = list_weights(pa.Table.from_pylist([best], schema=scored.schema), model)
    weights = [
        Weight(row["comparison_code"], row["level_code"], row["weight"])
        for row in weighed.to_pylist()
    ]
    return best["match_weight"], weights


def _with_neighbours(case_lists: CaseLists, mentions: list[Mention]) -> pa.Table:
    wanted = {each.mention_key: each for each in mentions}
    postcodes = {
        postcode for each in mentions for postcode in case_lists.fields_of(each).get("postcode", [])
    }
    for each in case_lists.holders_of("postcode", sorted(postcodes)):
        wanted.setdefault(each.mention_key, each)
    rows = [_row(case_lists, wanted[key]) for key in sorted(wanted)]
    return pa.Table.from_pylist(rows, schema=MENTION_SCHEMA)


def _row(case_lists: CaseLists, mention: Mention) -> dict[str, Any]:
    found = case_lists.fields_of(mention)
    row: dict[str, Any] = {
        "mention_key": mention.mention_key,
        "source": mention.source,
        "issuer_code": mention.issuer_code,
        "first_received_at": mention.first_received_at,
        "primary_name": next(iter(found.get("name", [])), None),
    }
    for column, field in LISTS.items():
        row[column] = sorted(found.get(field, []))
    for column, field in SINGLE.items():
        row[column] = next(iter(found.get(field, [])), None)
    for column, value in row.items():
        if pa.types.is_date(MENTION_SCHEMA.field(column).type) and value is not None:
            row[column] = date.fromisoformat(value)
    row["birth_dates"] = [date.fromisoformat(value) for value in row["birth_dates"]]
    return row
