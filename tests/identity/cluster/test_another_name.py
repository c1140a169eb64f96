"""Another name or sex in one family: twins join nobody by themselves; one child is not parted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.identity.cluster import promote_links, weigh_doubtful_pairs
from tests.identity.people import Case, care_table, decision_table, mention

HOME, OTHER_CITY = ["S1 1AA"], ["BS8 4QQ"]


def build_record(key: str, *names: str, **facts: Any) -> dict[str, Any]:
    """A record of one family and date of birth."""
    return mention(key, *names, **{"postcodes": HOME} | facts)


# A record with both names connects the two others.
ALIAS = Case(
    build_record("p1", "Jayden|Cole"),
    build_record("p2", "Marcus|Cole", "Jayden|Cole"),
    build_record("a1", "Marcus|Cole", source="authority"),
)


def test_a_name_that_one_record_alone_has_parts_no_child() -> None:
    """Prevents an alias of one record from keeping it from all other records of the child."""
    decided = decision_table(("link", "p1", "p2"), ("link", "a1", "p2"))
    assert ALIAS.children(decisions=decided) == {frozenset({"p1", "p2", "a1"})}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Case(build_record("m1", one, sex=sexes[0]), build_record("m2", other, sex=sexes[1])),
            id=one,
        )
        for one, other, sexes in (
            ("Alexander|Cole", "Alexandra|Cole", ("male", "female")),
            ("Thi Lan|Vo", "Thi Hoa|Vo", (None, None)),
        )
    ],
)
def test_names_of_two_children_join_nobody_by_themselves(case: Case) -> None:
    """Prevents twins from being joined because no other record shows both."""
    assert case.children() == {frozenset({"m1"}), frozenset({"m2"})}


RECORDED_ANEW = [
    pytest.param(
        Case(
            mention("m1", "Alex|Cole", postcodes=HOME, sex="female"),
            mention("m2", "Alex|Cole", postcodes=lives, sex="male", born=[born]),
        ),
        id=f"{lives} {born}",
    )
    for lives, born in (
        (HOME, date(2010, 5, 14)), (OTHER_CITY, date(2010, 5, 14)), ([], date(2010, 5, 14)),
        (HOME, date(2010, 5, 15)),
    )
]  # fmt: skip


OTHERWISE_TOO = [
    pytest.param(
        Case(
            mention("m1", "Alex|Cole", postcodes=HOME, sex="female", born=one),
            mention("m2", name, postcodes=lives, sex="male", born=other),
        ),
        id=f"{name} {lives} {other}",
    )
    for name, lives, one, other in (
        ("Alex|Cole", ["S1 9ZZ"], [date(2010, 5, 14)], []),
        ("Alecs|Cole", ["S1 9ZZ"], [date(2010, 5, 14)], [date(2010, 5, 14)]),
        ("Alex|Cole", ["S1 9ZZ"], [date(2010, 5, 14)], [date(2011, 5, 14)]),
        ("Alex|Cole", HOME, [date(2010, 5, 12)], [date(2010, 12, 5)]),
        ("Cole|Alex", HOME, [date(2010, 5, 12)], [date(2010, 5, 12)]),
    )
]  # fmt: skip


@pytest.mark.parametrize("case", [*RECORDED_ANEW, *OTHERWISE_TOO])
def test_a_child_whose_sex_was_recorded_anew_is_linked_or_listed(case: Case) -> None:
    """Prevents another sex alone from hiding that two records may be one child."""
    links = promote_links(case.mentions, case.links(), care_table())
    (row,) = weigh_doubtful_pairs(case.mentions, links).to_pylist()
    assert row["band"] in {"link", "review"}
