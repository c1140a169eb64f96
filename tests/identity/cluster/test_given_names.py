"""Given names of several parts: what a shared first part says, and what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from register.identity.clean import split_given_names
from register.identity.cluster import promote_links
from register.identity.cluster.coincidences import Namesakes
from register.identity.cluster.name_similarity import are_forenames_similar
from tests.identity.people import BORN, Case, care_table, mention, mention_table

HOME = ["S1 1AA"]
TWO = {"m1", "m2"}
YEAR_BEFORE, NEXT_DAY, OTHER_DATE = date(2009, 5, 14), date(2010, 5, 15), date(2009, 8, 22)
APART, ONE_CHILD = {frozenset({"m1"}), frozenset({"m2"})}, {frozenset(TWO)}


def at_home(one: str, other: str, born: date | None = BORN) -> Case:
    """Two records at one address, of the police and of an authority."""
    return Case(
        mention("m1", one, postcodes=HOME),
        mention("m2", other, source="authority", postcodes=HOME, born=[born] if born else []),
    )


SIBLINGS = [
    ("Van Hung|Nguyen", "Van Tuan|Nguyen"), ("Thi Huong|Tran", "Thi Yen|Tran"),
    ("Abdul|Rahimi", "Abdul Hamza|Rahimi"), ("Abdul Rahman|Rahimi", "Abdul Rahim|Rahimi"),
    ("Abu Bakr|Omari", "Abu Talib|Omari"), ("Thi|Tran", "Thi Yen|Tran"),
    ("Ana Maria|Silva", "Ana Sofia|Silva"), ("Mohammed Ali|Khan", "Mohammed Hassan|Khan"),
    ("Syed|Shah", "Syed Bilal|Shah"), ("Jean Paul|Mbeki", "Jean Claude|Mbeki"),
    ("Noor Jahan|Begum", "Noor Nahar|Begum"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(at_home(*names, born), id=f"{'-'.join(names)} {born}")
        for names in SIBLINGS
        for born in (BORN, YEAR_BEFORE, NEXT_DAY, OTHER_DATE, None)
    ],
)
def test_brothers_and_sisters_are_not_joined_by_the_first_part_of_their_names(case: Case) -> None:
    """Prevents Van Hung and Van Tuan, born a year apart in one family, from being one child."""
    assert case.children() == APART


@pytest.mark.parametrize(
    "case", [pytest.param(at_home(*names), id="-".join(names)) for names in SIBLINGS]
)
def test_a_reviewer_is_asked_about_names_of_one_first_part(case: Case) -> None:
    """Prevents a child whose second name was recorded wrongly from being lost without a word."""
    links = promote_links(case.mentions, case.links(), care_table())
    assert [(row["band"], bool(row["capped_by"])) for row in links.to_pylist()] == [
        ("review", True)
    ]


SAME_CHILD = [
    ("Mohammed Ali|Khan", "Mohammed|Khan"), ("Mary Jane|Cole", "Mary|Cole"),
    ("Van Hung|Nguyen", "Hung|Nguyen"), ("Thi Huong|Tran", "Huong|Tran"),
    ("Abdul Rahman|Rahimi", "Abdulrahman|Rahimi"), ("Abdul|Rahimi", "Abdul|Rahimi"),
    ("Ana Maria|Silva", "Maria Ana|Silva"), ("Ana Maria|Silva", "Ana Mariah|Silva"),
    ("Jack William|Cole", "Jack W|Cole"), ("Van Hung|Nguyen", "Nguyen Van|Hung"),
    ("Mary Jane|Cole", "Maryjane|Cole"), ("Syed Bilal|Shah", "Syed Bilal|Shah"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(at_home(*names), id="-".join(names)) for names in SAME_CHILD]
)
def test_one_child_of_several_given_names_is_found(case: Case) -> None:
    """Prevents a middle name that one source leaves out from making two children."""
    assert case.children() == ONE_CHILD


def test_a_particle_is_no_given_name_and_belongs_to_the_next_one() -> None:
    """Prevents a word that tells only the sex, or a half of a name, from counting as a name."""
    assert split_given_names("van hung") == ("hung",)
    assert split_given_names("thi thu huong") == ("thu", "huong")
    assert split_given_names("abdul hamza ali") == ("abdulhamza", "ali")
    assert split_given_names("zia ul haq") == ("zia", "ulhaq")
    assert split_given_names("abdul") == ("abdul",)
    assert split_given_names("thi") == ("thi",)
    assert split_given_names("") == ()


def test_namesakes_are_counted_by_the_given_name_and_not_by_a_particle() -> None:
    """Prevents every child called Van something from counting as a bearer of a rare name."""
    others = [
        mention(f"n{place}", f"Van {name}|Nguyen", born=[date(2009, 3, 1 + place)])
        for place, name in enumerate(("Nam", "Long", "Duc", "Khanh"))
    ]
    pair = [mention("m1", "Van Hung|Nguyen"), mention("m2", "Van Hung|Nguyen")]
    one = {"names": ["van hung|nguyen"], "birth_dates": [BORN]}
    assert Namesakes(mention_table(*pair, *others)).count_expected(one, one) == 0


def test_names_of_god_are_told_apart_after_the_word_that_they_share() -> None:
    """Prevents Abdul Rahman and Abdul Rahim from being alike because both begin with Abdul."""
    assert not are_forenames_similar("abdul rahman", "abdul rahim")
    assert not are_forenames_similar("abdul", "abdul hamza")
    assert are_forenames_similar("abdul rahman", "abdelrahman")
    assert are_forenames_similar("abdul", "abdul")
