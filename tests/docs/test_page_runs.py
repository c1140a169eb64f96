"""Each command of the tutorial and the how-to pages is run, in a home as its reader has it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.named_tests import find_run_of_test
from tests.docs.page_reader import Reader, list_commands, list_pages
from tests.docs.page_runs import RUNS, Step, find_step, take_step

NOT_RUN = [
    (page, command, find_step(page, command)[1].not_run)
    for page in list_pages()
    if page in RUNS
    for command in list_commands(page)
    if find_step(page, command)[1].not_run
]


def test_every_page_is_followed() -> None:
    """Prevents a page whose commands nobody runs, and runs of a page that is gone."""
    assert set(RUNS) == set(list_pages())


@pytest.mark.parametrize("page", RUNS)
def test_every_step_is_of_a_command(page: str) -> None:
    """Prevents steps of commands that the page no longer has."""
    used = {find_step(page, command)[0] for command in list_commands(page)}
    assert set(RUNS[page]) - used == set()


@pytest.mark.parametrize("page", RUNS)
def test_a_test_that_follows_a_command_exists(page: str) -> None:
    """Prevents commands that count as followed by a test that was renamed or never runs."""
    tests = {step.test for step in RUNS[page].values() if step.test}
    assert {test for test in tests if find_run_of_test(test) == "never runs"} == set()


@pytest.mark.drill
@pytest.mark.parametrize(("page", "command", "reason"), NOT_RUN)
def test_a_command_is_not_run_here(page: str, command: str, reason: str) -> None:
    """Prevents commands that are left out without a reason that a test run prints."""
    pytest.skip(f"{page}: `{command}`: {reason}")


@pytest.mark.drill
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("page", RUNS)
def test_the_commands_of_a_page_are_run_in_order(
    page: str, first_hour: Path, tmp_path: Path
) -> None:
    """Prevents pages whose commands are understood and do not work."""
    commands = [(each, find_step(page, each)[1]) for each in list_commands(page)]
    run = [(command, step) for command, step in commands if not (step.not_run or step.test)]
    if not run:
        pytest.skip(f"{page}: its commands are followed by tasks, by other tests or not at all")
    shutil.copytree(first_hour, tmp_path / "home", symlinks=True)
    reader = Reader(tmp_path / "home")
    for command, step in run:
        take_step(reader, command, step)


def test_a_command_that_does_not_work_is_noticed(tmp_path: Path) -> None:
    """Prevents pages that pass whatever their commands do."""
    reader = Reader(tmp_path / "home")
    for command, code in (("false", 0), ("true", 1), ("false; true", 0)):
        with pytest.raises(AssertionError):
            reader.run(command, code)
    with pytest.raises(AssertionError):
        reader.serve("echo 'another answer'", "http://127.0.0.1")
    reader.run("false", 1)
    take_step(reader, "export PLACE=home", Step())
    take_step(reader, "test $PLACE = NAME", Step({"NAME": "home"}))
    with pytest.raises(AssertionError):
        take_step(reader, "test $PLACE = NAME", Step({"NAME": "elsewhere"}))
