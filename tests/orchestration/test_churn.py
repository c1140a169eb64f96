"""A load that changes too many keys is held until somebody accepts it, once."""

from __future__ import annotations

import csv

import pytest
from click.testing import Result
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import current_generation
from tests.orchestration.conftest import Place
from tests.orchestration.small_project import change_most_keys

pytestmark = pytest.mark.slow
ACCEPT = ("--accept-churn", "--by", "A Publisher", "--reason", "the linkage model is a better one")


def _load(*options: str) -> Result:
    return CliRunner().invoke(app, ["load", *options])


@pytest.mark.drill
def test_a_load_that_changes_too_many_keys_waits_for_a_persons_word(loaded: Place) -> None:
    """Prevents readers' joins breaking overnight, and a word given once that holds for ever."""
    first = current_generation(loaded.settings)
    assert first is not None
    change_most_keys(loaded.project)
    held_load = _load()
    assert held_load.exit_code == 1
    output = " ".join(held_load.output.split())
    assert "60 would become another child (40 keys merged, 2 split off)" in output
    assert f"generation {first.generation_id}" in output
    assert "register load --accept-churn --by" in output
    assert current_generation(loaded.settings) == first, "readers stay where they were"
    accepted = _load(*ACCEPT)
    assert accepted.exit_code == 0, accepted.output
    second = current_generation(loaded.settings)
    assert second is not None
    assert second.generation_id > first.generation_id
    with (loaded.settings.decisions / "churn.csv").open(encoding="utf-8") as file:
        decisions = [(row["generation_id"], row["decided_by"]) for row in csv.DictReader(file)]
    assert decisions == [(first.generation_id, "A Publisher")]
    assert _load("--refresh").exit_code == 1, "the word was for the load after the first"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (ACCEPT, "nothing is published yet"),
        (("--accept-churn",), "needs a name and a reason"),
        (("--by", "A Publisher"), "goes with --accept-churn"),
        (
            (*ACCEPT, "--as-known-at", "2026-01-31"),
            "--as-known-at changes no keys, so there is nothing to accept",
        ),
    ],
)
def test_an_acceptance_that_means_nothing_is_refused(
    place: Place, options: tuple[str, ...], says: str
) -> None:
    """Prevents a decision without an author, and one that lies in wait for a later load."""
    result = _load(*options)
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())
    rows = (place.settings.decisions / "churn.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1
