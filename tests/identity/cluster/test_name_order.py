"""Names in another order or in part: what links, what a person sees, what stays two children."""

from __future__ import annotations

from datetime import date

import pytest

from tests.identity.people import Case, mention

HOME, SAME_TOWN = ["S1 1AA"], ["S1 9ZZ"]
TWO = {"m1", "m2"}


def pair_of_names(one: str, other: str, **second: object) -> Case:
    """Two records of one date of birth and, unless told otherwise, one address."""
    facts = {"postcodes": HOME} | second
    return Case(
        mention("m1", one, postcodes=HOME), mention("m2", other, source="authority", **facts)
    )


def name_pairs(*pairs: tuple[str, str]) -> list[object]:
    """A case for each two names, under the two as its name."""
    return [pytest.param(pair_of_names(*names), id="-".join(names)) for names in pairs]


@pytest.mark.parametrize(
    "records",
    name_pairs(
        ("Thi Hoa|Nguyen", "Nguyen Thi|Hoa"),
        ("Minh Trang|Dang", "Trang Minh|Dahng"),
        ("Hodan|Bashir", "Hodan Bashir|Abdifatah"),
        ("Hadi Karim|Barzani", "Karim Barzani|Hadi"),
        ("Anas|Al Janabi", "Al Janabi|Anas"),
        # The twin guard took these for two children.
        ("Robel Samuel|Kidanie", "Robel|Samuel Kidana"),
    ),
)
def test_one_childs_names_in_another_order_are_one_child(records: Case) -> None:
    """Prevents a family name that comes first, or a father's name, from making two children."""
    assert records.children() == {frozenset(TWO)}


@pytest.mark.parametrize(
    "records",
    name_pairs(
        ("Ahmed Mohamed|Ali", "Fatima Mohamed|Ali"),
        ("Ahmed Mohamed|Ali", "Yusuf Mohamed|Ali"),
        ("Thi Lan|Vo", "Thi Hoa|Vo"),
        ("Van Nam|Le", "Van Tuan|Le"),
    ),
)
def test_names_that_a_family_shares_join_no_twins(records: Case) -> None:
    """Prevents a father's name or a middle name from making one child of twins."""
    assert records.children() == {frozenset({"m1"}), frozenset({"m2"})}


PART = "part_of_the_names_elsewhere"


@pytest.mark.parametrize(
    ("records", "cap"),
    [
        (pair_of_names("Fern|Harlow", "Angelina Fern|Harlow"), "part_of_the_names_in_one_family"),
        (pair_of_names("Fern|Harlow", "Angelina Fern|Harlow", postcodes=SAME_TOWN), PART),
        (pair_of_names("Oswin Merrick|Harlow", "Merrick Oswin|Harlow", postcodes=SAME_TOWN), PART),
        (pair_of_names("Oswin Merrick|Harlow", "Merrick Oswin|Harlow", born=[]),
         "names_in_other_order_by_age"),
        (pair_of_names("Marlena|Harlow", "Marlowe|Harlow"), "similar_forenames_one_date"),
    ],
    ids=["middle name at home", "middle name in one town", "other order in one town",
         "other order without a date", "likeness alone"],
)  # fmt: skip
def test_what_twins_and_namesakes_share_goes_to_a_person(records: Case, cap: str) -> None:
    """Prevents a middle name, an order without a date, or likeness alone from joining twins."""
    rows = records.links().to_pylist()
    assert [(row["band"], row["capped_by"]) for row in rows] == [("review", cap)]


@pytest.mark.parametrize(
    "records",
    [
        pair_of_names("Oswin Merrick|Harlow", "Merrick Oswin|Harlow"),
        pair_of_names("Marlena|Harlow", "Marlenna|Harlow"),
        # Another surname as well: the whole name in another order, in another town.
        pair_of_names("Thi Hoa|Nguyen", "Nguyen Thi|Hoa", postcodes=SAME_TOWN),
    ],
    ids=["all tokens at one address", "one letter off", "another surname in one town"],
)  # fmt: skip
def test_what_only_one_child_would_share_is_linked(records: Case) -> None:
    """Prevents the caps of parts of names from holding back whole ones."""
    rows = records.links().to_pylist()
    assert [(row["band"], row["capped_by"]) for row in rows] == [("link", None)]


TWO_SLIPS = pair_of_names("Hadi Karim|Barzani", "Karim Barzani|Hadi", born=[date(2010, 5, 15)])


def test_all_names_in_another_order_and_a_date_one_day_off_are_asked_first() -> None:
    """Prevents two slips in the record of one child from hiding it at the end of the list."""
    (pair,) = TWO_SLIPS.weighed_links().to_pylist()
    assert (pair["band"], pair["capped_by"]) == ("review", None)
    assert pair["match_probability"] > 0.9
