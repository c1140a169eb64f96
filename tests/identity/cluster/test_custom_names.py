"""Names that many share by custom: unlike children of one such name stay two, one child is found.

The population is this file's own: Southall, Bradford and Sylhet families that no simulator made.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.identity.clean import is_customary
from register.identity.cluster import promote_links
from register.identity.cluster.coincidences import Namesakes
from register.identity.cluster.custom_names import share_custom_alone
from tests.identity.people import BORN, Case, care_table, mention, mention_table

HOME, NEXT_STREET, SAME_TOWN = ["UB1 1AA"], ["UB1 9ZZ"], ["UB3 3BB"]
BY_CUSTOM = "names_by_custom_alone"
# Neighbours, each with a date of birth of their own, so that no name of a case is the only one.
NEIGHBOURS = (
    "Harpreet|Kaur", "Jasleen|Kaur", "Navneet|Kaur", "Kiran Kaur|Gill", "Baljit|Singh",
    "Manvir|Singh", "Arjan Singh|Sandhu", "Nasrin|Begum", "Rukhsana|Begum", "Salma|Khatun",
    "Hajra|Bibi", "Mohammed Usman|Khan", "Mohammed|Hussain", "Mohammed Bilal|Hussain",
)  # fmt: skip


def neighbours() -> list[dict[str, Any]]:
    """A record of each neighbour."""
    return [
        mention(f"n{place:02}", name, born=[date(2009, 1 + place % 12, 3 + place)],
                postcodes=[f"UB2 {place % 9}BD"])
        for place, name in enumerate(NEIGHBOURS)
    ]  # fmt: skip


def pair_in_town(one: str, other: str, lives: list[str], **facts: Any) -> Case:
    """Two records of one date of birth in a town with neighbours: of police, of an authority."""
    return Case(
        mention("m1", one, postcodes=HOME, **facts),
        mention("m2", other, source="authority", postcodes=lives),
        *neighbours(),
    )


def find_fate(case: Case) -> tuple[bool, str | None]:
    """Whether the two records are one child, and the cap of their pair."""
    links = promote_links(case.mentions, case.links(), care_table())
    caps = [
        row["capped_by"]
        for row in links.to_pylist()
        if {row["left_mention_key"], row["right_mention_key"]} == {"m1", "m2"}
    ]
    is_one = any({"m1", "m2"} <= child for child in case.children())
    return is_one, caps[0] if caps else None


COUSINS = [
    ("Simran|Kaur", "Simrat|Kaur"), ("Harjit|Singh", "Harjot|Singh"),
    ("Shahina|Begum", "Shabina|Begum"), ("Rahima|Bibi", "Rahila|Bibi"),
    ("Amina|Khatun", "Amena|Khatun"), ("Mohammed|Hassan", "Mohammed|Hussan"),
    ("Singh|Harjit", "Singh|Harjot"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(pair_in_town(*names, lives), id=f"{'-'.join(names)} {lives[0]}")
        for names in COUSINS
        for lives in (NEXT_STREET, SAME_TOWN)
    ],
)
def test_two_unlike_children_of_one_name_by_custom_are_not_joined_by_it(case: Case) -> None:
    """Prevents two cousins called Kaur, born on one day in one town, from becoming one child."""
    assert find_fate(case) == (False, BY_CUSTOM)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(pair_in_town(*names, HOME), id="-".join(names))
        for names in (("Singh|Harjit", "Singh|Harjot"), ("Mohammed|Alam", "Mohammed|Junaid"))
    ],
)
def test_a_forename_by_custom_is_no_forename_in_common_at_home(case: Case) -> None:
    """Prevents twins from being joined because both are called Singh, or Mohammed, first."""
    assert not find_fate(case)[0]


SAME_CHILD = [
    ("Simran|Kaur", "Simran|Kaur", SAME_TOWN), ("Simran|Kaur", "Simran Kaur|Gill", NEXT_STREET),
    ("Mohammed Ali|Khan", "Ali|Khan", HOME), ("Harjit|Singh", "Harjit|Sing", SAME_TOWN),
    ("Shahina|Begum", "Shahena|Begum", HOME),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(pair_in_town(*each), id="-".join(each[:2])) for each in SAME_CHILD]
)
def test_one_child_of_a_name_by_custom_is_found(case: Case) -> None:
    """Prevents every child called Kaur from waiting for a reviewer."""
    assert find_fate(case) == (True, None)


IDENTIFIED = Case(
    mention("m1", "Simran|Kaur", postcodes=HOME, identifiers=["nhs|943 476 5919"]),
    mention("m2", "Simrat|Kaur", postcodes=SAME_TOWN, identifiers=["nhs|943 476 5919"]),
)


def test_an_identifier_outweighs_a_name_by_custom() -> None:
    """Prevents a misspelt forename from hiding a child whose number is known."""
    assert find_fate(IDENTIFIED) == (True, None)


def test_a_name_by_custom_counts_wherever_it_is_written() -> None:
    """Prevents Simran Kaur from passing for rare because others are Simran Kaur Gill."""
    others = [
        mention(f"k{place}", "Simran Kaur|Gill", born=[date(2008, 2, 1 + place)])
        for place in range(9)
    ]
    pair = [mention("m1", "Simran|Kaur"), mention("m2", "Simran Kaur|Dhillon")]
    one, other = (
        {"names": [name], "birth_dates": [BORN]} for name in ("simran|kaur", "simran kaur|dhillon")
    )
    alone = Namesakes(mention_table(*pair)).count_expected(one, other)
    among = Namesakes(mention_table(*pair, *others)).count_expected(one, other)
    assert alone == 0
    # Nine others, and two records of this date of birth.
    assert among == pytest.approx(9 * 2 / 5011, rel=0.01)


def test_known_spellings_of_names_by_custom_are_on_the_list_and_family_names_are_not() -> None:
    """Prevents a family's name from counting as one that everybody may bear."""
    listed = "singh kaur kour begum begom bibi khatun khatoon khanom akter akhtar md muhammad syed"
    assert [name for name in listed.split() if not is_customary(name)] == []
    families = "khan ali gill sandhu begley singer bibby kauri ahmed hussain mohan akers said"
    assert [name for name in families.split() if is_customary(name)] == []


def test_names_have_custom_alone_in_common_only_if_nothing_else_is() -> None:
    """Prevents a rule about names in common from applying where there are none."""
    assert share_custom_alone(["harjit|singh"], ["harjot|singh"])
    assert not share_custom_alone(["harjit|singh"], ["singh|harjit"])
    assert not share_custom_alone(["harjit|gill"], ["harjot|sandhu"])
