"""Guards: named cases of pairs that must stay apart, and of pairs that must not be kept so."""

from __future__ import annotations

from datetime import date

import pytest

from tests.identity.people import (
    NHS,
    OTHER_NHS,
    care_table,
    children,
    decision_table,
    mention,
    mention_table,
)

HOME = ["S1 1AA"]
OTHER_HOME = ["LS1 4AP"]
REFERENCE = ["police|NOM/0012326"]


def apart(one: str, other: str, found: set[frozenset[str]]) -> bool:
    """Say whether no child holds both."""
    return not any({one, other} <= child for child in found)


def adopted_and_returned(**later):
    """A child adopted in 2017, a later record, and police who knew the child before."""
    return mention_table(
        mention(
            "a1", "Robin|Hale", source="authority", identifiers=[NHS, *REFERENCE],
            care_start=date(2014, 1, 1), adopted=date(2017, 6, 30),
        ),
        mention("a2", "Robin|Hale", source="authority", **later),
        mention("p1", "Robin|Hale", identifiers=REFERENCE, period=date(2016, 4, 1)),
    )  # fmt: skip


def test_an_adopted_child_who_returns_to_care_stays_unlinked():
    """The register undoes the privacy of an adoption: same authority, name and number."""
    found = children(adopted_and_returned(care_start=date(2024, 2, 1), identifiers=[NHS]))
    assert apart("a1", "a2", found)


def test_an_adopted_child_stays_unlinked_from_another_authority_and_without_dates():
    """The guard works only where the later authority is the same or its dates are complete."""
    found = children(adopted_and_returned(issuer="374", identifiers=[NHS]))
    assert apart("a1", "a2", found)


def test_nobody_may_decide_that_an_adopted_child_is_linked():
    """A reviewer who cannot know of the adoption links the two."""
    decided = decision_table(("link", "a1", "a2"))
    found = children(adopted_and_returned(care_start=date(2024, 2, 1)), decisions=decided)
    assert apart("a1", "a2", found)


def test_care_before_the_adoption_is_the_same_child():
    """A transfer before an adoption splits the child's history."""
    found = children(adopted_and_returned(issuer="374", care_start=date(2012, 2, 1)))
    assert not apart("a1", "a2", found)


def test_police_records_of_later_years_are_not_of_the_adopted_child():
    """The birth family's address gives away the child in its new life."""
    found = children(
        mention_table(
            mention(
                "a1", "Robin|Hale", source="authority", postcodes=HOME,
                care_start=date(2014, 1, 1), adopted=date(2017, 6, 30),
            ),
            mention("p1", "Robin|Hale", postcodes=HOME),
        )
    )  # fmt: skip
    assert apart("a1", "p1", found)


def test_police_records_from_before_the_adoption_are_the_childs():
    """Adoption takes away a history that was the child's own."""
    found = children(
        mention_table(
            mention(
                "a1", "Robin|Hale", source="authority", postcodes=HOME,
                care_start=date(2014, 1, 1), adopted=date(2026, 6, 30),
            ),
            mention("p1", "Robin|Hale", postcodes=HOME),
        )
    )  # fmt: skip
    assert not apart("a1", "p1", found)


def test_two_authorities_without_a_common_address_know_two_children():
    """Namesakes born on one day at two ends of the country become one child."""
    table = mention_table(
        mention("a1", "Jack|Smith", source="authority", postcodes=HOME),
        mention("a2", "Jack|Smith", source="authority", issuer="374", postcodes=OTHER_HOME),
    )
    assert apart("a1", "a2", children(table))


def test_a_transfer_with_a_common_address_is_one_child():
    """A child who moved between authorities is counted twice."""
    table = mention_table(
        mention("a1", "Jack|Smith", source="authority", postcodes=HOME),
        mention(
            "a2", "Jack|Smith", source="authority", issuer="374", postcodes=[*HOME, *OTHER_HOME]
        ),
    )  # fmt: skip
    assert not apart("a1", "a2", children(table))


def test_two_authorities_with_another_surname_at_one_address_are_for_people():
    """A child adopted by relatives is relinked by its forename and address."""
    table = mention_table(
        mention("a1", "Robin|Hale", source="authority", postcodes=HOME),
        mention("a2", "Robin|Fairweather", source="authority", issuer="374", postcodes=HOME),
    )
    assert apart("a1", "a2", children(table))


def test_a_childrens_home_proves_little_and_a_default_date_less():
    """Two refugees of one surname, one default date and one hostel become one child."""
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
    assert apart("p1", "p2", children(table))


def test_placeholders_are_no_names():
    """Two records of Unknown Unknown at one address become one child."""
    table = mention_table(
        mention("p1", "Unknown|Unknown", postcodes=HOME),
        mention("p2", "Unknown|Unknown", postcodes=HOME),
    )
    assert apart("p1", "p2", children(table))


def test_two_nhs_numbers_are_two_children():
    """Namesakes born on one day become one child although their numbers say otherwise."""
    found = children(
        mention_table(
            mention("a1", "Jack|Smith", source="authority", identifiers=[NHS]),
            mention("a2", "Jack|Smith", source="authority", issuer="374", identifiers=[OTHER_NHS]),
        )
    )
    assert apart("a1", "a2", found)


def test_two_nhs_numbers_are_one_child_where_another_number_is_shared():
    """A child whose number was reissued is split in two."""
    shared = "home_office|A1234567"
    found = children(
        mention_table(
            mention("a1", "Jack|Smith", source="authority", identifiers=[NHS, shared]),
            mention("a2", "Jack|Smith", source="authority", identifiers=[OTHER_NHS, shared]),
        )
    )
    assert not apart("a1", "a2", found)


def in_care_twice(second_start: date):
    """Two records of one authority, the first in care from January to June 2024."""
    table = mention_table(
        mention("a1", "Jack|Smith", source="authority"),
        mention("a2", "Jack|Smith", source="authority"),
    )
    care = care_table(
        ("a1", "S11AA", date(2024, 1, 1), date(2024, 6, 1)), ("a2", "LS14AP", second_start, None)
    )
    return children(table, care)


def test_one_authority_cannot_place_a_child_at_two_places_at_once():
    """Namesakes looked after by one authority become one child."""
    assert apart("a1", "a2", in_care_twice(date(2024, 3, 1)))


def test_a_second_number_after_the_first_care_ended_is_the_same_child():
    """A child who came back under a second number is counted twice."""
    assert not apart("a1", "a2", in_care_twice(date(2024, 6, 1)))


@pytest.mark.parametrize("decision", ["never_link", "split"])
def test_a_decision_keeps_two_records_apart(decision):
    """What a reviewer parted comes together at the next load."""
    table = mention_table(mention("p1", "Jack|Smith"), mention("p2", "Jack|Smith"))
    assert apart("p1", "p2", children(table, decisions=decision_table((decision, "p2", "p1"))))


def test_a_decision_links_what_no_method_links_and_lifts_the_twin_guard():
    """A reviewer's link is silently lost."""
    table = mention_table(
        mention("p1", "Jayden|Cole", postcodes=HOME), mention("p2", "Hayden|Cole", postcodes=HOME)
    )
    assert not apart("p1", "p2", children(table, decisions=decision_table(("link", "p1", "p2"))))
