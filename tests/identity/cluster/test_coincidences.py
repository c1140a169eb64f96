"""Coincidences: names and a date of birth count in proportion to how rare they are together."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.identity.clean import MENTION_SCHEMA
from register.identity.cluster import coincidences, promote_links
from register.identity.cluster.coincidences import Namesakes
from register.identity.score import Frequencies
from tests.identity.people import BORN, Case, care_table, mention, mention_table

COMMON = "common_name_and_birth_date"


def namesakes(count, name="Jack|Smith"):
    """Children of one name, each born on another day."""
    return [
        mention(f"n{number:03d}", name, born=[date(2008, 1, 2 + number % 28)], period=None)
        for number in range(count)
    ]


def pair_at(*postcodes):
    """Two records of one name and date of birth, each with its address."""
    return [
        mention(key, "Jack|Smith", postcodes=[postcode])
        for key, postcode in zip(("p1", "p2"), postcodes, strict=True)
    ]


def cap_of(case):
    """The cap of the pair p1, p2 after collective evidence."""
    links = promote_links(case.mentions, case.links(), care_table())
    return next(
        row["capped_by"]
        for row in links.to_pylist()
        if (row["left_mention_key"], row["right_mention_key"]) == ("p1", "p2")
    )


IN_TWO_CITIES = Case(*pair_at("S1 1AA", "M1 1AE"))
IN_TWO_CITIES_AMONG_MANY = Case(*pair_at("S1 1AA", "M1 1AE"), *namesakes(12))
IN_ONE_CITY_AMONG_MANY = Case(*pair_at("S1 1AA", "S6 3BB"), *namesakes(12))


def test_a_name_that_many_bear_is_held_back_in_another_city_alone():
    """Prevents two children of a common name, born on one day, from becoming one child."""
    assert cap_of(IN_TWO_CITIES) is None
    assert cap_of(IN_TWO_CITIES_AMONG_MANY) == COMMON
    assert cap_of(IN_ONE_CITY_AMONG_MANY) is None


def test_pairs_are_held_back_alike_however_many_are_compared_at_once(monkeypatch):
    """Prevents a pair at the end of a part from being left out, or given another pair's cap."""
    case = IN_TWO_CITIES_AMONG_MANY
    at_once = promote_links(case.mentions, case.links(), care_table())
    assert COMMON in at_once["capped_by"].to_pylist()
    monkeypatch.setattr("register.identity.cluster.collective_evidence.PAIRS_AT_ONCE", 1)
    assert promote_links(case.mentions, case.links(), care_table()).equals(at_once)


def test_expected_coincidences_rise_with_the_bearers_of_the_whole_name():
    """Prevents the evidence of a rare name from counting for a common one."""
    one, other = (
        {"names": ["jack|smith"], "birth_dates": [BORN]},
        {"names": ["jack|smith"], "birth_dates": [BORN]},
    )
    few, many = (
        Namesakes(mention_table(*pair_at("S1 1AA", "M1 1AE"), *namesakes(count))).count_expected(
            one, other
        )
        for count in (2, 12)
    )
    assert many == pytest.approx(6 * few, rel=0.01)
    assert few > 0


def test_forename_and_surname_count_apart_where_the_whole_name_is_rare():
    """Prevents a name borne once from passing for one that nobody else can have."""
    rows = [mention("p1", "Jack|Smith"), mention("p2", "Jack|Smith")]
    rows += namesakes(20, "Jack|Lark") + [
        {**row, "mention_key": f"s{row['mention_key']}"} for row in namesakes(20, "Lily|Smith")
    ]
    record = {"names": ["jack|smith"], "birth_dates": [BORN]}
    assert Namesakes(mention_table(*rows)).count_expected(record, record) > 1e-3


def test_records_without_a_common_name_or_date_share_nothing_by_chance():
    """Prevents a division by bearers that are not there."""
    namesakes_of_pair = Namesakes(mention_table(*pair_at("S1 1AA", "M1 1AE")))
    record = {"names": ["jack|smith"], "birth_dates": [BORN]}
    assert (
        namesakes_of_pair.count_expected(record, {"names": ["|smith"], "birth_dates": [BORN]}) == 0
    )
    assert (
        namesakes_of_pair.count_expected(record, {"names": ["jack|smith"], "birth_dates": []}) == 0
    )


def test_a_small_home_knows_from_the_model_which_names_are_frequent():
    """Prevents a frequent name from counting as rare because few children are recorded."""
    rows = [
        mention("p1", "Jack|Smith"),
        *(mention(f"n{place:02}", f"{'Abcdefghij'[place]}xy|Rare") for place in range(9)),
    ]
    record = {"names": ["jack|smith"], "birth_dates": [BORN]}
    assert Namesakes(mention_table(*rows)).count_expected(record, record) == 0
    frequent = {
        column: Frequencies(otherwise=1e-5, values={name: share})
        for column, name, share in (("forename", "jack", 0.02), ("surname", "smith", 0.01))
    }
    others = Namesakes(mention_table(*rows), frequent).count_expected(record, record)
    share_of_date = len(rows) / (len(rows) + coincidences.DATES_OF_BIRTH)
    assert others == pytest.approx(len(rows) * 0.02 * 0.01 * share_of_date)


NAMES = [
    "Jack|Smith",
    "Jack Ali|Smith",
    "Ali Khan|",
    "Mohammed Ali|Khan",
    "Simran Kaur|Gill",
    "Jo|",
]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(NAMES), max_size=3),
            st.lists(st.dates(date(2008, 1, 1), date(2008, 1, 4)), max_size=2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_bearers_are_counted_once_for_a_name_and_date_however_many_records_have_both(people):
    """Prevents a child with many records from making its own name common."""
    rows = mention_table(
        *(mention(f"m{place:02}", *names, born=born) for place, (names, born) in enumerate(people))
    ).to_pylist()
    counted = Namesakes(pa.Table.from_pylist(rows, schema=MENTION_SCHEMA))
    bearers = {
        (full, born)
        for row in rows
        for name in row["names"]
        for full in coincidences._own_forms(name)
        for born in row["birth_dates"]
    }
    others = {
        (full, born)
        for row in rows
        for name in row["names"]
        for full in coincidences._forms_by_custom(name)
        for born in row["birth_dates"]
    }
    for row in rows:
        dates = set(row["birth_dates"])
        names = coincidences._full_names(row["names"])
        shares = [sum(born == each for _, each in bearers) for born in dates]
        expected = 0.0
        if dates and names and bearers:
            rarest = min(shares) / (len(bearers) + coincidences.DATES_OF_BIRTH)
            expected = (
                max(_count_others(name, bearers, bearers | others) for name in names) * rarest
            )
        assert counted.count_expected(row, row) == pytest.approx(expected)


def _count_others(name, bearers, everyone):
    """Other bearers of a name: its other dates, or as many as forename and surname explain."""
    forename, surname = name.split("|")
    as_forename = sum(full.split("|")[0] == forename for full, _ in bearers) - 1
    as_surname = sum(full.split("|")[1] == surname for full, _ in bearers) - 1
    borne = sum(full == name for full, _ in everyone)
    return max(borne - 1.0, as_forename * as_surname / len(bearers))


def test_names_by_custom_alone_are_no_coincidence_and_no_error():
    """Prevents a home whose records all lack a surname from stopping its load."""
    rows = mention_table(*(mention(key, "Simran Kaur|") for key in ("p1", "p2")))
    one, other = rows.to_pylist()
    assert coincidences._full_names(one["names"])
    assert Namesakes(rows).count_expected(one, other) == 0.0
