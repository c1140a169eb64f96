"""The analysts' guide and the README: what they print is what the demonstration answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dbt_manifest import list_coarse_levels, load_manifest
from register.access import COARSE_FORM
from register.publishing import Generation, summarise, write_coarse_form
from register.settings import Settings
from simulation import SimulationPlan, simulate
from tests.conftest import put_postcodes
from tests.docs.bi_guide import PAGE, headings, printed, read_questions
from tests.docs.readme import PAGE as README
from tests.docs.readme import count_by_title, read_printed
from tests.end_to_end.registers import build, land

QUESTIONS = read_questions(PAGE.read_text(encoding="utf-8"))


def test_the_guide_has_twelve_questions_with_an_answer() -> None:
    """Prevents a question whose query or answer the tests do not find."""
    assert [question.title.split(".")[0] for question in QUESTIONS] == [
        str(number) for number in range(1, 13)
    ]
    assert all(len(question.answer.splitlines()) > 2 for question in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_a_query_of_the_guide_answers_in_the_columns_printed(question: Any, coarse: Path) -> None:
    """Prevents a guide whose queries name what is gone, or what analysts may not see."""
    with duckdb.connect(str(coarse), read_only=True) as register:
        answer = printed(register, question.sql)
    assert headings(answer) == headings(question.answer)


def test_the_guide_says_what_the_message_of_a_locked_file_means() -> None:
    """Prevents the question that is asked most from having no answer."""
    assert "`Could not set lock on file`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.drill
def test_what_guide_and_readme_print_is_what_the_demonstration_answers(
    settings: Settings, postcodes: Any
) -> None:
    """Prevents pages that print what their reader does not get: a whole load, two minutes."""
    simulate(settings.home, SimulationPlan())
    put_postcodes(postcodes, settings)
    land(settings)
    folder = build(settings, "demonstration")
    write_coarse_form(settings, folder, list_coarse_levels(load_manifest(settings)), {})
    with duckdb.connect(str(folder / COARSE_FORM), read_only=True) as register:
        answers = {question.title: printed(register, question.sql) for question in QUESTIONS}
        of_readme = read_printed(README.read_text(encoding="utf-8"))
        answer = printed(register, of_readme.sql)
    assert answers == {question.title: question.answer for question in QUESTIONS}
    assert answer == of_readme.answer
    summary = summarise(Generation("demonstration", folder, is_current=True))
    assert of_readme.counts() == count_by_title(summary)
