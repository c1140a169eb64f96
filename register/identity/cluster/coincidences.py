"""Coincidences: how many other children would share a name and a date of birth by chance.

A shared name and date of birth are stronger evidence the rarer they are. Forenames and surnames are
not independent: Mohammed Khan is far from rare. So the bearers of whole names are counted. In a
small home a frequent name may have one bearer, so the model's frequencies of names count too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import identifies_a_person, is_customary, split_given_names
from register.identity.cluster.cluster_tables import register_name_forms
from register.identity.score import Frequencies

# Added to the number of bearers, so that no date of birth seems common because records are few.
DATES_OF_BIRTH = 5000

FORM_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("forename", pa.string()),
        ("surname", pa.string()),
        ("is_by_custom", pa.bool_()),
    ]
)
# Each full name with a date of birth counts once, however many mentions have both.
FILL_BEARERS = """
create temp table bearers as
select distinct forms.forename, forms.surname, birth_date, forms.is_by_custom
from mentions
cross join unnest(mentions.names) as named (name)
cross join unnest(mentions.birth_dates) as dated (birth_date)
inner join forms on named.name = forms.name
"""
# Names with one date of birth are left out to save memory: a name that is not in the result counts
# as having one.
COUNT_NAMES = """
select concat(forename, '|', surname), count(distinct birth_date)
from bearers group by forename, surname having count(distinct birth_date) > 1
"""
COUNT_PARTS = "select {part}, count(*) from bearers where not is_by_custom group by {part}"


class Namesakes:
    """Counts of mentions' full names and dates of birth, and how often two children share both."""

    def __init__(
        self, mentions: pa.Table, elsewhere: Mapping[str, Frequencies] | None = None
    ) -> None:
        """Count the names of `mentions`. `elsewhere` may be the model's frequencies of names."""
        self._shares = {column: each.values for column, each in (elsewhere or {}).items()}
        with duckdb.connect(":memory:") as connection:
            connection.register("mentions", mentions.select(["names", "birth_dates"]))
            register_name_forms(connection, "mentions", FORM_SCHEMA, _list_forms)
            connection.execute(FILL_BEARERS)
            self._names = dict(connection.execute(COUNT_NAMES).fetchall())
            self._forenames, self._surnames, self._dates = (
                Counter(dict(connection.execute(COUNT_PARTS.format(part=part)).fetchall()))
                for part in ("forename", "surname", "birth_date")
            )
        self._count = self._dates.total()

    def count_expected(self, one: dict[str, Any], other: dict[str, Any]) -> float:
        """Return how many other children would share, by chance, what the two records share.

        Both a name and a date of birth must be shared, or the result is 0. Of several shared dates
        of birth the rarest counts, and of several shared names the most frequent. The number of
        other bearers of a name is the number of its other dates of birth. It is at least the number
        that independent forenames and surnames would give, by the counts or by the frequencies of
        the model, since a name recorded once may still be frequent.
        """
        dates = set(one["birth_dates"]) & set(other["birth_dates"])
        names = _full_names(one["names"]) & _full_names(other["names"])
        if not dates or not names:
            return 0.0
        share = min(self._dates[born] for born in dates) / (self._count + DATES_OF_BIRTH)
        return max(self._count_others(name) for name in names) * share

    def _count_others(self, name: str) -> float:
        forename, surname = name.split("|")
        pairs = (self._forenames[forename] - 1) * (self._surnames[surname] - 1)
        # `_count` leaves out customary names (`is_by_custom`), so it may be 0.
        independent = pairs / max(self._count, 1)
        return max(
            self._names.get(name, 1) - 1.0, independent, self._expect_bearers(forename, surname)
        )

    def _expect_bearers(self, forename: str, surname: str) -> float:
        """Return the bearers of a name among as many children, by the model's frequencies."""
        shares = (("forename", forename), ("surname", surname))
        each, other = (self._shares.get(column, {}).get(name, 0.0) for column, name in shares)
        return self._count * each * other


def _list_forms(name: str) -> list[tuple[str, str, bool]]:
    """Return the full forms of a name, each with whether it comes from a customary name.

    A full form has a forename and a surname.
    """
    forms = ((_own_forms(name), False), (_forms_by_custom(name), True))
    parts = [
        (*full.partition("|"), is_custom) for each, is_custom in forms for full in sorted(each)
    ]
    return [(forename, surname, is_custom) for forename, _, surname, is_custom in parts]


def _full_names(names: list[str]) -> set[str]:
    return {form for name in names for form in _own_forms(name) | _forms_by_custom(name)}


def _own_forms(name: str) -> set[str]:
    """Return the first given name with the surname as a set, empty if one of the two is missing."""
    forenames, _, surname = name.partition("|")
    if not forenames or not surname:
        return set()
    return {f"{split_given_names(forenames)[0]}|{surname.replace(' ', '')}"}


def _forms_by_custom(name: str) -> set[str]:
    """Return further full names under which a child with a customary name may be recorded.

    For Simran Kaur Gill this is Simran Kaur; for Mohammed Ali Khan it is Ali Khan. Some clerks
    write customary names down, and others leave them out.
    """
    forenames, _, surname = name.partition("|")
    words, family = forenames.split(), surname.replace(" ", "")
    forms = {f"{words[0]}|{token}" for token in words[1:] if is_customary(token)}
    if len(words) > 1 and family and is_customary(words[0]):
        forms.add(f"{words[1]}|{family}")
    return forms


def count_events(mentions: pa.Table) -> Counter[str]:
    """Count how many police records have each police reference."""
    of_police = mentions.filter(pc.equal(mentions["source"], "police"))["identifiers"]
    listed = pc.list_flatten(of_police).to_pylist()
    return Counter(each for each in listed if not identifies_a_person(each))
