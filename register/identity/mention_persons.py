"""Mentions as persons: the register's own records in the shape that the linkage model scores."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.mentions import MENTION_SCHEMA
from register.identity.persons import (
    COLLECTED_SCHEMA,
    CROWDED_HOLDERS,
    DISTRICT,
    place_persons,
    shape_alone,
)

COLLECT = f"""
select
    mention_key as person_key,
    source as dataset,
    case
        when list_contains(names, primary_name)
            then list_prepend(
                primary_name, list_filter(names, lambda name: name != primary_name)
            )
        else names
    end as names,
    list_transform(birth_dates, lambda born: strftime(born, '%Y%m%d')) as birth_dates,
    cast(year(birth_date_earliest) as integer) as birth_year_least,
    cast(year(birth_date_latest) as integer) as birth_year_most,
    case when sex_code in ('female', 'male') then sex_code end as sex,
    postcodes,
    list_sort(list_distinct(list_concat(
        list_transform(postcodes, lambda postcode: case
            when regexp_matches(postcode[:-4], '{DISTRICT.pattern}') then postcode[:-4]
            else postcode[:-2]
        end),
        postcode_districts
    ))) as districts,
    identifiers
from mentions
"""


def persons_from_mentions(mentions: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape the register's cleaned mentions (`mentions.MENTION_SCHEMA`) for the model.

    The name that a source writes most often comes first. The dataset of a person is its source,
    police or authority. One row per person in order of key, as `persons.shape_persons` gives.
    """
    return place_persons(shape_mentions(mentions), crowded_holders)


def shape_mentions(mentions: pa.Table) -> pa.Table:
    """Shape mentions as far as each says by itself (`persons.shape_alone`)."""
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(MENTION_SCHEMA.names))
        collected = connection.execute(COLLECT).to_arrow_table()
    return shape_alone(collected.cast(COLLECTED_SCHEMA))
