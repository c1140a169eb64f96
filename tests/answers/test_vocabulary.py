"""The words of answers are those of the models, the seeds and the semantic layer."""

from __future__ import annotations

import ast
import csv
import re

import duckdb

from register.answers import Vocabulary
from register.settings import PROJECT_ROOT

LABELS = PROJECT_ROOT / "dbt_project" / "macros" / "labels.sql"
# An absence with each care status, and its place, as `ref__populations` counts it.
BOUNDARIES = {"true": "outside", "false": "inside"}


def _read_labels() -> dict[str, dict[str, str]]:
    text = LABELS.read_text(encoding="utf-8")
    found = re.search(r"return\((\{.*?\n {4}\})\[kind\]", text, re.DOTALL)
    assert found
    labels: dict[str, dict[str, str]] = ast.literal_eval(found.group(1))
    return labels


def test_a_characteristic_has_every_value_of_the_models_with_its_label(
    vocabulary: Vocabulary,
) -> None:
    """Prevents an absence whose value has no line, or two names for one value."""
    labels = _read_labels()
    for name, each in vocabulary.characteristics.items():
        code = name.replace("-", "_")
        assert each.column == f"{code}_code"
        assert each.label == labels["characteristic"][code]
        assert list({**each.values, **each.rest}.items()) == list(labels[code].items())


def test_populations_are_those_of_the_marts(vocabulary: Vocabulary) -> None:
    """Prevents an answer about other children than the mart of the same population."""
    labels = _read_labels()["population"]
    names = {name: each.label for name, each in vocabulary.populations.items()}
    # Statistics of the register leave out short breaks.
    assert names == {name: text for name, text in labels.items() if name != "short_break"}
    with (PROJECT_ROOT / "seeds" / "ref__populations.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["population_code"] in names]
    counted = {
        (name, care, boundary)
        for name, each in vocabulary.populations.items()
        for care in ("looked_after", "home", "unknown")
        for boundary in BOUNDARIES.values()
        if _holds(each.condition, care, boundary)
    }
    assert counted == {
        (row["population_code"], row["care_status_code"], BOUNDARIES[row["is_out_of_area"]])
        for row in rows
    }


def _holds(condition: str, care: str, boundary: str) -> bool:
    found = duckdb.execute(
        f"select {condition} from (select ? as care_status_code, ? as boundary_code)",
        [care, boundary],
    ).fetchone()
    return found == (True,)


def test_a_question_counts_the_children_of_its_name_and_waits_for_its_sources(
    vocabulary: Vocabulary,
) -> None:
    """Prevents every child under the name of those in care, and zeros of a silent source."""
    questions = vocabulary.questions
    in_care = {name for name in questions if name.endswith(("-from-care", "-from-placement"))}
    assert {name for name, each in questions.items() if each.population} == in_care
    assert {questions[name].population for name in in_care} == {"looked_after"}
    one_source = {
        "away-from-placement": ("authority",),
        "return-interviews": ("authority",),
        "police-missing-incidents": ("police",),
    }
    assert {name: each.sources for name, each in questions.items()} == {
        name: one_source.get(name, ("police", "authority")) for name in questions
    }
