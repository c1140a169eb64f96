"""Coincidences: how many other children would share a name and a date of birth by chance.

Names and a date of birth are evidence in proportion to how rare they are together. Forenames and
surnames go together (Mohammed Khan is far from rare), so bearers of the whole name are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import identifies_a_person, split_given_names
from register.identity.cluster.custom_names import is_by_custom

# Each possible date of birth counts as one bearer more, so that few records do not make it common.
DATES_OF_BIRTH = 5000

FORMS = pa.schema(
    [
        ("name", pa.string()),
        ("forename", pa.string()),
        ("surname", pa.string()),
        ("is_by_custom", pa.bool_()),
    ]
)


DISTINCT_NAMES = "select distinct unnest(names) as name from mentions"
# Each full name with a date of birth once, however many mentions have both.
BEARERS = """
create temp table bearers as
select distinct forms.forename, forms.surname, birth_date, forms.is_by_custom
from mentions
cross join unnest(mentions.names) as named (name)
cross join unnest(mentions.birth_dates) as dated (birth_date)
inner join forms on named.name = forms.name
"""
# A name that is borne once is left out: few are borne more often.
NAMES = """
select concat(forename, '|', surname), count(distinct birth_date)
from bearers group by forename, surname having count(distinct birth_date) > 1
"""
PARTS = "select {part}, count(*) from bearers where not is_by_custom group by {part}"


class Namesakes:
    """Bearers of each full name and date of birth among all mentions (`MENTION_SCHEMA`)."""

    def __init__(self, mentions: pa.Table) -> None:
        with duckdb.connect(":memory:") as connection:
            connection.register("mentions", mentions.select(["names", "birth_dates"]))
            # One name at a time: a nation has far fewer names than mentions.
            names = [name for (name,) in connection.execute(DISTINCT_NAMES).fetchall()]
            connection.register("forms", _forms(names))
            connection.execute(BEARERS)
            self._names = dict(connection.execute(NAMES).fetchall())
            self._forenames, self._surnames, self._dates = (
                Counter(dict(connection.execute(PARTS.format(part=part)).fetchall()))
                for part in ("forename", "surname", "birth_date")
            )
        self._count = self._dates.total()

    def expected(self, one: dict[str, Any], other: dict[str, Any]) -> float:
        """Return how many further children of a common name and date two records leave to chance.

        Of the dates of birth that both records have, the rarest counts; of their common names, the
        commonest. The number of other bearers of a name is that of its other dates of birth, and no
        less than if forename and surname were independent, since a name borne once says little of
        how rare it is. 0 if the records have no name or date in common.
        """
        dates = set(one["birth_dates"]) & set(other["birth_dates"])
        names = _all_forms(one["names"]) & _all_forms(other["names"])
        if not dates or not names:
            return 0.0
        share = min(self._dates[born] for born in dates) / (self._count + DATES_OF_BIRTH)
        return max(self._others(name) for name in names) * share

    def _others(self, name: str) -> float:
        forename, surname = name.split("|")
        pairs = (self._forenames[forename] - 1) * (self._surnames[surname] - 1)
        # Where no record has a full name, names by custom are all there are.
        independent = pairs / max(self._count, 1)
        return max(self._names.get(name, 1) - 1.0, independent)


def _forms(names: list[str]) -> pa.Table:
    """Each name with the forename and surname of its full names, its own and those by custom."""
    rows = [
        (name, *full.split("|"), is_by_custom)
        for name in names
        for found, is_by_custom in ((_full_names([name]), False), (_forms_by_custom([name]), True))
        for full in sorted(found)
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(FORMS)
    arrays = [pa.array(each, kind) for each, kind in zip(columns, FORMS.types, strict=True)]
    return pa.table(arrays, schema=FORMS)


def _full_names(names: list[str] | tuple[str, ...]) -> set[str]:
    """First given name and surname of each name that has both."""
    parts = (name.partition("|") for name in names)
    return {
        f"{split_given_names(forenames)[0]}|{surname.replace(' ', '')}"
        for forenames, _, surname in parts
        if forenames and surname
    }


def _forms_by_custom(names: Iterable[str]) -> set[str]:
    """Further full names of one child: Simran Kaur for Simran Kaur Gill, Ali Khan without Mohammed.

    As another clerk writes down what is a name by custom, or leaves it out.
    """
    forms = set()
    for name in names:
        forenames, _, surname = name.partition("|")
        given, family = forenames.split(), surname.replace(" ", "")
        forms |= {f"{given[0]}|{token}" for token in given[1:] if is_by_custom(token)}
        if len(given) > 1 and family and is_by_custom(given[0]):
            forms.add(f"{given[1]}|{family}")
    return forms


def _all_forms(names: list[str]) -> set[str]:
    return _full_names(names) | _forms_by_custom(names)


def count_events(mentions: pa.Table) -> Counter[str]:
    """Count of how many police records each police reference is."""
    of_police = mentions.filter(pc.equal(mentions["source"], "police"))["identifiers"]
    listed = pc.list_flatten(of_police).to_pylist()
    return Counter(each for each in listed if not identifies_a_person(each))
