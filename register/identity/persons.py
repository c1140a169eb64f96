"""Persons: the one shape that the linkage model scores, from mentions or from any person table.

A person is a record of a source, not yet a child. Two steps: collect what a record says
(`COLLECTED_SCHEMA`), then shape it (`shape_persons`): forms of its names, crowded postcodes apart,
a position in key order. Event dates have no place here: a pair is never linked by them.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.name_forms import name_form_table

IDENTIFIER_KINDS = ("nhs", "upn", "home_office", "police")
CROWDED_HOLDERS = 12
SEX_CODES = {"f": "female", "female": "female", "2": "female", "m": "male", "male": "male"} | {
    "1": "male"
}
DISTRICT = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")

COLLECTED_SCHEMA = pa.schema(
    [
        ("person_key", pa.string()),
        ("dataset", pa.string()),
        ("names", pa.list_(pa.string())),
        ("birth_dates", pa.list_(pa.string())),
        ("birth_year_least", pa.int32()),
        ("birth_year_most", pa.int32()),
        ("sex", pa.string()),
        ("postcodes", pa.list_(pa.string())),
        ("districts", pa.list_(pa.string())),
        ("identifiers", pa.list_(pa.string())),
    ]
)

SHAPE = """
with named as (
    select collected.person_key, forms.*, listed.place
    from collected
    cross join unnest(collected.names) with ordinality as listed(name, place)
    inner join forms on listed.name = forms.name
), by_person as (
    select person_key,
        arg_min(forename, place) filter (forename is not null) as forename,
        arg_min(forename_whole, place) filter (forename is not null) as forename_whole,
        arg_min(surname, place) filter (surname is not null) as surname,
        arg_min(forename_sound, place) filter (forename is not null) as forename_sound,
        arg_min(surname_sound, place) filter (surname is not null) as surname_sound,
        list_sort(list_distinct(list_concat(
            list(forename) filter (forename is not null),
            list(forename_whole) filter (forename is not null)
        ))) as forenames,
        list_sort(list(distinct surname) filter (surname is not null)) as surnames,
        list_sort(list_distinct(flatten(list(surname_parts)))) as surname_parts,
        list_sort(list_distinct(flatten(list(forename_roots)))) as forename_roots
    from named
    group by person_key
), holders as (
    select postcode, count(*) as holder_count
    from (select unnest(postcodes) as postcode from collected)
    group by postcode
), placed as (
    select person_key,
        list_sort(list(postcode) filter (holder_count <= $crowded)) as postcodes_private,
        list_sort(list(postcode) filter (holder_count > $crowded)) as postcodes_crowded
    from (select person_key, unnest(postcodes) as postcode from collected)
    inner join holders using (postcode)
    group by person_key
)
select
    cast(row_number() over (order by collected.person_key) - 1 as integer) as person_id,
    collected.person_key, collected.dataset,
    forename, forename_whole, surname, forename_sound, surname_sound,
    forenames, surnames, surname_parts, forename_roots,
    collected.birth_dates[1] as birth_date, collected.birth_dates,
    coalesce(birth_year_least, try_cast(collected.birth_dates[1][1:4] as integer))
        as birth_year_least,
    coalesce(birth_year_most, try_cast(collected.birth_dates[1][1:4] as integer))
        as birth_year_most,
    sex, collected.postcodes[1] as postcode, collected.postcodes, postcodes_private,
    postcodes_crowded, districts,
    {identifiers}
    {others}
from collected
left join by_person using (person_key)
left join placed using (person_key)
order by person_id
"""


class PersonsError(ValueError):
    """A table cannot be read as persons; the message names columns and never a value."""


def shape_persons(collected: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape collected records for the model, one row per person in order of key.

    `collected` has `COLLECTED_SCHEMA` and any `other_…` text columns. A postcode that more than
    `crowded_holders` persons have is crowded: sharing it says little. Everything that depends on
    the population is in the row, so that a pair's score follows from its two rows and the model.
    Raises `PersonsError` if a key is missing or not unique.
    """
    keys = collected["person_key"]
    if keys.null_count or pc.count_distinct(keys).as_py() != len(keys):
        raise PersonsError("every person needs a key of its own")
    others = other_columns(collected)
    identifiers = ",\n".join(_identifier_list(kind) for kind in IDENTIFIER_KINDS)
    query = SHAPE.format(identifiers=identifiers, others="".join(f", {name}" for name in others))
    names = pc.unique(pc.list_flatten(collected["names"])).to_pylist()
    with duckdb.connect(":memory:") as connection:
        connection.register("collected", _empty_lists_as_null(collected))
        connection.register("forms", name_form_table(name for name in names if name))
        return connection.execute(query, {"crowded": crowded_holders}).to_arrow_table()


