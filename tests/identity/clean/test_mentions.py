"""Mentions: the fields of a record after every column is cleaned."""

from __future__ import annotations

from datetime import date, datetime

from tests.identity.people import BORN, mention, mention_table


def test_dates_of_birth_that_no_child_has_are_nothing():
    """Prevents strangers from sharing 1900, the default of a case system, as date of birth."""
    born = [date(1900, 1, 1), date(2026, 5, 2), BORN]
    row = mention_table(mention("p1", "Jo|Flynn", born=born, known=datetime(2026, 5, 1)))  # noqa: DTZ001 - UTC
    assert row["birth_dates"].to_pylist() == [[BORN]]


def test_a_truncated_postcode_is_kept_as_a_district():
    """Prevents half an address from being treated as none."""
    row = mention_table(mention("p1", "Jo|Flynn", postcodes=["S1", "LS1 4DY"])).to_pylist()[0]
    assert (row["postcodes"], row["postcode_districts"]) == (["LS14DY"], ["S1"])


def test_an_age_counts_only_without_a_date_of_birth():
    """Prevents the year of an age from contradicting a date of birth in another report."""
    ages = {"born_from": date(2009, 5, 2), "born_to": date(2010, 5, 1)}
    dated, aged = mention_table(
        mention("p1", "Jo|Flynn", **ages), mention("p2", "Jo|Flynn", born=[], **ages)
    ).to_pylist()
    assert (dated["birth_dates"], dated["birth_date_earliest"]) == ([BORN], None)
    assert (aged["birth_date_earliest"], aged["birth_date_latest"]) == tuple(ages.values())


def test_the_primary_name_is_cleaned_like_the_others():
    """Prevents the main name from being missed among the names, so that an alias replaces it."""
    row = mention_table(mention("p1", "Jo|O'Neill", "Ace", primary="JO|O'NEILL")).to_pylist()[0]
    assert row["primary_name"] == "jo|oneill"
    assert row["primary_name"] in row["names"]
    assert mention_table(mention("p2", primary="Unknown|")).to_pylist()[0]["primary_name"] is None


def test_a_quoted_police_number_is_a_persons_where_a_force_uses_it_as_one() -> None:
    """Prevents the number of a person from being taken for the reference of an event."""
    cleaned = mention_table(
        mention("p1", "Rhys|Cole", identifiers=["police|person N-502611", "police|AB/1123/26"]),
        mention("p2", "Rhys|Cole", identifiers=["police|CD/77/26"]),
        mention("p3", "Rhys|Cole", identifiers=["police|person CD7726"]),
        mention(
            "a1",
            "Rhys|Cole",
            source="authority",
            identifiers=["police|n502611", "police|AB 1123 26", "police|CD7726"],
        ),
    )
    names = dict(
        zip(cleaned["mention_key"].to_pylist(), cleaned["identifiers"].to_pylist(), strict=True)
    )
    assert names == {
        "p1": ["police|AB112326", "police|person N502611"],
        "p2": ["police|CD7726"],
        "p3": ["police|person CD7726"],
        "a1": ["police|AB112326", "police|CD7726", "police|person CD7726", "police|person N502611"],
    }
