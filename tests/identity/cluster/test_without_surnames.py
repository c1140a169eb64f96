"""Records without a surname: a forename and a date of birth alone are not a child."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from register.identity.cluster import promote_links
from tests.identity.people import NHS, Case, care_table, children, links_of, mention, mention_table

HOME, SAME_TOWN, OTHER_CITY = ["S1 1AA"], ["S1 9ZZ"], ["BS8 4QQ"]
HOSTEL = ["BS1 1AA"]
NEW_YEAR = date(2010, 1, 1)
TWO = {"m1", "m2"}
APART, ONE_CHILD = {frozenset({"m1"}), frozenset({"m2"})}, {frozenset(TWO)}


def pair_up(one: str, other: str, **second: Any) -> Case:
    """A record with a surname and one without, of one date of birth."""
    same = {name: second[name] for name in ("identifiers", "born") if name in second}
    return Case(
        mention("m1", one, postcodes=HOME, **same),
        mention("m2", other, source="authority", **second),
    )


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(pair_up("Kwabena|Owusu", "Kwabena|", postcodes=lives), id=f"Kwabena {lives}")
        for lives in ([], SAME_TOWN, OTHER_CITY)
    ]
    + [
        pytest.param(pair_up("Kwabena|", "Kwabena|", postcodes=[]), id="neither has a surname"),
        pytest.param(pair_up("Kwabena Yaw|", "Kwabena|", postcodes=[]), id="a middle name"),
        pytest.param(pair_up("Kwabena|Owusu", "Kwabenah|", postcodes=[]), id="misspelt"),
    ],
)
def test_a_forename_and_a_date_of_birth_alone_are_not_a_child(case: Case) -> None:
    """Prevents two children of one forename and birthday in two cities from being one child."""
    assert case.children() == APART


LISTED = pair_up("Kwabena|Owusu", "Kwabena|", postcodes=[])


def test_a_reviewer_is_asked_about_a_record_without_a_surname() -> None:
    """Prevents a child whose surname was not written down from being lost without a word."""
    links = promote_links(LISTED.mentions, LISTED.links(), care_table())
    assert links.select(["band", "capped_by"]).to_pylist() == [
        {"band": "review", "capped_by": "no_surname"}
    ]


def test_a_common_forename_without_a_surname_joins_none_of_its_bearers() -> None:
    """Prevents a record without a surname from joining one of 400 children of its forename."""
    bearers = [
        mention(f"n{place:03}", f"Kwabena|Ows{chr(97 + place % 26)}{chr(97 + place // 26)}u",
                born=[date(2008, 1, 1) + timedelta(days=2 * place)])
        for place in range(400)
    ]  # fmt: skip
    born = [date(2008, 1, 1) + timedelta(days=200)]
    table = mention_table(*bearers, mention("m2", "Kwabena|", source="authority", born=born))
    assert frozenset({"m2"}) in children(table)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(pair_up("Kwabena|Owusu", "Kwabena|", postcodes=HOME), id="one address"),
        pytest.param(pair_up("Kwabena|Owusu", "Kwabena Owusu|", postcodes=[]), id="in one field"),
        pytest.param(
            pair_up("Kwabena|Owusu", "Kwabena|", postcodes=OTHER_CITY, identifiers=[NHS]),
            id="number",
        ),
    ],
)
def test_further_evidence_finds_a_child_without_a_surname(case: Case) -> None:
    """Prevents a surname that a clerk left out from making two children of one at one address."""
    assert case.children() == ONE_CHILD


def at_hostel(born: date) -> tuple[str, str | None]:
    """Band and cap of a record with a surname and one without, at a hostel of many children."""
    residents = [
        mention(f"h{place:02}", f"Zeb{chr(97 + place)}ulon|Q{chr(97 + place)}arrow",
                postcodes=HOSTEL, born=[date(2008, 1 + place % 12, 2 + place)])
        for place in range(14)
    ]  # fmt: skip
    table = mention_table(
        mention("m1", "Kwabena|Owusu", postcodes=HOSTEL, born=[born]),
        mention("m2", "Kwabena|", source="authority", postcodes=HOSTEL, born=[born]),
        *residents,
    )
    links = promote_links(table, links_of(table), care_table())
    return next(
        (row["band"], row["capped_by"])
        for row in links.to_pylist()
        if {row["left_mention_key"], row["right_mention_key"]} == TWO
    )


def test_a_hostel_in_common_counts_with_a_birthday_and_not_with_a_default_one() -> None:
    """Prevents refugees of one forename, one hostel and 1 January from being one child."""
    assert at_hostel(date(2010, 5, 14)) == ("link", None)
    assert at_hostel(NEW_YEAR) == ("review", "no_surname")
