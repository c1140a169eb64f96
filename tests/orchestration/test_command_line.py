"""The command line: its list of commands is cheap, and old names lead to the new ones."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from interfaces.command_line import COMMANDS, app
from interfaces.command_line.lazy import OLD_COMMANDS, OLD_OPTIONS, replace_old_names
from register.settings import PROJECT_ROOT

# What a command's work needs, and its help and its completion do not.
SLOW = (
    "dagster",
    "dbt",
    "pandas",
    "numpy",
    "pyarrow",
    "great_expectations",
    "duckdb",
    "scipy",
    "splink",
    "jinja2",
    "fastapi",
    "hypercorn",
    "simulation",
    "expectations",
)
# What each command line of a list imports, each seen from the state before it.
RUN = """
import json, os, sys
from interfaces.command_line import app

words, completed = json.loads(sys.argv[1]), json.loads(sys.argv[2])
found = {}
for word in words:
    try:
        if completed:
            os.environ["_REGISTER_COMPLETE"] = "complete_bash"
            os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = f"register {word}", "2"
            app(prog_name="register")
        else:
            app([*word.split(), "--help"])
    except SystemExit:
        pass
    found[word] = sorted({name.split(".")[0] for name in sys.modules})
print()
print(json.dumps(found))
"""
# MetricFlow's own help is handed on, to another process.
GROUPS = ("deliveries", "review", "identity", "audit", "generations", "serve", "layouts", "web")


def _notice(line: str) -> str:
    return f"Renamed: {line}. The old names are removed in 1.1.0."


def _slow_modules(words: list[str], completed: bool) -> dict[str, set[str]]:
    """The slow modules that each command line leaves imported; those of one process add up."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(words), json.dumps(completed)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    imported = json.loads(ran.splitlines()[-1])
    assert all("typer" in names for names in imported.values())
    return {word: set(SLOW) & set(names) for word, names in imported.items()}


def test_help_imports_nothing_slow() -> None:
    """Prevents seconds of waiting for a list of names or of options."""
    words = ["", *COMMANDS, "audit draw", "review pages"]
    slow = _slow_modules(words, completed=False)
    assert set(slow) == set(words)
    assert {word: names for word, names in slow.items() if names} == {}


def test_completion_imports_nothing_slow() -> None:
    """Prevents a second of waiting at each press of the Tab key."""
    words = ["", *(f"{name} --" for name in COMMANDS), *(f"{group} " for group in GROUPS)]
    slow = _slow_modules(words, completed=True)
    assert set(slow) == set(words)
    assert {word: names for word, names in slow.items() if names} == {}


def test_a_misspelt_command_is_answered_with_those_like_it() -> None:
    """Prevents a list of commands that is read on for every slip of a finger."""
    refused = CliRunner().invoke(app, ["stauts"])
    assert refused.exit_code == 2
    assert "'status'" in refused.stderr


@pytest.mark.parametrize("old", OLD_COMMANDS, ids=" ".join)
def test_an_old_command_runs_the_new_one_and_names_it(old: tuple[str, ...]) -> None:
    """Prevents scripts of the last release from failing, or from never being corrected."""
    new = OLD_COMMANDS[old]
    former = CliRunner().invoke(app, [*old, "--help"])
    current = CliRunner().invoke(app, [*new, "--help"])
    assert former.exit_code == current.exit_code == 0, former.output
    assert former.stdout == current.stdout
    assert current.stderr == ""
    line = f"`register {' '.join(old)}` is now `register {' '.join(new)}`"
    assert former.stderr.splitlines() == [_notice(line)]


@pytest.mark.parametrize("old", OLD_OPTIONS)
def test_an_old_option_is_taken_for_the_new_one_and_named(old: str) -> None:
    """Prevents an unattended command with `--who` from being refused."""
    new = OLD_OPTIONS[old]
    for words, expected in (([old, "A"], [new, "A"]), ([f"{old}=A"], [f"{new}=A"])):
        named, notices = replace_old_names(["deliveries", "confirm", "D1", *words])
        assert named == ["deliveries", "confirm", "D1", *expected]
        assert notices == [f"`{old}` is now `{new}`"]
    assert replace_old_names(["trace", "--", old]) == (["trace", "--", old], [])
    refused = CliRunner().invoke(app, ["deliveries", "confirm", old, "A"])
    assert refused.exit_code == 2
    assert "Missing argument" in refused.stderr
    assert refused.stderr.splitlines()[0] == _notice(f"`{old}` is now `{new}`")


def test_old_names_are_on_no_list() -> None:
    """Prevents new users from learning names that go."""
    output = {
        words: CliRunner().invoke(app, [*words, "--help"]).output
        for words in ((), *((name,) for name in COMMANDS))
    }
    listed = {
        (*words, line.split()[1])
        for words, text in output.items()
        for line in text.splitlines()
        if line.startswith("│ ") and line[2:].strip("│ ")
    }
    assert ("recording-changes",) in listed and any("--by" in text for text in output.values())
    assert listed & {tuple(old) for old in OLD_COMMANDS} == set()
    assert {words[-1] for words in listed} & set(OLD_OPTIONS) == set()


@pytest.mark.parametrize("page", ["CHANGELOG.md", "docs/how-to/upgrade.md"])
def test_every_old_name_is_announced(page: str) -> None:
    """Prevents a command or option that goes away without a word."""
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    old = {*(" ".join(command) for command in OLD_COMMANDS), *OLD_OPTIONS}
    assert {words for words in old if words not in text} == set()
