"""Answers as files, and the command that writes them."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.access import COARSE_FORM
from register.answers import Answer, AnswerError, Request, Vocabulary, answer_question, write_answer
from register.publishing import Generation
from tests.answers.conftest import GENERATION

QUESTION = ["children-missing-from-care", "--area", "Leeds", "--per", "quarter", "--years", "1"]
runner = CliRunner()


@pytest.fixture
def answer(published: Path, vocabulary: Vocabulary) -> Answer:
    """An answer of four quarters, of which the last was not delivered."""
    request = Request("children-missing-from-care", ["Leeds"], "quarter", years=1)
    return answer_question(published, GENERATION, vocabulary, request)


@pytest.fixture
def home(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose current generation is the small register; the folder where files go."""
    folder = tmp_path / "generation"
    folder.mkdir()
    (folder / COARSE_FORM).symlink_to(published)
    generation = Generation(GENERATION, folder, is_current=True)
    monkeypatch.setattr("register.publishing.current_generation", lambda _: generation)
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_spreadsheet_has_numbers_and_says_what_they_mean(answer: Answer, tmp_path: Path) -> None:
    """Prevents figures that a spreadsheet cannot add, or that nobody can explain later."""
    write_answer(answer, tmp_path / "leeds.xlsx")
    book = openpyxl.load_workbook(tmp_path / "leeds.xlsx")
    head, *rows = list(book["Answer"].values)
    assert head[:6] == (
        "Area",
        "Quarter",
        "First day",
        "Last day",
        "Deliveries",
        "Children missing",
    )
    assert [row[5] for row in rows] == [2, 1, 0, None]
    assert [row[8] for row in rows] == [0.666666667, 1, 1, None]
    assert book["Answer"]["I2"].number_format == "0.0 %"
    notes = "\n".join(str(row[0]) for row in book["Notes"].values)
    assert answer.title in notes
    assert GENERATION in notes
    meanings = {row[0]: row[1] for row in book["Notes"].values}
    assert meanings["Children missing"].startswith("Number of children with")


def test_no_text_of_an_answer_runs_as_a_formula(answer: Answer, tmp_path: Path) -> None:
    """Prevents a supplier's name that a spreadsheet executes."""
    row = {**answer.rows[0], "area_name": "=1+1"}
    write_answer(replace(answer, rows=(row,)), tmp_path / "leeds.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "leeds.xlsx")["Answer"]["A2"]
    assert (cell.data_type, cell.value) == ("s", "'=1+1")


def test_csv_and_json_have_the_same_rows(answer: Answer, tmp_path: Path) -> None:
    """Prevents a program from reading other figures than a person."""
    for kind in ("csv", "json"):
        write_answer(answer, tmp_path / f"leeds.{kind}")
    with (tmp_path / "leeds.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    content = json.loads((tmp_path / "leeds.json").read_text(encoding="utf-8"))
    assert [row["children_missing"] for row in rows] == ["2", "1", "0", ""]
    assert [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in content["rows"]
    ] == rows
    assert content["title"] == answer.title


def test_another_ending_is_answered_with_the_right_ones(answer: Answer, tmp_path: Path) -> None:
    """Prevents a spreadsheet under a name that no program opens."""
    with pytest.raises(AnswerError, match=r"choose one of: \.xlsx, \.csv, \.json"):
        write_answer(answer, tmp_path / "leeds.ods")


def test_the_command_answers_in_the_terminal_and_in_a_file(home: Path) -> None:
    """Prevents an answer that is only in one of the two."""
    outcome = runner.invoke(app, ["metrics", "ask", *QUESTION])
    assert outcome.exit_code == 0, outcome.output
    assert "2 of 3: 67 % (21 to 94)" in outcome.output
    (last,) = (line for line in outcome.output.splitlines() if "2025-Q1" in line)
    assert (last.count("not known"), last.count("Not delivered")) == (2, 1)
    outcome = runner.invoke(app, ["metrics", "ask", *QUESTION, "--out", "leeds.xlsx"])
    assert outcome.exit_code == 0, outcome.output
    assert (home / "leeds.xlsx").stat().st_mode & 0o777 == 0o600
    outcome = runner.invoke(app, ["metrics", "ask", *QUESTION, "--json"])
    assert len(json.loads(outcome.stdout)["rows"]) == 4


def test_the_command_lists_what_can_be_asked(home: Path) -> None:
    """Prevents a person from having to read the code to find a question."""
    outcome = runner.invoke(app, ["metrics", "ask"])
    assert outcome.exit_code == 0
    for name in ("children-missing-from-care", "age-band", "looked-after", "quarter"):
        assert name in outcome.output
    assert "--area Leeds" in runner.invoke(app, ["metrics", "ask", "--help"]).output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["agreement", "--area", "Leads"], "Did you mean Leeds?"),
        (["agreements"], "Did you mean agreement?"),
        (["agreement", "--out", "a.pdf"], ".xlsx, .csv, .json"),
    ],
)
def test_the_command_says_what_is_wrong(home: Path, words: list[str], message: str) -> None:
    """Prevents a traceback, or a file that has nothing in it."""
    outcome = runner.invoke(app, ["metrics", "ask", *words])
    assert outcome.exit_code == 2
    assert message in " ".join(outcome.output.replace("│", " ").split())


def test_a_file_that_cannot_be_written_ends_the_command(home: Path) -> None:
    """Prevents a traceback where a folder does not exist."""
    outcome = runner.invoke(app, ["metrics", "ask", "agreement", "--out", "nowhere/a.csv"])
    assert outcome.exit_code == 1
    assert "cannot be written" in outcome.output


def test_without_a_generation_it_says_to_load(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a message about a file that no analyst knows."""
    monkeypatch.setattr("register.publishing.current_generation", lambda _: None)
    outcome = runner.invoke(app, ["metrics", "ask", "agreement"])
    assert outcome.exit_code == 1
    assert "run `register load`" in outcome.output
