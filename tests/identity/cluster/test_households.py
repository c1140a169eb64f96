"""Households: the police records that a looked-after child explains, and those it does not."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from register.identity.cluster import promote_links, weigh_doubtful_pairs
from register.identity.cluster.households import find_looked_after_children
from register.identity.score import calibrated_probability
from tests.identity.people import Case, care_table, mention, mention_table, pinned_model

HOME, PLACEMENT, ELSEWHERE = "S1 1AA", "LS1 4AP", "M1 1AE"
CARE = care_table(("a1", PLACEMENT, date(2025, 1, 1), None))


def looked_after(*others, **facts):
    """Jayden, looked after and placed, and other records."""
    placed = [HOME, PLACEMENT]
    return [mention("a1", "Jayden|Cole", source="authority", postcodes=placed, **facts), *others]


def missing(name, *postcodes, key="p1", **facts):
    """A police record of the same family and date of birth."""
    return mention(key, name, postcodes=list(postcodes), **facts)


def is_one(records, care=CARE):
    """Say whether the child and the police record are one child."""
    return any({"a1", "p1"} <= child for child in records.children(care))


TYRONE, UNKNOWN = "Tyrone|Cole", "Unknown|Cole"
IN_PLACEMENT = {name: Case(*looked_after(missing(name, HOME, PLACEMENT)))
                for name in (TYRONE, UNKNOWN)}  # fmt: skip
AT_HOME = {name: Case(*looked_after(missing(name, HOME))) for name in (TYRONE, UNKNOWN)}


def test_another_forename_is_for_a_person_even_from_the_childs_placement():
    """Prevents a twin or a sibling from becoming the looked-after child by an address alone."""
    assert not is_one(IN_PLACEMENT[TYRONE])


def test_a_record_without_a_forename_missing_from_the_placement_is_the_child():
    """Prevents a forename of Unknown from making a child of its own."""
    assert is_one(IN_PLACEMENT[UNKNOWN])


def test_what_a_looked_after_child_explains_is_shown_as_likely_as_such_links_are():
    """Prevents a link that is nearly always right from being shown as a possible twin's."""
    case = IN_PLACEMENT[UNKNOWN]
    (link,) = promote_links(case.mentions, case.links(), CARE).to_pylist()
    weight, method = link["match_weight"], "one_looked_after_child"
    assert (link["link_method"], link["capped_by"]) == (method, "no_forename")
    assert link["match_probability"] == calibrated_probability(weight, method, pinned_model())
    (row,) = weigh_doubtful_pairs(case.mentions, case.links()).to_pylist()
    assert link["match_probability"] > row["match_probability"], "as a pair without a forename"


@pytest.mark.parametrize("name", [TYRONE, UNKNOWN])
def test_another_forename_at_the_family_home_may_be_a_twin_at_home(name):
    """Prevents a twin who is not looked after from becoming the looked-after one."""
    assert not is_one(AT_HOME[name])


TWIN = mention("a2", "Hayden|Cole", source="authority", postcodes=[PLACEMENT])
BESIDE_A_TWIN = {name: Case(*looked_after(TWIN, missing(name, PLACEMENT)))
                 for name in (TYRONE, UNKNOWN)}  # fmt: skip


@pytest.mark.parametrize("name", [TYRONE, UNKNOWN])
def test_an_alias_of_one_of_two_looked_after_twins_goes_to_review(name):
    """Prevents a record that may be either twin from joining the one whose key sorts first."""
    care = care_table(*[(key, PLACEMENT, date(2025, 1, 1), None) for key in ("a1", "a2")])
    assert not is_one(BESIDE_A_TWIN[name], care)


def test_two_children_of_one_name_and_date_in_one_authority_explain_no_record():
    """Prevents refugees of one surname and default date of birth from becoming one by an alias."""
    other = mention("a2", "Ahmad|Cole", source="authority", postcodes=[ELSEWHERE])
    table = mention_table(*looked_after(other, missing("Tyrone|Cole", HOME, PLACEMENT)))
    assert "p1" not in find_looked_after_children(table, CARE)


A_GIRL_AND_A_BOY = Case(*looked_after(missing("Unknown|Cole", PLACEMENT, sex="female"), sex="male"))


def test_a_girl_is_no_alias_of_a_boy():
    """Prevents twins of two sexes, one at home without a forename, from becoming one child."""
    assert not is_one(A_GIRL_AND_A_BOY)


A_SISTER = Case(*looked_after(missing("Tyrone|Cole", PLACEMENT, born=[date(2012, 3, 9)])))


def test_another_date_of_birth_is_another_child_of_the_family():
    """Prevents a sister who visits the placement from becoming her brother."""
    assert not is_one(A_SISTER)


AN_ALIAS_AND_A_RECORD = Case(
    *looked_after(
        missing("Tyrone|Cole", HOME, PLACEMENT), missing("Jayden|Cole", HOME, key="p2")
    )
)  # fmt: skip


def test_an_alias_does_not_break_the_child_that_the_other_records_make():
    """Prevents a record that waits for a person from taking another with it."""
    explained = AN_ALIAS_AND_A_RECORD.children(CARE)
    assert explained == {frozenset({"a1", "p2"}), frozenset({"p1"})}


