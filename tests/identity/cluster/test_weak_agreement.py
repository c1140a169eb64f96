"""Agreement that says little: an initial, a default date of birth, two names of one table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from register.identity.cluster import promote_links
from tests.identity.people import (
    NHS,
    Case,
    care_table,
    children,
    links_of,
    mention,
    mention_table,
)

HOME, SAME_TOWN, OTHER_CITY, HOSTEL = ["S1 1AA"], ["S1 9ZZ"], ["BS8 4QQ"], ["BS1 1AA"]
TWO = {"m1", "m2"}
APART, ONE_CHILD = {frozenset({"m1"}), frozenset({"m2"})}, {frozenset(TWO)}
BIRTHDAY = date(2008, 5, 14)


def pair_up(one: str, other: str, *, lives: list[str] = HOME, **both: Any) -> Case:
    """Two records that share all but what is said."""
    return Case(
        mention("m1", one, postcodes=HOME, **both),
        mention("m2", other, source="authority", postcodes=lives, **both),
    )


def in_hostel(one: str, other: str, born: date = BIRTHDAY, **both: Any) -> tuple[str, str | None]:
    """Band and cap of two records at a hostel of many children; `none` where they do not link."""
    residents = [
        mention(f"h{place:02}", f"Zeb{chr(97 + place)}ulon|Q{chr(97 + place)}arrow",
                postcodes=HOSTEL, born=[date(2008, 1 + place % 12, 2 + place)])
        for place in range(14)
    ]  # fmt: skip
    table = mention_table(
        mention("m1", one, postcodes=HOSTEL, born=[born], **both),
        mention("m2", other, source="authority", postcodes=HOSTEL, born=[born], **both),
        *residents,
    )
    links = promote_links(table, links_of(table), care_table())
    held_back = {
        frozenset({row["left_mention_key"], row["right_mention_key"]}): row
        for row in links.to_pylist()
    }
    row = held_back.get(frozenset(TWO), {"band": "none", "capped_by": None})
    return row["band"], row["capped_by"]


INITIAL_AT_HOME = pair_up("Y|Zadran", "Yusuf|Omari")


def test_an_initial_and_another_surname_at_one_hostel_are_no_child() -> None:
    """Prevents two residents of one birthday from being joined by an initial."""
    assert in_hostel("Y|Zadran", "Yusuf|Omari") == ("review", "part_of_a_forename_another_surname")


def test_an_initial_and_another_surname_at_one_address_are_no_child() -> None:
    """Prevents residents of a hostel too small to be known as one from being joined."""
    case = INITIAL_AT_HOME
    assert case.children() == APART
    links = promote_links(case.mentions, case.links(), care_table())
    assert links["capped_by"].to_pylist() == ["part_of_a_forename_another_surname"]


def test_a_resident_is_found_by_an_initial_with_the_surname_or_by_a_number() -> None:
    """Prevents every initial in a hostel from making two children of one."""
    assert in_hostel("Y|Omari", "Yusuf|Omari") == ("link", None)
    assert in_hostel("Yusuf|Zadran", "Yusuf|Omari") == ("link", None)
    assert in_hostel("Y|Zadran", "Yusuf|Omari", identifiers=[NHS]) == ("link", None)


DEFAULTS = [
    date(2008, 1, 1), date(2008, 7, 1), date(2008, 3, 21), date(2009, 3, 21), date(2008, 3, 20),
    date(2008, 9, 11), date(2007, 9, 12),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", lives=lives, born=[day]),
            id=f"{day} {lives}",
        )
        for day in DEFAULTS
        for lives in (SAME_TOWN, OTHER_CITY, [])
    ],
)
def test_a_default_of_a_converted_calendar_is_no_birthday(case: Case) -> None:
    """Prevents refugees of one name, whose date of birth is a new year's day, from being one."""
    assert case.children() == APART


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", born=[date(2008, 3, 21)]), id="home"),
        pytest.param(
            pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", lives=SAME_TOWN, born=[BIRTHDAY]), id="birthday"
        ),
        pytest.param(
            pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", lives=SAME_TOWN, born=[date(2009, 9, 12)]),
            id="no new year's day of that year",
        ),
        pytest.param(
            pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", lives=OTHER_CITY, born=[date(2008, 9, 11)],
                 identifiers=[NHS]), id="number",
        ),
        pytest.param(
            pair_up("Ahmad|Rahimi", "Ahmad|Rahimi", lives=SAME_TOWN,
                 born=[date(2008, 3, 21), BIRTHDAY]), id="a birthday too",
        ),
    ],
)  # fmt: skip
def test_a_child_born_on_a_new_years_day_is_found_by_other_evidence(case: Case) -> None:
    """Prevents a default date of birth from hiding a child whose address or number is shared."""
    assert case.children() == ONE_CHILD


