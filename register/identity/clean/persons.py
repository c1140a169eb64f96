"""Persons: the form of record that the linkage model scores.

A person is one record of a source; two persons may be the same child. A record becomes a person in
two steps. Its fields are collected (`COLLECTED_SCHEMA`). Then it is shaped: it gets the forms of
its names, a column of crowded postcodes, and its position in the order of keys. This module
collects mentions; `person_tables` collects other tables.

Dates of absences are left out, since they must not decide a link.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean.fields import OUTWARD_CODE
from register.identity.clean.mentions import MENTION_SCHEMA
from register.identity.clean.name_forms import build_name_forms
from register.identity.clean.other_calendars import list_other_readings
from register.queries import read_query

CROWDED_HOLDERS = 12
# Days that offices write if the birthday is not known (month and day), as an SQL list. The last two
# begin the solar Hijri and the Ethiopian year.
DEFAULT_DAYS = "('0101', '0701', '0321', '0911')"
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
COLLECT_MENTIONS = read_query(__package__, "collected_mentions", district=OUTWARD_CODE.pattern)
SHAPE_PERSONS = read_query(__package__, "shaped_persons")
POSITION_PERSONS = read_query(__package__, "positioned_persons")
COUNT_HOLDERS = """
create or replace temp table holders as
select postcode, count(*) as holder_count
from (select unnest(postcodes) as postcode from {table})
group by postcode
"""


class PersonsError(ValueError):
    """A table cannot be read as persons; the message names columns, never a value."""


def shape_persons(collected: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape collected records for the model; return one row per person in order of key.

    `collected` has `COLLECTED_SCHEMA` and possibly `other_…` text columns. A postcode is crowded if
    more than `crowded_holders` persons have it, so that sharing it is weak evidence. The rows
    contain everything about the population that the model needs. So the score of a pair depends on
    its two rows and the model alone. Raises `PersonsError` if a key is missing or not unique.
    """
    keys = collected["person_key"]
    if keys.null_count or pc.count_distinct(keys).as_py() != len(keys):
        raise PersonsError("every person needs a key of its own")
    return _position_shaped(_shape_each(collected), crowded_holders)


def persons_from_mentions(mentions: pa.Table, crowded_holders: int = CROWDED_HOLDERS) -> pa.Table:
    """Shape cleaned mentions (`MENTION_SCHEMA`) for the model, as `shape_persons` does.

    The name that a source uses most often comes first. A person's dataset is the source (police or
    authority).
    """
    return _position_shaped(shape_mentions(mentions), crowded_holders)


def shape_mentions(mentions: pa.Table) -> pa.Table:
    """Shape cleaned mentions, without the columns that depend on other mentions; in no order."""
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(MENTION_SCHEMA.names))
        collected = connection.execute(COLLECT_MENTIONS).to_arrow_table()
    return _shape_each(collected.cast(COLLECTED_SCHEMA))


def count_holders(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Fill `holders` with the number of rows of `table` that have each postcode."""
    connection.execute(COUNT_HOLDERS.format(table=table))


def position_persons(
    connection: duckdb.DuckDBPyConnection, table: str, crowded_holders: int
) -> None:
    """Create `table` from `shaped` and `holders`, and add `person_id` and crowded postcodes."""
    statement = f"create temp table {table} as {POSITION_PERSONS}"
    connection.execute(statement, {"crowded": crowded_holders})


def _position_shaped(shaped: pa.Table, crowded_holders: int) -> pa.Table:
    with duckdb.connect(":memory:") as connection:
        connection.register("shaped", shaped)
        count_holders(connection, "shaped")
        return connection.execute(POSITION_PERSONS, {"crowded": crowded_holders}).to_arrow_table()


def _shape_each(collected: pa.Table) -> pa.Table:
    """Shape each collected record on its own; the rows are in no order."""
    others = "".join(f", {name}" for name in list_other_columns(collected))
    names = pc.unique(pc.list_flatten(collected["names"])).to_pylist()
    with duckdb.connect(":memory:") as connection:
        connection.register("collected", collected)
        connection.register("forms", build_name_forms(name for name in names if name))
        connection.register("readings", _build_readings(collected))
        statement = SHAPE_PERSONS.format(others=others, defaults=DEFAULT_DAYS)
        return connection.execute(statement).to_arrow_table()


def _build_readings(collected: pa.Table) -> pa.Table:
    """Return the distinct dates of birth, each with its readings in other calendars."""
    dates = pc.unique(pc.list_flatten(collected["birth_dates"])).drop_null().to_pylist()
    readings = pa.array([list_other_readings(born) for born in dates], pa.list_(pa.string()))
    return pa.table({"born": pa.array(dates, pa.string()), "readings": readings})


def list_other_columns(table: pa.Table) -> list[str]:
    """Return the names of the extra text columns (`other_…`), sorted."""
    return sorted(name for name in table.column_names if name.startswith("other_"))


@cache
def hash_shaping_code() -> str:
    """Return a hash of the code and tables that shape persons.

    Cached shapes are valid only for this code.
    """
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.py"), *folder.glob("*.yaml"), *folder.glob("sql/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