def test_a_placement_with_parents_is_the_home_of_siblings_too():
    """Prevents a twin at home from becoming the child who is placed with its parents."""
    placed = [("a1", HOME, date(2025, 1, 1), None)]
    assert is_one(AT_HOME[UNKNOWN], care_table(*placed))
    assert not is_one(AT_HOME[UNKNOWN], care_table(*placed, placed="P1"))
    later = care_table(("a1", PLACEMENT, date(2025, 9, 1), None))
    both = pa.concat_tables([care_table(*placed, placed="P1"), later])
    assert not is_one(AT_HOME[UNKNOWN], both), "the home stays one beside a later placement"


def heard_as(*names):
    """A case for each two forenames, as an authority recorded and the police heard them."""
    return [
        pytest.param(
            Case(
                mention("a1", f"{recorded}|Noori", source="authority", postcodes=[HOME]),
                missing(f"{heard}|Noori", HOME),
            ),
            id=f"{recorded}-{heard}",
        )
        for recorded, heard in names
    ]


@pytest.mark.parametrize(
    "records", heard_as(("Yusuf", "Youssef"), ("Jonas", "Yonas"), ("Fatima", "Fatemeh"))
)
def test_spellings_of_one_sound_are_the_looked_after_child(records):
    """Prevents a name written by ear from making a twin of the child."""
    assert is_one(records)


@pytest.mark.parametrize(
    "records", heard_as(("Hassan", "Hussein"), ("Karen", "Kieran"), ("Jayden", "Hayden"))
)
def test_names_of_brothers_that_sound_alike_are_two_children(records):
    """Prevents Hassan and Hussein, the most frequent names of twins, from becoming one child."""
    assert not is_one(records)


def test_a_transfer_is_one_looked_after_child():
    """Prevents a child in the lists of two authorities from being taken for twins."""
    moved = mention(
        "a2", "Jayden|Cole", source="authority", issuer="374", postcodes=[HOME, ELSEWHERE]
    )
    table = mention_table(*looked_after(moved, missing("Tyrone|Cole", PLACEMENT)))
    explained = find_looked_after_children(table, CARE)
    assert explained == {"a1": "a1", "a2": "a1", "p1": "a1"}


def test_the_records_asked_for_have_the_child_that_all_have():
    """Prevents a look at few records from finding other children than a look at all."""
    rows = mention_table(
        *looked_after(missing("Jayden|Cole", HOME), missing("Unknown|Cole", PLACEMENT, key="p2")),
        missing("Ava|Moss", ELSEWHERE, key="p3"),
        mention("a2", "Ava|Moss", source="authority", postcodes=[ELSEWHERE], issuer="380"),
        mention("a3", "Leo|Park", source="authority", postcodes=[ELSEWHERE], issuer="381"),
        mention("a4", "Leo|Park", source="authority", postcodes=[ELSEWHERE], issuer="382"),
    )
    everyone = find_looked_after_children(rows, CARE)
    assert everyone == {"a1": "a1", "p1": "a1", "p2": "a1", "a2": "a2", "p3": "a2"} | {
        "a3": "a3",
        "a4": "a3",
    }
    for asked_keys in (["a1", "p1"], ["p2"], ["p3", "a2"], ["a3", "a4"]):
        explained = find_looked_after_children(rows, CARE, pa.array(asked_keys))
        assert {key: explained[key] for key in asked_keys} == {
            key: everyone[key] for key in asked_keys
        }
        assert {*explained} - {"a3", "a4"} <= {*asked_keys, *(everyone[key] for key in asked_keys)}


def test_a_record_is_compared_with_those_that_others_lead_to():
    """Prevents a brother with another date of birth from being overlooked with few records."""
    born = [date(2010, 5, 14), date(2010, 5, 15)]
    brother = mention(
        "a2", "Tyrone|Cole", source="authority", postcodes=[HOME], issuer="374", born=born[1:]
    )
    rows = mention_table(*looked_after(brother, missing("Jayden|Cole", HOME), born=born))
    assert find_looked_after_children(rows, CARE) == {}
    assert find_looked_after_children(rows, CARE, pa.array(["p1"])) == {}


@st.composite
def families(draw):
    """Up to ten records of few names, dates and addresses, and the keys that are asked for."""
    rows = [
        mention(
            f"m{place}",
            draw(st.sampled_from(("Jayden|Cole", "Jaden|Cole Moss", "Tyrone|Moss", "Cole|Tyrone"))),
            source=draw(st.sampled_from(("police", "authority"))),
            issuer=draw(st.sampled_from(("373", "374", "375"))),
            born=[
                date(2010, 5, day)
                for day in draw(st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True))
            ],
            postcodes=draw(st.lists(st.sampled_from((HOME, PLACEMENT)), max_size=2, unique=True)),
        )
        for place in range(draw(st.integers(2, 10)))
    ]
    asked_keys = draw(st.sets(st.sampled_from([f"m{place}" for place in range(len(rows))])))
    return rows, sorted(asked_keys)


@given(families())
@settings(max_examples=25, deadline=None)
def test_few_records_have_one_child_where_all_have(drawn):
    """Prevents a month in which few pairs are doubtful from explaining them by another child."""
    rows, asked_keys = drawn
    table = mention_table(*rows)
    everyone = find_looked_after_children(table, CARE)
    explained = find_looked_after_children(table, CARE, pa.array(asked_keys, pa.string()))
    for one, other in permutations(asked_keys, 2):
        is_one_child = one in everyone and everyone[one] == everyone.get(other)
        assert (one in explained and explained[one] == explained.get(other)) == is_one_child