def test_a_part_of_a_forename_and_a_default_date_at_one_hostel_are_no_child() -> None:
    """Prevents a hostel's refugees of one family name and one default date from being joined."""
    assert in_hostel("A|Rahimi", "Ahmad|Rahimi", date(2008, 3, 21))[0] == "review"
    assert in_hostel("Ahmad|Rahimi", "Ahmad|Rahimi", date(2008, 3, 21)) == ("link", None)


def test_a_day_that_a_home_has_far_too_often_is_a_default() -> None:
    """Prevents a default of one supplier's system, known to nobody, from passing for a birthday."""
    others = [
        mention(f"n{place:03}", f"F{chr(97 + place % 26)}rid|S{chr(97 + place // 26)}lehi",
                born=[date(2000 + place % 15, 6, 15)])
        for place in range(40)
    ]  # fmt: skip
    spread = [
        mention(f"s{place:03}", f"K{chr(97 + place % 26)}lman|B{chr(97 + place // 26)}rzo",
                born=[date(2005, 1, 2) + timedelta(days=37 * place)])
        for place in range(100)
    ]  # fmt: skip
    facts: dict[str, Any] = {"born": [date(2008, 6, 15)]}
    two = [
        mention("m1", "Ahmad|Rahimi", postcodes=HOME, **facts),
        mention("m2", "Ahmad|Rahimi", source="authority", postcodes=SAME_TOWN, **facts),
    ]
    assert frozenset(TWO) in children(mention_table(*two, *spread))
    assert frozenset(TWO) not in children(mention_table(*two, *spread, *others))


TWIN_NAMES = [
    ("Amelia|Cole", "Emily|Cole"), ("Louis|Cole", "Lewis|Cole"), ("Emma|Cole", "Emily|Cole"),
    ("Jean|Cole", "Jane|Cole"), ("Ryan|Cole", "Bryan|Cole"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(pair_up(*names), id="-".join(names)) for names in TWIN_NAMES]
)
def test_two_names_of_their_own_are_twins_in_a_small_home_too(case: Case) -> None:
    """Prevents Amelia and Emily, twins, from being one child by a table of nicknames."""
    assert case.children() == APART
    links = promote_links(case.mentions, case.links(), care_table())
    assert links["capped_by"].to_pylist() == ["two_common_forenames"]


BROTHERS = pair_up("Hassan|Ali", "Hussain|Ali")


def test_names_of_the_same_consonants_are_two_names() -> None:
    """Prevents Hassan and Hussain, brothers, from having a name of one sound."""
    assert BROTHERS.children() == APART
    assert BROTHERS.links()["capped_by"].to_pylist() == ["similar_forenames_one_date"]


SHORT_FORMS = [
    ("Thomas|Cole", "Tom|Cole"), ("Elizabeth|Cole", "Beth|Cole"), ("William|Cole", "Bill|Cole"),
    ("Katherine|Cole", "Kate|Cole"), ("Charlie|Cole", "Charles|Cole"), ("Robert|Cole", "Bob|Cole"),
    ("Daniel|Cole", "Danny|Cole"), ("Eleanor|Cole", "Ellie|Cole"), ("Theodore|Cole", "Theo|Cole"),
    ("Mohammed|Khan", "Muhammad|Khan"), ("Millie|Cole", "Amelia|Cole"), ("Jake|Cole", "Jacob|Cole"),
    ("Harry|Cole", "Henry|Cole"), ("Tommy|Cole", "Thomas|Cole"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(pair_up(*names), id="-".join(names)) for names in SHORT_FORMS]
)
def test_a_short_form_is_the_same_childs(case: Case) -> None:
    """Prevents Tom and Thomas, of one family and one birthday, from being taken for twins."""
    assert case.children() == ONE_CHILD
