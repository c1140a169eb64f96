"""Cannot-link pairs: named cases that must stay apart, and cases that must not."""

from __future__ import annotations

from datetime import date

import pytest

from register.identity.cluster import promote_links, weigh_doubtful_pairs
from tests.identity.people import (
    NHS,
    OTHER_NHS,
    Case,
    care_table,
    children,
    decision_table,
    mention,
    mention_table,
)

HOME = ["S1 1AA"]
OTHER_HOME = ["LS1 4AP"]
REFERENCE = ["police|NOM/0012326"]
HOME_OFFICE = "home_office|A1234567"


def are_apart(one: str, other: str, children_found: set[frozenset[str]]) -> bool:
    """Say whether no child contains both."""
    return not any({one, other} <= child for child in children_found)


def adopted_and_returned(**later):
    """A child adopted in 2017, a later record, and an earlier police record."""
    return Case(
        mention(
            "a1", "Robin|Hale", source="authority", identifiers=[NHS, *REFERENCE],
            care_start=date(2014, 1, 1), adopted=date(2017, 6, 30),
        ),
        mention("a2", "Robin|Hale", source="authority", **later),
        mention("p1", "Robin|Hale", identifiers=REFERENCE, period=date(2016, 4, 1)),
    )  # fmt: skip


RETURNED = adopted_and_returned(care_start=date(2024, 2, 1), identifiers=[NHS])
RETURNED_ELSEWHERE = adopted_and_returned(issuer="374", identifiers=[NHS])
RETURNED_WITHOUT_A_NUMBER = adopted_and_returned(care_start=date(2024, 2, 1))
CARE_BEFORE_THE_ADOPTION = adopted_and_returned(issuer="374", care_start=date(2012, 2, 1))


def test_an_adopted_child_who_returns_to_care_stays_unlinked():
    """Prevents linking an adopted child by authority, name and number, against its privacy."""
    assert are_apart("a1", "a2", RETURNED.children())


def test_an_adopted_child_stays_unlinked_from_another_authority_and_without_dates():
    """Prevents a guard that needs the same authority, or complete dates."""
    assert are_apart("a1", "a2", RETURNED_ELSEWHERE.children())


def test_a_decision_cannot_link_an_adopted_child():
    """Prevents a reviewer who cannot see the adoption from linking the two records."""
    decided = decision_table(("link", "a1", "a2"))
    assert are_apart("a1", "a2", RETURNED_WITHOUT_A_NUMBER.children(decisions=decided))


def test_care_before_the_adoption_is_the_same_child():
    """Prevents a transfer before an adoption from splitting the child's history."""
    assert not are_apart("a1", "a2", CARE_BEFORE_THE_ADOPTION.children())


def adopted_on(day):
    """A child adopted on this day, and a police record of April 2026 from its address."""
    return Case(
        mention(
            "a1", "Robin|Hale", source="authority", postcodes=HOME,
            care_start=date(2014, 1, 1), adopted=day,
        ),
        mention("p1", "Robin|Hale", postcodes=HOME),
    )  # fmt: skip


ADOPTED_BEFORE, ADOPTED_LATER = adopted_on(date(2017, 6, 30)), adopted_on(date(2026, 6, 30))


def test_police_records_of_later_years_are_not_of_the_adopted_child():
    """Prevents the birth family's address from linking a child to its records after adoption."""
    assert are_apart("a1", "p1", ADOPTED_BEFORE.children())


def test_police_records_from_before_the_adoption_are_the_childs():
    """Prevents an adoption from removing earlier police records from the child."""
    assert not are_apart("a1", "p1", ADOPTED_LATER.children())


NAMESAKES_OF_TWO_AUTHORITIES = Case(
    mention("a1", "Jack|Smith", source="authority", postcodes=HOME),
    mention("a2", "Jack|Smith", source="authority", issuer="374", postcodes=OTHER_HOME),
)


def test_two_authorities_without_a_common_address_record_two_children():
    """Prevents namesakes of one birthday in two places from becoming one child."""
    assert are_apart("a1", "a2", NAMESAKES_OF_TWO_AUTHORITIES.children())


TRANSFER = Case(
    mention("a1", "Jack|Smith", source="authority", postcodes=HOME),
    mention("a2", "Jack|Smith", source="authority", issuer="374", postcodes=[*HOME, *OTHER_HOME]),
)


def test_a_transfer_with_a_common_address_is_one_child():
    """Prevents a child who moved between authorities from being counted twice."""
    assert not are_apart("a1", "a2", TRANSFER.children())


ADOPTED_BY_RELATIVES = Case(
    mention("a1", "Robin|Hale", source="authority", postcodes=HOME),
    mention("a2", "Robin|Fairweather", source="authority", issuer="374", postcodes=HOME),
)


def test_two_authorities_with_another_surname_at_one_address_go_to_review():
    """Prevents a child adopted by relatives from being relinked by forename and address."""
    assert are_apart("a1", "a2", ADOPTED_BY_RELATIVES.children())


def test_a_childrens_home_proves_little_and_a_default_date_less():
    """Prevents two refugees of one surname, default date and hostel from becoming one child."""
    hostel = [
        mention(f"h{place:02}", f"Name{place * 'a'}|Other{place * 'b'}", postcodes=HOME, born=[])
        for place in range(14)
    ]
    born = [date(2008, 1, 1)]
    table = mention_table(
        mention("p1", "Ahmad|Noori", postcodes=HOME, born=born),
        mention("p2", "Bilal|Noori", postcodes=HOME, born=born),
        *hostel,
    )
    assert are_apart("p1", "p2", children(table))


