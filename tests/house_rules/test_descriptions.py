"""Descriptions can be read alone: plain words in all of them, derived sentences for intervals.

Not here: whether a description is there at all (`test_marts.py`), and the words of macros.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

# Bounds by the precision of recorded dates; every other `<x>_lower` of an `<x>` is an interval.
DATE_BOUNDS = frozenset({"hours_from_return"})

# Archaic words, and verbs and places that records do not have.
BANNED = re.compile(
    r"\b(?:nought|nobody|anybody|whoever|whence|thereof|beside|likewise|gravest|dearer"
    r"|hold|holds|holding|meet|meets|met|stand|stands|stood|speaks?|spoke|says?|said"
    r"|hears?|heard|know|knows|knew|tells?|told|outweighs"
    r"|the figure before|for ever|what became of|taken for|took for)\b",
    re.IGNORECASE,
)
# An interview is held, a delivery is held for a person; a record is not.
HELD = re.compile(r"\bheld\b", re.IGNORECASE)
HELD_OF = re.compile(r"interview|deliver|conducted", re.IGNORECASE)
FEWEST_WORDS = 3


def bound_sentence(column: str, columns: set[str]) -> str | None:
    """Return the description of an interval's bound, or None where the column is none."""
    match = re.fullmatch(r"(.+?)(?:_ci)?_(lower|upper)", column)
    if match is None or match[1] not in columns:
        return None
    if match[1] in DATE_BOUNDS:
        least = "Least" if match[2] == "lower" else "Greatest"
        return f"{least} value of `{match[1]}` that the recorded dates allow, in hours."
    return f"{match[2].title()} bound of the 95 % confidence interval for `{match[1]}`."


def plain_faults(description: str) -> list[str]:
    """Return the words of a description that the house style bans, in order."""
    faults = [match[0].lower() for match in BANNED.finditer(description)]
    if HELD.search(description) and not HELD_OF.search(description):
        faults.append("held")
    return faults


def _described(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        if node["resource_type"] not in ("model", "seed", "snapshot", "source"):
            continue
        yield node["name"], node["description"]
        for name, column in node["columns"].items():
            yield f"{node['name']}.{name}", column["description"]


def _marts(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "marts" in node["fqn"][:-1]
    ]


def _plain(text: str) -> str:
    return " ".join(text.split())


def test_every_bound_of_an_interval_names_its_figure(manifest: dict[str, Any]) -> None:
    """Prevents a bound whose description is only understood with the column before it."""
    wrong, seen = {}, 0
    for mart in _marts(manifest):
        columns = mart["columns"]
        for name, column in columns.items():
            expected = bound_sentence(name, set(columns))
            if expected is None:
                continue
            seen += 1
            if _plain(column["description"]) != expected:
                wrong[f"{mart['name']}.{name}"] = expected
    assert wrong == {}
    assert seen > 50


def test_descriptions_have_no_archaic_word_and_no_metaphor(manifest: dict[str, Any]) -> None:
    """Prevents a description that a council officer has to read twice."""
    described = list(_described(manifest))
    assert len(described) > 1000
    faults = {name: found for name, text in described if (found := plain_faults(text))}
    assert faults == {}


def test_the_description_of_a_marts_column_is_a_sentence(manifest: dict[str, Any]) -> None:
    """Prevents "The child.", which names the column again and explains nothing."""
    short = {
        f"{mart['name']}.{name}": column["description"]
        for mart in _marts(manifest)
        for name, column in mart["columns"].items()
        if len(column["description"].split()) < FEWEST_WORDS
    }
    assert short == {}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Absences that both hold.", ["hold"]),
        ("Held by both.", ["held"]),
        ("Whether the return interview was held.", []),
        ("The gravest category beside nought.", ["gravest", "beside", "nought"]),
        ("Lower end of the interval of the figure before it.", ["the figure before"]),
        ("Number of absences recorded by both sources.", []),
    ],
)
def test_banned_words_are_found(text: str, faults: list[str]) -> None:
    """Prevents a list of banned words that finds none, or finds them in plain sentences."""
    assert plain_faults(text) == faults


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("both_share_lower", "Lower bound of the 95 % confidence interval for `both_share`."),
        ("both_share_ci_upper", "Upper bound of the 95 % confidence interval for `both_share`."),
        ("duration_hours_lower", None),
        ("both_share", None),
    ],
)
def test_bounds_are_described_from_their_names(column: str, sentence: str | None) -> None:
    """Prevents the bounds of a duration from being called a confidence interval."""
    assert bound_sentence(column, {"both_share", column}) == sentence
