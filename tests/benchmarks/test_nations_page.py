"""The page of simulated nations is what its benchmark writes from recorded figures."""

from __future__ import annotations

import json
from dataclasses import replace

from benchmarks.measured_pages import read_figures
from benchmarks.nations import Measured, name_unseen_seeds
from benchmarks.nations_page import FIGURES, PAGE, UNSEEN, summarise, write_nations_page
from tests.module_commands import unknown_words


def test_the_committed_page_is_what_the_benchmark_writes() -> None:
    """Prevents figures that were changed on the page and nowhere else."""
    assert PAGE.read_text(encoding="utf-8") == write_nations_page(), (
        "write it again: `python -m benchmarks.nations_page`"
    )


def test_the_recorded_nations_are_those_that_the_release_names() -> None:
    """Prevents nations that somebody chose for their figures."""
    unseen = json.loads(UNSEEN.read_text(encoding="utf-8"))
    seeds = [nation["seed"] for nation in unseen["nations"]]
    assert seeds == name_unseen_seeds(unseen["release"], 10)
    assert {nation["profile"] for nation in unseen["nations"]} == {"harder"}


def test_every_table_says_when_and_by_what_it_was_measured() -> None:
    """Prevents figures that nobody can repeat, and rows that do not fit their columns."""
    tables = read_figures(FIGURES)["tables"]
    assert len(tables) > 4
    for table in tables:
        assert all(len(row) == len(table["columns"]) for row in table["rows"]), table["title"]
        assert table["command"] and table["measured_on"]
        if table["command"].startswith("python -m "):
            assert unknown_words(table["command"]) == [], table["title"]


def test_a_command_of_another_module_or_option_is_seen() -> None:
    """Prevents a check of commands that passes whatever they are."""
    assert unknown_words("python -m benchmarks.nations --unseen 10") == []
    assert unknown_words("python -m benchmarks.nations --fastest 10") == ["fastest"]
    assert unknown_words("python -m benchmarks.nothing") == ["benchmarks.nothing"]


def test_the_worst_of_a_measure_is_bold() -> None:
    """Prevents a summary that leads with the best nation."""
    [first, *_] = json.loads(UNSEEN.read_text(encoding="utf-8"))["nations"]
    nation = replace(Measured(**first), right_share=0.8, headline_width=0.1, disagreements=10)
    worse = replace(nation, right_share=0.6, headline_width=0.3, disagreements=20)
    lines = summarise([nation, worse]).splitlines()
    assert "| reason right | **60.0%** | 70.0% | 80.0% |" in lines
    assert "| width of that interval | 10.0% | 20.0% | **30.0%** |" in lines
    assert "| disagreements | 10 | 15 | 20 |" in lines
