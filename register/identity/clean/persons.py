"""Persons: the one form of record that the linkage model scores.

A person is one record of a source, not yet a child. Two steps: collect its fields
(`COLLECTED_SCHEMA`), then shape them: forms of its names, crowded postcodes in a column of their
own, a position in key order. Mentions are collected here, any other table in `person_tables`. Event
dates do not belong here: a pair is never linked by them.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean.mentions import MENTION_SCHEMA
from register.identity.clean.name_forms import name_form_table
from register.queries import read_query

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

COLLECT_MENTIONS = read_query(__package__, "collected_mentions", district=DISTRICT.pattern)

SHAPE = read_query(__package__, "shaped_persons")

HOLDERS = """
create or replace temp table holders as
select postcode, count(*) as holder_count
from (select unnest(postcodes) as postcode from {table})
group by postcode
"""

POSITIONED = read_query(__package__, "positioned_persons")


class PersonsError(ValueError):
    """A table cannot be read as persons; the message names columns, never a value."""


def shape_persons(collected: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape collected records for the model, one row per person in order of key.

    `collected` has `COLLECTED_SCHEMA` and any `other_…` text columns. A postcode of more than
    `crowded_holders` persons is crowded: sharing it is weak evidence. Everything that depends on
    the population is in the row, so that a pair's score follows from its two rows and the model.
    Raises `PersonsError` if a key is missing or not unique.
    """
    keys = collected["person_key"]
    if keys.null_count or pc.count_distinct(keys).as_py() != len(keys):
        raise PersonsError("every person needs a key of its own")
    return _positioned(_shaped(collected), crowded_holders)


def persons_from_mentions(mentions: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape cleaned mentions (`MENTION_SCHEMA`) for the model, as `shape_persons`.

    The name that a source uses most often comes first. A person's dataset is its source, police or
    authority.
    """
    return _positioned(shape_mentions(mentions), crowded_holders)


def shape_mentions(mentions: pa.Table) -> pa.Table:
    """Shape cleaned mentions without the columns that depend on the population; in no order."""
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(MENTION_SCHEMA.names))
        collected = connection.execute(COLLECT_MENTIONS).to_arrow_table()
    return _shaped(collected.cast(COLLECTED_SCHEMA))


def count_holders(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Fill `holders` (postcode, holder_count) from the `postcodes` of `table`."""
    connection.execute(HOLDERS.format(table=table))


def position_persons(
    connection: duckdb.DuckDBPyConnection, table: str, crowded_holders: int
) -> None:
    """Create `table` from `shaped` and `holders`: adds `person_id` and the crowded postcodes."""
    connection.execute(f"create temp table {table} as {POSITIONED}", {"crowded": crowded_holders})


def _positioned(shaped: pa.Table, crowded_holders: int) -> pa.Table:
    with duckdb.connect(":memory:") as connection:
        connection.register("shaped", shaped)
        count_holders(connection, "shaped")
        return connection.execute(POSITIONED, {"crowded": crowded_holders}).to_arrow_table()


def _shaped(collected: pa.Table) -> pa.Table:
    """Shape collected records each on its own; rows are in no order."""
    lists = {
        name: _filled(f"collected.{name}") for name in ("birth_dates", "postcodes", "districts")
    }
    query = SHAPE.format(
        **lists,
        kinds=",\n".join(_identifier_list(kind) for kind in IDENTIFIER_KINDS),
        others="".join(f", {name}" for name in other_columns(collected)),
    )
    names = pc.unique(pc.list_flatten(collected["names"])).to_pylist()
    with duckdb.connect(":memory:") as connection:
        connection.register("collected", collected)
        connection.register("forms", name_form_table(name for name in names if name))
        return connection.execute(query).to_arrow_table()


def other_columns(table: pa.Table) -> list[str]:
    """Return the names of the extra text columns (`other_…`), sorted."""
    return sorted(name for name in table.column_names if name.startswith("other_"))


@cache
def hash_shaping_code() -> str:
    """Return the hash of the code that shapes a person, so that no shape outlives it."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.py"), *folder.glob("sql/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def district_of(postcode: str) -> str:
    """Return the outward part of a British postcode, or all but the last character of another."""
    outward = postcode[:-3]
    return outward if DISTRICT.match(outward) else postcode[:-1]


def _filled(column: str) -> str:
    """A list, or null if it is empty, so that 'not known' has one form."""
    return f"case when len({column}) > 0 then {column} end"


def _identifier_list(kind: str) -> str:
    """The identifiers of one kind: null if the record has no identifier of any kind."""
    listed = f"list_filter(collected.identifiers, lambda item: starts_with(item, '{kind}|'))"
    return f"case when len(collected.identifiers) > 0 then {listed} end as identifiers_{kind}"
