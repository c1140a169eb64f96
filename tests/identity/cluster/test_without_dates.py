"""Records without a date of birth: one district, one home or an alias joins no two children."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from tests.identity.people import Case, links_of, mention, mention_table

HOME, SAME_DISTRICT = ["S1 1AA"], ["S1 9ZZ"]
AGED_15 = {"born_from": date(2010, 5, 14), "born_to": date(2011, 5, 13)}


def find_cap(links: pa.Table) -> tuple[str, str | None]:
    """The band and the cap of the pair m1, m2."""
    return next(
        (row["band"], row["capped_by"])
        for row in links.to_pylist()
        if {row["left_mention_key"], row["right_mention_key"]} == {"m1", "m2"}
    )


IN_ONE_DISTRICT = Case(
    mention("m1", "Oswin|Harlow", born=[], postcodes=HOME),
    mention("m2", "Oswin|Harlow", source="authority", postcodes=SAME_DISTRICT),
)


def test_a_name_in_one_district_without_a_date_is_for_a_person_to_judge() -> None:
    """Prevents two namesakes of one district, one of unknown age, from becoming one child."""
    assert find_cap(IN_ONE_DISTRICT.links()) == ("review", "no_date_in_passing")


SISTERS_NAME = Case(
    mention("m1", "Oswin|Harlow", born=[], postcodes=HOME, **AGED_15),
    mention("m2", "Merle|Harlow", "Oswin|Harlow", source="authority", primary="Merle|Harlow",
            postcodes=HOME),
)  # fmt: skip


def test_a_siblings_name_among_the_aliases_joins_nobody_by_age() -> None:
    """Prevents a sister from becoming her brother whose name a clerk listed with hers."""
    assert find_cap(SISTERS_NAME.links()) == ("review", "like_forenames_by_age")
    assert SISTERS_NAME.children() == {frozenset({"m1"}), frozenset({"m2"})}


def test_a_name_in_one_childrens_home_without_a_date_is_for_a_person_to_judge() -> None:
    """Prevents two residents of one name from becoming one child where a date is missing."""
    residents = [
        mention(f"r{place:02}", f"Robin {chr(97 + place) * 3}|Quill{chr(97 + place)}",
                born=[date(2008, 1 + place % 12, 2 + place)], postcodes=HOME)
        for place in range(14)
    ]  # fmt: skip
    pair = [
        mention("m1", "Ali|Ahmadi", born=[], postcodes=HOME),
        mention("m2", "Ali|Ahmadi", source="authority", postcodes=HOME),
    ]
    cap = find_cap(links_of(mention_table(*pair, *residents)))
    assert cap == ("review", "no_date_in_passing")