UNKNOWN = Case(
    mention("p1", "Unknown|Unknown", postcodes=HOME),
    mention("p2", "Unknown|Unknown", postcodes=HOME),
)


def test_placeholders_are_no_names():
    """Prevents two records of Unknown Unknown at one address from becoming one child."""
    assert are_apart("p1", "p2", UNKNOWN.children())


TWO_NUMBERS = Case(
    mention("a1", "Jack|Smith", source="authority", identifiers=[NHS]),
    mention("a2", "Jack|Smith", source="authority", issuer="374", identifiers=[OTHER_NHS]),
)


def test_two_nhs_numbers_are_two_children():
    """Prevents namesakes with different NHS numbers from becoming one child."""
    assert are_apart("a1", "a2", TWO_NUMBERS.children())


NUMBER_REISSUED = Case(
    mention("a1", "Jack|Smith", source="authority", identifiers=[NHS, HOME_OFFICE]),
    mention("a2", "Jack|Smith", source="authority", identifiers=[OTHER_NHS, HOME_OFFICE]),
)


def test_two_nhs_numbers_are_one_child_where_another_number_is_shared():
    """Prevents a child whose number was reissued from being split in two."""
    assert not are_apart("a1", "a2", NUMBER_REISSUED.children())


OF_ONE_AUTHORITY = Case(
    mention("a1", "Jack|Smith", source="authority"),
    mention("a2", "Jack|Smith", source="authority"),
)


def care_twice(second_start: date):
    """Two placements, the first from January to June 2024."""
    return care_table(
        ("a1", "S11AA", date(2024, 1, 1), date(2024, 6, 1)), ("a2", "LS14AP", second_start, None)
    )


def in_care_twice(second_start: date):
    """The children of two records of one authority with these placements."""
    return OF_ONE_AUTHORITY.children(care_twice(second_start))


def test_one_authority_places_a_child_at_two_places_at_once_only_if_a_person_decides():
    """Prevents namesakes in the care of one authority from becoming one child."""
    assert are_apart("a1", "a2", in_care_twice(date(2024, 3, 1)))
    care = care_twice(date(2024, 3, 1))
    decided = decision_table(("link", "a1", "a2"))
    assert not are_apart("a1", "a2", OF_ONE_AUTHORITY.children(care, decided))


def test_two_places_at_once_are_listed_for_a_reviewer():
    """Prevents a child that was entered twice from being parted without a message."""
    links = promote_links(
        OF_ONE_AUTHORITY.mentions, OF_ONE_AUTHORITY.links(), care_twice(date(2024, 3, 1))
    )
    (row,) = weigh_doubtful_pairs(OF_ONE_AUTHORITY.mentions, links).to_pylist()
    assert (row["capped_by"], row["band"]) == ("looked_after_twice", "review")


def test_the_day_of_a_move_is_in_two_places():
    """Prevents a child who moves from being held back: both addresses have the day of the move."""
    assert are_apart("a1", "a2", in_care_twice(date(2024, 5, 30)))
    assert not are_apart("a1", "a2", in_care_twice(date(2024, 5, 31)))


ENTERED_TWICE = Case(
    mention("a1", "Jack|Smith", source="authority", identifiers=[NHS]),
    mention("a2", "Jack|Smith", source="authority", identifiers=[NHS]),
)


def test_an_identifier_of_a_person_outweighs_two_places():
    """Prevents a child whose first entry was left open from being parted."""
    assert not are_apart("a1", "a2", ENTERED_TWICE.children(care_twice(date(2024, 3, 1))))


OF_ONE_REPORT = Case(
    mention("a1", "Jack|Smith", source="authority", identifiers=REFERENCE),
    mention("a2", "Jack|Smith", source="authority", identifiers=REFERENCE),
)


def test_the_reference_of_a_report_does_not_outweigh_two_places():
    """Prevents two children of one report from passing for one that was entered twice."""
    care = care_twice(date(2024, 3, 1))
    links = promote_links(OF_ONE_REPORT.mentions, OF_ONE_REPORT.links(), care)
    assert links["capped_by"].to_pylist() == ["looked_after_twice"]
    assert are_apart("a1", "a2", OF_ONE_REPORT.children(care))


def test_two_entries_of_one_authority_at_one_place_are_one_child():
    """Prevents a child that one case system has twice from being held back."""
    care = care_table(
        ("a1", "S11AA", date(2024, 1, 1), None), ("a2", "S11AA", date(2024, 3, 1), None)
    )
    assert not are_apart("a1", "a2", OF_ONE_AUTHORITY.children(care))


def test_a_second_number_after_the_first_care_ended_is_the_same_child():
    """Prevents a child who returned under a second number from being counted twice."""
    assert not are_apart("a1", "a2", in_care_twice(date(2024, 6, 1)))


NAMESAKES = Case(mention("p1", "Jack|Smith"), mention("p2", "Jack|Smith"))


@pytest.mark.parametrize("decision", ["never_link", "split"])
def test_a_decision_keeps_two_records_apart(decision):
    """Prevents records that a reviewer split from being joined by the next load."""
    decided = decision_table((decision, "p2", "p1"))
    assert are_apart("p1", "p2", NAMESAKES.children(decisions=decided))


TWINS = Case(
    mention("p1", "Jayden|Cole", postcodes=HOME), mention("p2", "Hayden|Cole", postcodes=HOME)
)


def test_a_decision_links_what_no_method_links():
    """Prevents a reviewer's link from being lost without a message."""
    decided = decision_table(("link", "p1", "p2"))
    assert not are_apart("p1", "p2", TWINS.children(decisions=decided))
