"""Candidate pairs: found by each kind of agreement, counted by rule, and without areas."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from register.identity.block import (
    BlockingRule,
    RuleCount,
    fill_blocking_keys,
    find_pairs,
    list_blocking_rules,
)
from register.identity.clean import shape_persons
from tests.identity.linkage_people import collected, new_person


def blocked(
    persons: pa.Table,
    changed: set[int] | None = None,
    rules: tuple[BlockingRule, ...] = list_blocking_rules(),
    **more: Any,
) -> tuple[set[tuple[str, str]], list[RuleCount]]:
    """Block shaped persons; return the pairs of keys and the counts."""
    keys = persons["person_key"].to_pylist()
    with duckdb.connect(":memory:") as connection:
        connection.register("persons", persons)
        if changed is not None:
            connection.register("changed", pa.table({"person_id": sorted(changed)}))
        fill_blocking_keys(connection, rules)
        counts = find_pairs(connection, rules, only_changed=changed is not None, **more)
        pairs = connection.execute("select join_key_l, join_key_r from blocked_pairs").fetchall()
    return {(keys[left], keys[right]) for left, right in pairs}, counts


ERROR_MODES = [
    ("misspelt surname", {}, {"name": "aisha|harlaw", "born": ["20100514"]}),
    ("changed surname", {}, {"name": "aisha|bright"}),
    ("changed forename", {}, {"name": "zoe|harlow"}),
    ("swapped names", {"born": []}, {"name": "harlow|aisha", "born": []}),
    ("swapped date, misspelt names", {"born": ["20100412"]},
     {"name": "ayesha|harlaw", "born": ["20101204"]}),
    ("nickname, other date", {"name": "william|harlow"},
     {"name": "bill|harlow", "born": ["20110101"]}),
    ("spellings of one name, no date", {"name": "mohammed|qureshi", "born": []},
     {"name": "muhamad|koreishi", "born": []}),
    ("one address, no date, unlike names", {"postcodes": ["S11AA"]},
     {"name": "zoe|bright", "born": [], "postcodes": ["LE26BB", "S11AA"]}),
    ("shared identifier and nothing else", {"identifiers": ["nhs|9434765919"]},
     {"name": "zoe|bright", "born": ["20081103"], "identifiers": ["nhs|9434765919"]}),
    ("names in another order and spelling", {"name": "trang minh|dang"},
     {"name": "minh trang|dahng", "postcodes": ["LE26BB"]}),
    ("names in another order, no date", {"name": "trang minh|dang", "born": []},
     {"name": "dahng|minh trang", "postcodes": ["LE26BB"]}),
    ("alias", {"names": ["aisha|harlow", "zoe|bright"]},
     {"name": "zoe|bright", "born": ["20081103"]}),
]  # fmt: skip


@cache
def found_by_mode() -> set[tuple[str, str]]:
    """The candidate pairs of all error modes, each a dataset of its own, blocked in one run.

    No key is too common, as among two records.
    """
    rows = [
        new_person(f"{what}: {side}", dataset=what, **facts)
        for what, *pair in ERROR_MODES
        for side, facts in zip("ab", pair, strict=True)
    ]
    rules = tuple(replace(rule, most_holders=len(rows)) for rule in list_blocking_rules())
    return blocked(shape_persons(collected(*rows), len(rows)), scope="within", rules=rules)[0]


@pytest.mark.parametrize("what", [what for what, *_ in ERROR_MODES])
def test_each_error_mode_leaves_a_rule_that_finds_the_pair(what: str) -> None:
    """Prevents a child with one damaged field from never being compared."""
    assert (f"{what}: a", f"{what}: b") in found_by_mode()


ELSEWHERE = {"postcodes": ["LE26BB"]}
# For a rule alone: the facts of a record, of another that it finds, and of one that it does not.
FOUND_BY_RULE = [
    ("token_and_birth_date", {"name": "aisha zainab|harlow"},
     {"name": "zainab|bright"}, {"name": "zainab|bright", "born": ["20100515"]}),
    ("token_and_postcode", {"name": "aisha zainab|harlow", "born": [], **ELSEWHERE},
     {"name": "zainab|bright", "born": [], **ELSEWHERE},
     {"name": "zainab|bright", "born": [], "postcodes": ["LE26BD"]}),
    ("sound_and_calendar", {"born": ["20100107"]},
     {"name": "ayesha|bright", "born": ["20090429"]},
     {"name": "ayesha|bright", "born": ["20090430"]}),
    ("sound_and_birth_year", {},
     {"name": "ayesha|bright", "born": ["20101127"]},
     {"name": "ayesha|bright", "born": ["20111127"]}),
    ("sound_and_birth_year", {},
     {"name": "ayesha|bright", "born": [], "years": (2009, 2010)},
     {"name": "ayesha|bright", "born": [], "years": (2011, 2012)}),
    ("sound_and_birth_year", {},
     {"name": "ayesha|bright", "born": [], "years": (2010, 2011)},
     {"name": "ayesha|bright", "born": [], "years": (2008, 2009)}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "one", "near", "far"), FOUND_BY_RULE)
def test_a_rule_finds_what_it_is_for(
    code: str, one: dict[str, Any], near: dict[str, Any], far: dict[str, Any]
) -> None:
    """Prevents a rule of names in part, dates or ages that finds no pair, or every pair."""
    (rule,) = (rule for rule in list_blocking_rules() if rule.code == code)
    rows = (new_person("a", **one), new_person("b", **near), new_person("c", **far))
    assert ("a", "b") in blocked(shape_persons(collected(*rows)), rules=(rule,))[0]
    assert ("a", "c") not in blocked(shape_persons(collected(*rows)), rules=(rule,))[0]


def test_strangers_are_not_compared() -> None:
    """Prevents blocking from falling back to every pair."""
    persons = shape_persons(
        collected(
            new_person("a"),
            new_person("b", "zoe|bright", born=["20081103"], postcodes=["LE26BB"]),
        )
    )
    assert blocked(persons)[0] == set()


def test_no_rule_uses_the_source_of_a_record() -> None:
    """Prevents a child who went missing far from home from being missed: half of them do."""
    assert not [
        rule.code
        for rule in list_blocking_rules()
        if "issuer" in rule.keys or "dataset" in rule.keys
    ]


def test_each_rule_counts_its_pairs_and_those_it_adds() -> None:
    """Prevents a rule that gives no pairs, or most of them, from staying unnoticed."""
    rules = (
        BlockingRule("first", "[surname]"),
        BlockingRule("second", "[forename]"),
        BlockingRule("too_common", "['one key for all']", most_holders=2),
    )
    persons = shape_persons(
        collected(
            new_person("a"),
            new_person("b"),
            new_person("c", "zoe|harlow"),
            new_person("d", "aisha|bright"),
        )
    )
    _, counts = blocked(persons, rules=rules)
    assert counts == [
        RuleCount("first", 3, 3, 0),
        RuleCount("second", 3, 2, 0),
        RuleCount("too_common", 0, 0, 1),
    ]


def test_scope_keeps_pairs_within_a_source_or_across() -> None:
    """Prevents duplicates of one source from being looked for in the other."""
    rows = new_person("a"), new_person("b"), new_person("c", dataset="authority")
    persons = shape_persons(collected(*rows))
    assert blocked(persons, scope="within")[0] == {("a", "b")}
    assert blocked(persons, scope="between")[0] == {("a", "c"), ("b", "c")}
    assert blocked(persons, scope="all")[0] == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_load_compares_what_changed_with_everything() -> None:
    """Prevents a new record from being compared with new ones alone."""
    persons = shape_persons(collected(new_person("a"), new_person("b"), new_person("c")))
    assert blocked(persons, changed={2})[0] == {("a", "c"), ("b", "c")}


def test_further_text_columns_have_rules_of_their_own() -> None:
    """Prevents the address of a public test set from being left out of blocking."""
    codes = [rule.code for rule in list_blocking_rules(["other_town", "other_street"])]
    assert codes[len(list_blocking_rules()) :] == [
        "other_street",
        "other_town",
        "other_street_and_other_town",
    ]
