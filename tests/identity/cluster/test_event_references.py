"""A police reference in common is about an event: it does not say which of its children."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.identity.cluster import promote_links
from tests.identity.people import Case, care_table, mention

HOME, OTHER_CITY = ["S1 1AA"], ["BS8 4QQ"]
EVENT = ["police|AB/1123/26"]
PLACED_AT = "S1 1AA"


def build_report(key: str, name: str, **facts: Any) -> dict[str, Any]:
    """A child whom the police reported missing in the event."""
    return mention(key, name, **{"postcodes": HOME, "identifiers": EVENT} | facts)


def case_file(key: str, name: str, **facts: Any) -> dict[str, Any]:
    """The file of an authority that quotes the reference of the event."""
    return build_report(key, name, source="authority", **facts)


def are_apart(case: Case, *pairs: tuple[str, str], care: Any = None) -> bool:
    """Say whether no found child has both mentions of any of these pairs."""
    children = case.children(care)
    return not any(set(each) <= child for child in children for each in pairs)


TWINS = Case(
    build_report("p1", "Rhys|Cole"),
    build_report("p2", "Daniel|Cole"),
    case_file("a2", "Daniel|Cole"),
)


def test_twins_of_one_report_stay_two_where_a_file_quotes_it() -> None:
    """Prevents twins from being one child because they went missing together."""
    assert TWINS.children() == {frozenset({"p1"}), frozenset({"p2", "a2"})}


ONE_REPORTED = [
    ("Rhys|Cole", "Daniel|Cole", {}), ("Amelia|Cole", "Ava|Cole", {}), ("Leo|Cole", "Lee|Cole", {}),
    ("Isla Rose|Cole", "Isla Mae|Cole", {}),
    ("Leo|Cole", "Leon|Cole", {"born": [date(2012, 8, 3)]}),
    ("Rhys|Cole", "R|Cole", {"born": [date(2012, 8, 3)]}), ("Rhys|Cole", "Daniel|Harper", {}),
    ("Rhys|Cole", "Daniel|Harper", {"postcodes": OTHER_CITY}),
    ("Van Hung|Nguyen", "Van Tuan|Nguyen", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Case(build_report("p1", one), case_file("a1", other, **facts)),
            id=f"{one}-{other} {place}",
        )
        for place, (one, other, facts) in enumerate(ONE_REPORTED)
    ],
)
def test_a_quoted_reference_joins_no_two_children_of_different_forenames(case: Case) -> None:
    """Prevents a brother or a friend, reported in the same event, from being taken for a child."""
    assert are_apart(case, ("p1", "a1"))


PLACED = care_table(("a1", PLACED_AT, date(2026, 1, 1), None))
LOOKED_AFTER = Case(build_report("p1", "Rhys|Cole"), case_file("a1", "Daniel|Cole"))


def test_a_placement_and_a_quoted_reference_explain_no_twin() -> None:
    """Prevents the twin at home from being explained by the file of the one who is placed."""
    elsewhere = care_table(("a1", "BS8 4QQ", date(2026, 1, 1), None))
    assert are_apart(LOOKED_AFTER, ("p1", "a1"), care=elsewhere)
    assert are_apart(LOOKED_AFTER, ("p1", "a1"), care=PLACED)


UNNAMED = Case(
    build_report("p1", "|Cole"), build_report("p2", "Rhys|Cole"), case_file("a1", "Daniel|Cole")
)


def test_a_report_without_a_forename_is_no_ones_where_the_event_had_two_children() -> None:
    """Prevents a report about two children from giving the unnamed one to either."""
    assert are_apart(UNNAMED, ("p1", "a1"))


TOLD = Case(build_report("p1", "Rhys|Cole"), case_file("a1", "Daniel|Cole"))


def test_a_reviewer_is_asked_about_another_forename_in_one_event() -> None:
    """Prevents a child reported under an alias from being lost without a word."""
    links = promote_links(TOLD.mentions, TOLD.links(), care_table())
    assert links.select(["band", "capped_by"]).to_pylist() == [
        {"band": "review", "capped_by": "one_event_another_forename"}
    ]


NUMBERED = Case(
    build_report("p1", "Rhys|Cole", identifiers=["police|person N502611", *EVENT]),
    case_file("a1", "Daniel|Cole", identifiers=["police|N-502611"]),
)


def test_a_quoted_number_of_a_person_finds_the_child_under_another_forename() -> None:
    """Prevents a child known by two forenames from being two, though the case file has the number.

    A force's number of a person is quoted in the same field as the reference of a report.
    """
    assert NUMBERED.children() == {frozenset({"p1", "a1"})}


SAME_CHILD = [
    ("Daniel|Cole", "Daniel|Cole", {"postcodes": OTHER_CITY}), ("Daniel|Cole", "Danny|Cole", {}),
    ("Daniel|Cole", "Danial|Cole", {}), ("Daniel|Cole", "Cole|Daniel", {}),
    ("|Cole", "Daniel|Cole", {}), ("Daniel|Cole", "Daniel|Cole", {"born": [date(2010, 5, 15)]}),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Case(build_report("p1", one), case_file("a1", other, **facts)),
            id=f"{one}-{other} {place}",
        )
        for place, (one, other, facts) in enumerate(SAME_CHILD)
    ],
)
def test_a_quoted_reference_still_finds_the_child_of_its_name(case: Case) -> None:
    """Prevents the reference of a report from being no evidence at all."""
    assert case.children() == {frozenset({"p1", "a1"})}
