"""Plain English where people read: no sentence above 25 words, and a mean well below that.

A page that does not meet this yet is listed with the number of its longer sentences, which may only
fall. A page that is not listed has none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from register.settings import PROJECT_ROOT
from tests.docs.sentences import LONGEST, measure, sentences, words

FRONT = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
# Mean number of words in a sentence, headings and cells of tables included.
GREATEST_MEAN = 16.0
GREATEST_MEAN_OF_A_DECISION = 17.0
# Longer sentences of pages that are not rewritten yet.
NOT_YET: dict[str, int] = {}
# Share of longer sentences in descriptions of published tables and columns, as it was measured.
GREATEST_SHARE_OF_DESCRIPTIONS = 0.04
# Words that no reader of today uses, and data that do what people do.
OLD_WORDS = re.compile(
    r"\b(nought|whence|whither|thereof|hitherto|stands? or falls?|speaks? for)\b", re.IGNORECASE
)
# Sentences that the quality site shows out of look-ups, or that explain one of its rules.
SHOWN = {
    "ref__source_dependence": ("dependence_name", "dependence_statement"),
    "ref__agreement_tolerances": ("reason",),
    "ref__simulation_tolerances": ("reason",),
    "ref__reasons": ("reason_name",),
    "ref__reason_thresholds": ("reason",),
    "ref__hold_tolerances": ("reason",),
    "ref__merge_tolerances": ("reason",),
}


def _pages() -> list[str]:
    docs = PROJECT_ROOT / "docs"
    found = [path for path in docs.rglob("*.md") if "dashboard" not in path.parts]
    names = [str(path.relative_to(PROJECT_ROOT)) for path in found]
    return [*FRONT, *sorted(name for name in names if not name.startswith("docs/decisions/"))]


def _descriptions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "description" and isinstance(inner, str):
                yield inner
            else:
                yield from _descriptions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _descriptions(inner)


@pytest.mark.parametrize("page", _pages())
def test_a_page_has_short_sentences(page: str) -> None:
    """Prevents pages that a council officer gives up on."""
    found = measure((PROJECT_ROOT / page).read_text(encoding="utf-8"))
    assert len(found.too_long) <= NOT_YET.get(page, 0), found.too_long
    assert found.mean <= GREATEST_MEAN


@pytest.mark.parametrize("page", _pages())
def test_a_page_has_words_of_today(page: str) -> None:
    """Prevents archaic words, and records that speak."""
    assert OLD_WORDS.findall((PROJECT_ROOT / page).read_text(encoding="utf-8")) == []


def test_the_method_page_has_short_sentences() -> None:
    """Prevents definitions that nobody can apply."""
    path = PROJECT_ROOT / "interfaces" / "quality_site" / "terms.yaml"
    terms = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert len(terms) > 10
    texts = [term["rule"] for term in terms]
    assert [text for text in texts if measure(text).longest > LONGEST] == []


@pytest.mark.parametrize("seed", SHOWN)
def test_a_look_up_that_the_site_shows_has_short_sentences(seed: str) -> None:
    """Prevents a statement in a table that a reader has to parse twice."""
    path = PROJECT_ROOT / "seeds" / f"{seed}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    texts = [row[column] for row in rows for column in SHOWN[seed]]
    assert [text for text in texts if measure(text).longest > LONGEST] == []


def test_descriptions_of_published_columns_do_not_grow() -> None:
    """Prevents new descriptions that a BI tool shows and nobody can read."""
    marts = PROJECT_ROOT / "dbt_project" / "models" / "marts"
    found = [
        text
        for path in marts.rglob("*.yml")
        for text in _descriptions(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 500
    lengths = [measure(text) for text in found]
    too_long = sum(len(each.too_long) for each in lengths)
    assert too_long / sum(each.count for each in lengths) <= GREATEST_SHARE_OF_DESCRIPTIONS


def test_decisions_do_not_grow_harder_to_read() -> None:
    """Prevents a record of why that only its author can follow."""
    paths: list[Path] = sorted((PROJECT_ROOT / "docs" / "decisions").rglob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert max(measure(text).mean for text in texts) <= GREATEST_MEAN_OF_A_DECISION


def test_the_measure_counts_as_a_reader_does() -> None:
    """Prevents a floor that code, links or tables pass or fail by their form."""
    text = (
        "# A heading\n\nOne [linked page](a/b.md) of `some code here`. Two words; then more:\n\n"
        "    register load --refresh\n\n"
        "| cell one | cell two has four |\n|---|---|\n\n```\nnot read at all\n```\n"
    )
    assert sentences(text) == [
        "A heading",
        "One linked page of code.",
        "Two words; then more:",
        "cell one",
        "cell two has four",
    ]
    assert words("Rule 576 was not checked - at all.") == 7
    assert measure("word " * 26 + ".").too_long != ()
    assert measure("word " * 25 + ".").too_long == ()
