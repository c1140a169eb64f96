"""Tasks done by following the documents alone: the commands are those of the pages, word for word.

A task is the blocks of shell that follow its marker in a page. A reader puts a value in place of
each word in capitals; here the page's own commands give it.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.main import get_command

from interfaces.command_line import app
from register.settings import PROJECT_ROOT
from tests.docs.page_reader import (
    DOCS,
    FOLDERS,
    TUTORIAL,
    Reader,
    list_pages,
    read_blocks_of_shell,
)

# A command outside a block would be followed by no test.
INDENTED = re.compile(r"\n\n {4,}(?:\./)?(?:register|make|git|python) .+")
PAGES = list_pages()
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
FORCE = "E23000009"
KEPT_BACK = f"police_reports-{FORCE}-2026-03-"
# A delivery that the simulation made wrong on purpose.
FAULTY = ("police_reports", "E23000010", "2026-06")
NEEDS_SOMEBODY = 5


def _commands(page: str) -> Iterator[list[str]]:
    for _, block in read_blocks_of_shell(page):
        for line in block.replace("\\\n", " ").splitlines():
            plain = line.replace("sudo -u register /opt/register/.venv/bin/", "")
            words = shlex.split(plain.replace("$(", "").replace(")", ""), comments=True)
            # Variables of the environment may stand before a command.
            while words and re.fullmatch(r"\w+=.*", words[0]):
                name, _, value = words.pop(0).partition("=")
                if name == "folder":
                    words.insert(0, value)
            if words and words[0] in {"register", "make"}:
                yield words[: words.index(">")] if ">" in words else words


def _read(command: Any, words: list[str], parent: Any = None) -> None:
    """Read a command line as the command does, without running it: wrong words raise."""
    context = command.make_context(words[0] if words else "register", list(words), parent=parent)
    rest = [*context._protected_args, *context.args]
    if rest and hasattr(context.command, "resolve_command"):
        _, inner, left = context.command.resolve_command(context, rest)
        _read(inner, list(left), context)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_understood(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents instructions with commands, options or targets of make that are gone."""
    targets = set(TARGET.findall((PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "PATH").touch()
    for words in _commands(page):
        if words[0] == "make":
            named = [word for word in words[1:] if not re.search(r"[=/]|^-", word)]
            assert set(named) <= targets, words
        else:
            _read(get_command(app), words[1:])


def test_the_pages_have_commands() -> None:
    """Prevents a test that reads no command, since blocks are written in another way."""
    assert sum(1 for page in PAGES for _ in _commands(page)) > 60


@pytest.mark.parametrize(
    "page", [path for folder in FOLDERS for path in (DOCS / folder).glob("*.md")]
)
def test_every_command_is_in_a_block(page: Path) -> None:
    """Prevents commands that no test reads."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert INDENTED.findall(text) == []


def test_five_tasks_and_more_are_marked() -> None:
    """Prevents a drill that runs nothing, since a marker was reworded."""
    marked = {task for page in PAGES for task, _ in read_blocks_of_shell(page) if task}
    assert marked == {"first hour", *TASKS}


@pytest.fixture(scope="module")
def reader(first_hour: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who has followed the first hour to its end."""
    home = tmp_path_factory.mktemp("reader") / "home"
    shutil.copytree(first_hour, home, symlinks=True)
    printed = first_hour.with_name("printed.txt").read_text(encoding="utf-8")
    return Reader(home, printed)


def _first_hour(reader: Reader) -> None:
    generations = reader.read_json("register generations")
    assert [each["is_current"] for each in generations] == [True, False]
    ids = [
        each["delivery_id"] for each in reader.read_json(f"register deliveries --supplier {FORCE}")
    ]
    assert any(each.startswith(KEPT_BACK) for each in ids)
    links = (reader.home / "decisions" / "links.csv").read_text(encoding="utf-8")
    assert "never_link" in links
    # The page prints some lines of the first load.
    text = (DOCS / TUTORIAL).read_text(encoding="utf-8")
    shown = re.findall(r"Among its last lines are these:\n\n```\n(.*?)^```", text, re.M | re.S)
    lines = {" ".join(line.split()) for line in reader.printed.splitlines()}
    assert {" ".join(line.split()) for line in shown[0].splitlines()} - lines == set()


def _check_a_delivery(reader: Reader) -> None:
    feed, supplier, period = FAULTY
    path = str(reader.home / "inbox" / feed / supplier / period)
    values = {"PATH": path, "SUPPLIER": supplier, "PERIOD": period}
    assert "swapped_columns" in reader.follow(
        "how-to/check-before-sending.md", "check a delivery", 1, **values
    )


def _set_a_delivery_aside(reader: Reader) -> None:
    entries = reader.read_json(f"register deliveries --supplier {FORCE}")
    [delivery] = [x["delivery_id"] for x in entries if x["delivery_id"].startswith(KEPT_BACK)]
    reader.follow(
        "how-to/set-a-delivery-aside.md", "set a delivery aside", SUPPLIER=FORCE, DELIVERY=delivery
    )
    withdrawn = reader.read_json("register deliveries --outcome withdrawn")
    assert [each["delivery_id"] for each in withdrawn] == [delivery]


def _go_back(reader: Reader) -> None:
    older = reader.read_json("register generations")[-1]["generation_id"]
    said = reader.follow("how-to/go-back-a-generation.md", "go back", GENERATION=older)
    assert said.strip().endswith(older)


def _announce_a_change(reader: Reader) -> None:
    said = reader.follow(
        "how-to/announce-a-recording-change.md", "announce a change", SUPPLIER=FORCE
    )
    assert FORCE in said
    assert "threshold" in said


def _follow_a_figure(reader: Reader) -> None:
    said = reader.follow("how-to/follow-a-figure.md", "follow a figure")
    assert re.search(r"line +\S+, (line|element) \d+", said)


def _check_a_home(reader: Reader) -> None:
    assert "rejected" in reader.follow("how-to/check-a-home.md", "check a home", NEEDS_SOMEBODY)


def _reinstate_a_delivery(reader: Reader) -> None:
    [withdrawn] = reader.read_json("register deliveries --outcome withdrawn")
    values = {"DELIVERY": withdrawn["delivery_id"]}
    reader.follow("how-to/set-a-delivery-aside.md", "reinstate a delivery", **values)
    assert reader.read_json("register deliveries --outcome withdrawn") == []


def _confirm_a_held_delivery(reader: Reader) -> None:
    delivery = reader.read_json("register deliveries --outcome held")[0]["delivery_id"]
    page = "how-to/handle-a-held-delivery.md"
    reader.follow(page, "confirm a held delivery", DELIVERY=delivery)
    held = reader.read_json("register deliveries --outcome held")
    assert delivery not in {each["delivery_id"] for each in held}


def _remove_a_change(reader: Reader) -> None:
    page = "how-to/announce-a-recording-change.md"
    reader.follow(page, "remove a change", SUPPLIER=FORCE)
    in_force = reader.read_json("register recording-changes")
    assert FORCE not in {each["supplier_code"] for each in in_force}


def _compare_generations(reader: Reader) -> None:
    page = "how-to/compare-generations.md"
    # An earlier task went back to the oldest generation, which no other precedes.
    latest = reader.read_json("register generations")[0]["generation_id"]
    reader.run(f"register generations rollback {latest}")
    assert "fct_agreement" in reader.follow(page, "compare generations")


def _look_up_a_key(reader: Reader) -> None:
    register = reader.home / "published" / "current" / "national_register.duckdb"
    with duckdb.connect(str(register), read_only=True) as connection:
        query = "select min(child_id_register) from register.bridge_child_sources"
        [(child,)] = connection.execute(query).fetchall()
    answer = reader.follow("how-to/look-up-a-childs-key.md", "look up a key", CHILD=child)
    assert child in answer


def _look_back(reader: Reader) -> None:
    current = reader.run("register generations path")
    reader.follow("how-to/look-back.md", "look back")
    assert list((reader.home / "published" / "as-known-at").iterdir())
    assert reader.run("register generations path") == current


TASKS = {
    "check a delivery": _check_a_delivery,
    "set a delivery aside": _set_a_delivery_aside,
    "go back": _go_back,
    "announce a change": _announce_a_change,
    "follow a figure": _follow_a_figure,
    "check a home": _check_a_home,
    "reinstate a delivery": _reinstate_a_delivery,
    "confirm a held delivery": _confirm_a_held_delivery,
    "remove a change": _remove_a_change,
    "compare generations": _compare_generations,
    "look up a key": _look_up_a_key,
    "look back": _look_back,
}


@pytest.mark.drill
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("task", ["first hour", *TASKS])
def test_a_task_is_done_by_following_the_page(task: str, reader: Reader) -> None:
    """Prevents pages that only those who wrote the code can follow."""
    TASKS.get(task, _first_hour)(reader)
