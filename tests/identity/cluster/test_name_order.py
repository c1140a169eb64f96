"""Names in another order or in part: what links, what a person sees, what stays two children."""

from __future__ import annotations

from datetime import date

import pytest

from tests.identity.people import children, links_of, mention, mention_table

HOME, SAME_TOWN = ["S1 1AA"], ["S1 9ZZ"]
TWO = {"m1", "m2"}


def pair(one: str, other: str, **second: object) -> object:
    """Two police records of one date of birth and, unless told otherwise, one address."""
    facts = {"postcodes": HOME} | second
    return mention_table(
        mention("m1", one, postcodes=HOME), mention("m2", other, source="authority", **facts)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thi Hoa|Nguyen", "Nguyen Thi|Hoa"),
        ("Minh Trang|Dang", "Trang Minh|Dahng"),
        ("Hodan|Bashir", "Hodan Bashir|Abdifatah"),
        ("Hadi Karim|Barzani", "Karim Barzani|Hadi"),
        ("Anas|Al Janabi", "Al Janabi|Anas"),
        # The twin guard took these for two children.
        ("Robel Samuel|Kidanie", "Robel|Samuel Kidana"),
    ],
)
def test_one_childs_names_in_another_order_are_one_child(one: str, other: str) -> None:
    """Prevents a family name that comes first, or a father's name, from making two children."""
    assert children(pair(one, other)) == {frozenset(TWO)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ahmed Mohamed|Ali", "Fatima Mohamed|Ali"),
        ("Ahmed Mohamed|Ali", "Yusuf Mohamed|Ali"),
        ("Thi Lan|Vo", "Thi Hoa|Vo"),
        ("Van Nam|Le", "Van Tuan|Le"),
    ],
)
def test_names_that_a_family_shares_join_no_twins(one: str, other: str) -> None:
    """Prevents a father's name or a middle name from making one child of twins."""
    assert children(pair(one, other)) == {frozenset({"m1"}), frozenset({"m2"})}


@pytest.mark.parametrize(
    ("one", "other", "second", "cap"),
    [
        ("Fern|Harlow", "Angelina Fern|Harlow", {}, "part_of_the_names_in_one_family"),
        ("Fern|Harlow", "Angelina Fern|Harlow", {"postcodes": SAME_TOWN},
         "part_of_the_names_elsewhere"),
        ("Oswin Merrick|Harlow", "Merrick Oswin|Harlow", {"postcodes": SAME_TOWN},
         "part_of_the_names_elsewhere"),
        ("Oswin Merrick|Harlow", "Merrick Oswin|Harlow", {"born": []},
         "names_in_other_order_by_age"),
        ("Marlena|Harlow", "Marlowe|Harlow", {}, "similar_forenames_one_date"),
    ],
)  # fmt: skip
def test_what_twins_and_namesakes_share_goes_to_a_person(
    one: str, other: str, second: dict[str, object], cap: str
) -> None:
    """Prevents a middle name, an order without a date, or likeness alone from joining twins."""
    found = links_of(pair(one, other, **second)).to_pylist()
    assert [(row["band"], row["capped_by"]) for row in found] == [("review", cap)]


@pytest.mark.parametrize(
    ("one", "other", "second"),
    [
        # All tokens the same at one address, and a forename one letter off.
        ("Oswin Merrick|Harlow", "Merrick Oswin|Harlow", {}),
        ("Marlena|Harlow", "Marlenna|Harlow", {}),
        # Another surname as well: the whole name in another order, in another town.
        ("Thi Hoa|Nguyen", "Nguyen Thi|Hoa", {"postcodes": SAME_TOWN}),
        # A date that is not sure is one.
        ("Hadi Karim|Barzani", "Karim Barzani|Hadi", {"born": [date(2010, 5, 15)]}),
    ],
)
def test_what_only_one_child_would_share_is_linked(
    one: str, other: str, second: dict[str, object]
) -> None:
    """Prevents the caps of parts of names from holding back whole ones."""
    found = links_of(pair(one, other, **second)).to_pylist()
    assert [(row["band"], row["capped_by"]) for row in found] == [("link", None)]
