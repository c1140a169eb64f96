"""A girl and a boy, or part of a forename and a default date: pairs that a person judges."""

from __future__ import annotations

from datetime import date

from tests.identity.people import Case, links_of, mention, mention_table

HOME = ["S1 1AA"]
NEW_YEAR = date(2008, 1, 1)


def pair_of_sexes(
    *names: str, sexes: tuple[str, str] = ("female", "male"), **second: object
) -> Case:
    """Two records at one address; unless told otherwise of a girl and a boy."""
    one, other = names
    facts = {"postcodes": HOME, "sex": sexes[1]} | second
    return Case(
        mention("m1", one, postcodes=HOME, sex=sexes[0]),
        mention("m2", other, source="authority", **facts),
    )


def find_cap(case: Case) -> tuple[str, str | None]:
    """Band and cap of the pair."""
    (link,) = case.links().to_pylist()
    return link["band"], link["capped_by"]


BROTHER_AND_SISTER = pair_of_sexes("Oswin|Harlow", "Oswin|Harlow", born=[])
TWO_BOYS = pair_of_sexes("Oswin|Harlow", "Oswin|Harlow", sexes=("male", "male"), born=[])
ONE_DATE = pair_of_sexes("Oswin|Harlow", "Oswin|Harlow")


def test_a_girl_and_a_boy_without_one_date_are_for_a_person_to_judge() -> None:
    """Prevents a sister, recorded under her brother's name without a date, from becoming him."""
    assert find_cap(BROTHER_AND_SISTER) == ("review", "other_sex_other_date")
    assert find_cap(TWO_BOYS) == ("link", None), "sex alone was the reason"
    assert find_cap(ONE_DATE) == ("review", "other_sex")
    assert len(BROTHER_AND_SISTER.children()) == 2


def test_a_sex_recorded_anew_is_asked_first() -> None:
    """Prevents a clerk's slip in the sex of one child from hiding it at the end of the list."""
    (pair,) = ONE_DATE.weighed_links().to_pylist()
    assert (pair["band"], pair["capped_by"]) == ("review", "other_sex")
    assert pair["match_probability"] > 0.9


TWINS = pair_of_sexes("Najib Amin|Karim", "Amin Najib|Karim")
TWIN_BOYS = pair_of_sexes("Najib Amin|Karim", "Amin Najib|Karim", sexes=("male", "male"))


def test_a_girl_and_a_boy_with_the_same_names_in_another_order_are_for_a_person_to_judge() -> None:
    """Prevents twins who both bear their father's names from becoming one child."""
    assert find_cap(TWINS) == ("review", "other_sex_names_in_other_order")
    assert find_cap(TWIN_BOYS) == ("link", None)


def test_part_of_a_forename_and_a_default_date_in_a_home_are_for_a_person_to_judge() -> None:
    """Prevents refugees of one family name and 1 January, in one home, from becoming one child."""
    residents = [
        mention(f"r{place:02}", f"Robin {chr(97 + place) * 3}|Quill{chr(97 + place)}",
                born=[date(2008, 1 + place % 12, 2 + place)], postcodes=HOME)
        for place in range(14)
    ]  # fmt: skip
    caps = {}
    for name, born in (("Z|Zadran", NEW_YEAR), ("Z|Zadran", date(2008, 3, 7))):
        records = [
            mention("m1", name, born=[born], postcodes=HOME),
            mention("m2", "Zmarai|Zadran", source="authority", born=[born], postcodes=HOME),
        ]
        links = links_of(mention_table(*records, *residents)).to_pylist()
        caps[born] = next(
            (row["band"], row["capped_by"])
            for row in links
            if {row["left_mention_key"], row["right_mention_key"]} == {"m1", "m2"}
        )
    assert caps[NEW_YEAR] == ("review", "part_of_a_forename_default_date")
    assert caps[date(2008, 3, 7)] == ("link", None), "a birthday of their own"