def persons_from_mentions(mentions: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape the register's cleaned mentions (`mentions.MENTION_SCHEMA`) for the model.

    Used where the table has them: `primary_name`, `sex_code`, `birth_date_earliest` and
    `birth_date_latest` (of a record with an age alone), `postcode_districts`. The dataset of a
    person is its source, police or authority.
    """
    count = mentions.num_rows
    columns = {
        "person_key": mentions["mention_key"],
        "dataset": mentions["source"],
        "names": _names_primary_first(mentions),
        "birth_dates": _compact_dates(mentions["birth_dates"]),
        "birth_year_least": _year(mentions, "birth_date_earliest"),
        "birth_year_most": _year(mentions, "birth_date_latest"),
        "sex": _sex(mentions["sex_code"]) if "sex_code" in mentions.column_names else None,
        "postcodes": mentions["postcodes"],
        "districts": with_districts(mentions),
        "identifiers": mentions["identifiers"],
    }
    arrays = [
        pa.nulls(count, field.type)
        if columns[field.name] is None
        else columns[field.name].cast(field.type)
        for field in COLLECTED_SCHEMA
    ]
    return shape_persons(pa.table(arrays, schema=COLLECTED_SCHEMA), crowded_holders)


def other_columns(table: pa.Table) -> list[str]:
    """Return the names of the extra text columns (`other_…`), sorted."""
    return sorted(name for name in table.column_names if name.startswith("other_"))


def with_districts(mentions: pa.Table) -> pa.Array:
    """Return the postcode districts of each mention, from its postcodes and those known alone."""
    known = (
        mentions["postcode_districts"].to_pylist()
        if "postcode_districts" in mentions.column_names
        else [None] * mentions.num_rows
    )
    return pa.array(
        [
            sorted({district_of(postcode) for postcode in postcodes or ()} | set(alone or ()))
            for postcodes, alone in zip(mentions["postcodes"].to_pylist(), known, strict=True)
        ],
        pa.list_(pa.string()),
    )


def district_of(postcode: str) -> str:
    """Return the outward part of a British postcode, or all but the last character of another."""
    outward = postcode[:-3]
    return outward if DISTRICT.match(outward) else postcode[:-1]


def _identifier_list(kind: str) -> str:
    return (
        f"list_filter(collected.identifiers, lambda item: starts_with(item, '{kind}|'))"
        f" as identifiers_{kind}"
    )


def _empty_lists_as_null(table: pa.Table) -> pa.Table:
    """Make a list without items null, so that 'not known' has one form."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            column = table[field.name]
            is_filled = pc.greater(pc.fill_null(pc.list_value_length(column), 0), 0)
            values = column.to_pylist()
            kept = [
                value if filled else None
                for value, filled in zip(values, is_filled.to_pylist(), strict=True)
            ]
            table = table.set_column(place, field.name, pa.array(kept, field.type))
    return table


def _names_primary_first(mentions: pa.Table) -> pa.Array:
    names = mentions["names"]
    if "primary_name" not in mentions.column_names:
        return names
    return pa.array(
        [
            sorted(each or (), key=lambda name, first=primary: (name != first, name))
            for each, primary in zip(
                names.to_pylist(), mentions["primary_name"].to_pylist(), strict=True
            )
        ],
        pa.list_(pa.string()),
    )


def _compact_dates(lists: pa.ChunkedArray) -> pa.Array:
    return pa.array(
        [[value.strftime("%Y%m%d") for value in each or ()] for each in lists.to_pylist()],
        pa.list_(pa.string()),
    )


def _year(mentions: pa.Table, column: str) -> pa.ChunkedArray | None:
    return pc.year(mentions[column]) if column in mentions.column_names else None


def _sex(codes: pa.ChunkedArray) -> pa.Array:
    return pa.array([SEX_CODES.get((code or "").lower()) for code in codes.to_pylist()])
