"""Invented persons for the tests of linkage: single pairs on one level, and small populations.

No real person is described.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from register.identity.clean import COLLECTED_SCHEMA, shape_persons
from register.identity.score import (
    Model,
    TrainingOptions,
    TrainingReport,
    score_persons,
    train_persons,
)

FORENAMES = (
    "william", "robert", "katherine", "elizabeth", "mohammed", "aisha", "jayden", "chloe", "oliver",
    "amelia", "noah", "isla", "george", "ava", "arthur", "mia", "leo", "ivy", "oscar", "lily",
    "harry", "freya", "archie", "florence", "jack", "willow", "henry", "rosie", "thomas", "grace",
    "yusuf", "zainab", "kwame", "adaeze", "piotr", "agnieszka", "hassan", "fatima", "liam", "erin",
)  # fmt: skip
SYLLABLES = ("ha", "rli", "ston", "bre", "wick", "mar", "den", "ley", "thor", "pe", "gra", "vell")
NICKNAMES = {"william": "bill", "robert": "bob", "katherine": "kate", "elizabeth": "beth"}


def new_person(key: str, name: str | None = "aisha|harlow", **facts: Any) -> dict[str, Any]:
    """One collected record; unnamed facts have one default."""
    names = facts.get("names", [name] if name else [])
    years = facts.get("years", (None, None))
    postcodes = facts.get("postcodes", [])
    return {
        "person_key": key,
        "dataset": facts.get("dataset", "police"),
        "names": names,
        "birth_dates": facts.get("born", ["20100514"]),
        "birth_year_least": years[0],
        "birth_year_most": years[1],
        "sex": facts.get("sex"),
        "postcodes": postcodes,
        "districts": facts.get("districts", sorted({code[:-3] for code in postcodes})),
        "identifiers": facts.get("identifiers", []),
    }


def collected(*rows: dict[str, Any]) -> pa.Table:
    """Collected records as a table."""
    return pa.Table.from_pylist(list(rows), schema=COLLECTED_SCHEMA)


def level_of(
    comparison: dict[str, Any], left: dict[str, Any], right: dict[str, Any], *others: dict[str, Any]
) -> str:
    """The label of the level that two records are on, in either order."""
    persons = shape_persons(collected(left, right, *others))
    return _find_levels(comparison, persons, [(left["person_key"], right["person_key"])])[0]


def levels_of(
    comparison: dict[str, Any], pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]
) -> list[str]:
    """As `level_of`, for pairs that are apart: shaped in one run, with no postcode crowded."""
    rows, ends = [], []
    for place, (left, right) in enumerate(pairs):
        ends.append((f"l{place}", f"r{place}"))
        rows += [left | {"person_key": ends[-1][0]}, right | {"person_key": ends[-1][1]}]
    return _find_levels(comparison, shape_persons(collected(*rows), len(rows)), ends)


def _find_levels(
    comparison: dict[str, Any], persons: pa.Table, ends: list[tuple[str, str]]
) -> list[str]:
    cases = " ".join(
        f"else '{level['label_for_charts']}'"
        if level["sql_condition"] == "ELSE"
        else f"when {level['sql_condition']} then '{level['label_for_charts']}'"
        for level in comparison["comparison_levels"]
    )
    columns = persons.column_names
    sides = ", ".join(f"{side}.{name} as {name}_{side}" for side in "lr" for name in columns)
    either = [*ends, *((right, left) for left, right in ends)]
    one, other = zip(*either, strict=True)
    with duckdb.connect(":memory:") as connection:
        connection.register("persons", persons)
        connection.register("ends", pa.table({"one": one, "other": other}))
        rows = connection.execute(
            f"select one, other, case {cases} end from (select one, other, {sides} from ends"
            " inner join persons as l on l.person_key = one"
            " inner join persons as r on r.person_key = other)"
        ).fetchall()
    label_of = {(left, right): str(label) for left, right, label in rows}
    for left, right in ends:
        assert label_of[left, right] == label_of[right, left], (
            "a comparison depends on which is left"
        )
    return [label_of[each] for each in ends]


def population(count: int, seed: int = 7) -> tuple[pa.Table, set[tuple[str, str]]]:
    """Persons recorded by police and by an authority, with errors, and their true pairs."""
    draws = random.Random(seed)
    rows, truth = [], set()
    for number in range(count):
        true = _true_person(draws)
        rows.append(new_person(f"a{number:05}", dataset="authority", **true))
        rows.append(new_person(f"p{number:05}", **_damaged(draws, true)))
        truth.add((f"a{number:05}", f"p{number:05}"))
    return collected(*rows), truth


@cache
def small_population() -> tuple[pa.Table, set[tuple[str, str]]]:
    """The population on which most tests train, made once."""
    table, truth = population(1200)
    return shape_persons(table), truth


def _true_person(draws: random.Random) -> dict[str, Any]:
    surname = "".join(draws.choices(SYLLABLES, k=2))
    born = date(2008, 1, 1) + timedelta(days=draws.randrange(3500))
    nhs = [f"nhs|{draws.randrange(10**9, 10**10)}"] if draws.random() < 0.1 else []
    return {
        "identifiers": nhs,
        "name": f"{draws.choice(FORENAMES)}|{surname}",
        "born": [born.strftime("%Y%m%d")],
        "sex": draws.choice(["female", "male"]),
        "postcodes": [f"S{draws.randrange(10, 99)}{draws.randrange(1, 9)}A{draws.choice('ABDE')}"],
    }


def _damaged(draws: random.Random, true: dict[str, Any]) -> dict[str, Any]:
    """One error at most of each kind, each with a chance of its own."""
    forename, surname = true["name"].split("|")
    day = true["born"][0]
    damage: list[tuple[float, Callable[[], dict[str, Any]]]] = [
        (0.1, lambda: {"name": f"{NICKNAMES.get(forename, forename)}|{surname}"}),
        (0.1, lambda: {"name": f"{forename}|{surname[:2]}{surname[3:]}"}),
        (0.04, lambda: {"name": f"{surname}|{forename}"}),
        (0.05, lambda: {"born": [day[:4] + day[6:8] + day[4:6]]}),
        (0.05, lambda: {"born": [f"{int(day[:4]) + 1}{day[4:]}"]}),
        (0.05, lambda: {"born": [f"{day[:4]}0101"]}),
        (0.03, lambda: {"born": [], "years": (int(day[:4]), int(day[:4]) + 1)}),
        (0.2, lambda: {"postcodes": []}),
        (0.05, lambda: {"sex": None}),
    ]
    result = dict(true)
    for chance, change in damage:
        if draws.random() < chance:
            result |= change()
    return result


QUICK = TrainingOptions(seed=5, max_pairs=60_000, least_holders=5)
TRAINED_AT = datetime(2026, 1, 2, tzinfo=UTC)


@cache
def small_model() -> tuple[Model, TrainingReport]:
    """A model of the small population, trained once for all tests."""
    return train_persons(small_population()[0], QUICK, trained_at=TRAINED_AT)


@cache
def small_scores() -> pa.Table:
    """All candidates of the small population under its model, scored once for all tests."""
    return score_persons(small_population()[0], small_model()[0], min_weight=-200).pairs
