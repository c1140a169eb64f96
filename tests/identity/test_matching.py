"""Links: what proves that two mentions are one child and what is evidence only."""

from __future__ import annotations

from datetime import date

from register.identity.matching import LINK_SCHEMA, find_links
from tests.identity.people import BORN, NHS, OTHER_NHS, mention, mention_table

DEFAULT = [date(2010, 1, 1)]


def links_of(*rows):
    """Find links and key them by their pair."""
    table = find_links(mention_table(*rows))
    assert table.schema == LINK_SCHEMA
    return {(row["left_mention_key"], row["right_mention_key"]): row for row in table.to_pylist()}


def test_the_same_name_and_date_of_birth_link_whatever_the_spelling():
    """A capital, a hyphen or a middle name makes two children of one."""
    links = links_of(
        mention("p1", "AMELIA ROSE|SMITH-JONES"),
        mention("a1", "Amelia|Smith Jones", source="authority"),
    )
    assert links["a1", "p1"]["link_method"] == "exact_name_and_birth_date"
    assert links["a1", "p1"]["band"] == "link"
    assert links["a1", "p1"]["is_exact"]


def test_an_alias_of_one_source_is_a_name_to_the_other():
    """A child known to police by a street name is never found."""
    links = links_of(
        mention("p1", "Jamie|Flint", "Jackie Flynn"),
        mention("a1", "Jackie|Flynn", source="authority"),
    )
    assert links["a1", "p1"]["band"] == "link"


def test_swapped_names_link_below_straight_ones():
    """Forename and surname typed into each other's boxes lose the child."""
    links = links_of(mention("p1", "Flynn|Jackie"), mention("p2", "Jackie|Flynn"))
    assert links["p1", "p2"]["link_method"] == "swapped_name_and_birth_date"
    assert not links["p1", "p2"]["is_exact"]


def test_a_name_without_a_date_of_birth_proves_nothing():
    """Namesakes of unknown age become one child."""
    assert not links_of(mention("p1", "Jack|Smith", born=[]), mention("p2", "Jack|Smith", born=[]))


def test_placeholders_do_not_link():
    """All unknown children of one day become one child."""
    assert not links_of(mention("p1", "Unknown|Unknown"), mention("p2", "Unknown|Unknown"))


def test_a_shared_nhs_number_links_names_that_differ():
    """A child who changed its name is counted twice."""
    links = links_of(
        mention("a1", "Jackie|Flynn", source="authority", identifiers=[NHS]),
        mention("a2", "Jackie|Stone", source="authority", issuer="374", identifiers=[NHS]),
    )
    assert links["a1", "a2"]["link_method"] == "shared_nhs_number"


def test_a_shared_nhs_number_against_the_dates_of_birth_is_evidence_only():
    """A number typed into a brother's file joins the two."""
    links = links_of(
        mention("a1", "Jackie|Flynn", source="authority", identifiers=[NHS]),
        mention("a2", "Sam|Flynn", source="authority", identifiers=[NHS], born=[date(2013, 11, 2)]),
    )
    assert links["a1", "a2"]["band"] == "review"


def test_day_and_month_swapped_do_not_speak_against_an_identifier():
    """A date typed the American way undoes a link that an NHS number proves."""
    links = links_of(
        mention("a1", "Jo|Flynn", identifiers=[NHS], born=[date(2010, 5, 4)]),
        mention("a2", "Jo|Stone", identifiers=[NHS], born=[date(2010, 4, 5)]),
    )
    assert links["a1", "a2"]["band"] == "link"


def test_a_police_reference_typed_into_a_case_file_links_the_two_records():
    """The one key that a social worker copied from the police is not used."""
    reference = ["police|NOM/0012326"]
    links = links_of(
        mention("p1", "Jackie|Flynn", identifiers=reference),
        mention("a1", "J|Flyn", source="authority", identifiers=reference, born=[]),
    )
    assert links["a1", "p1"]["link_method"] == "shared_police_reference"


def test_a_reference_that_two_forces_use_is_evidence_only():
    """Two forces that number alike share a child through a case file."""
    reference = ["police|NOM/0012326"]
    links = links_of(
        mention("p1", "Jackie|Flynn", identifiers=reference),
        mention("p2", "Sam|Stone", identifiers=reference, issuer="E23000020"),
        mention("a1", "J|Flyn", source="authority", identifiers=reference),
    )
    assert ("p1", "p2") not in links
    assert links["a1", "p1"]["band"] == "review"
    assert links["a1", "p2"]["band"] == "review"


def test_an_identifier_with_many_dates_of_birth_is_evidence_only():
    """A number that a clerk uses for everybody joins everybody."""
    links = links_of(
        *(
            mention(f"a{year}", f"Child{'abcdefgh'[year]}|Flynn", identifiers=[NHS],
                    born=[date(2005 + year, 5, 14)])
            for year in range(5)
        )
    )  # fmt: skip
    assert {row["band"] for row in links.values()} == {"review"}


def test_a_common_name_with_a_default_date_of_birth_needs_second_evidence():
    """Young people whose age was assessed share 1 January, and namesakes become one."""
    namesakes = [
        mention(f"n{year}", "Ali|Ahmadi", born=[date(2000 + year, 1, 1)]) for year in (8, 9)
    ]
    pair = [
        mention("p1", "Ali|Ahmadi", born=DEFAULT, postcodes=["S1 1AA"]),
        mention("p2", "Ali|Ahmadi", born=DEFAULT, postcodes=["S1 1AB"]),
    ]
    assert links_of(*namesakes, *pair)["p1", "p2"]["band"] == "review"
    pair[1]["postcodes"] = ["S1 1AA"]
    assert links_of(*namesakes, *pair)["p1", "p2"]["band"] == "link"


def test_a_rare_name_with_a_default_date_of_birth_links():
    """Children whose age was assessed are never linked at all."""
    links = links_of(
        mention("p1", "Zarmina|Ahmadi", born=DEFAULT), mention("p2", "Zarmina|Ahmadi", born=DEFAULT)
    )
    assert links["p1", "p2"]["band"] == "link"


def test_more_evidence_weighs_more():
    """Where two links exclude each other the weaker one wins."""
    links = links_of(
        mention("p1", "Jackie|Flynn", born=[BORN], identifiers=[NHS]),
        mention("p2", "Jackie|Flynn", born=[BORN], identifiers=[NHS]),
        mention("p3", "Jackie|Flynn", born=[BORN], identifiers=[OTHER_NHS]),
    )
    assert links["p1", "p2"]["match_weight"] > links["p1", "p3"]["match_weight"]


def test_the_same_mentions_in_another_order_give_the_same_links():
    """Links depend on the order in which files arrived."""
    rows = [mention(f"p{i}", "Jackie|Flynn", identifiers=[NHS]) for i in range(4)]
    assert find_links(mention_table(*rows)).equals(find_links(mention_table(*reversed(rows))))
