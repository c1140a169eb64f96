"""A sample of one cap is drawn from the review list, and no estimate of error uses it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import Generation, current_generation
from register.review.clerical_sample import (
    draw_cap_sample,
    draw_sample,
    sampled_pair_ids,
    sampling_weights,
)
from register.review.pairs import CaseLists, ReviewError
from register.settings import Settings
from tests.review.cases import pair_id

CAP, OTHER_CAP = "near_date_elsewhere", "unlike_forenames"
# The question about the two children whose pairs are under the cap in the published home.
ASKED = pair_id("2", "5")
# More pairs of two children each. Only the first eleven may be drawn.
LISTED = [f"P{place:016X}" for place in range(11)]
OTHERS = {
    "is_loose = false": "P00000000000000A1",
    "guard_code = 'twins'": "P00000000000000A2",
    "is_joined = true, is_for_review = false, review_reason_code = null": "P00000000000000A3",
    "decision = 'never_link', is_for_review = false": "P00000000000000A4",
    "review_reason_code = 'kept_apart_by_cluster'": "P00000000000000A5",
    f"capped_by = '{OTHER_CAP}'": "P00000000000000A6",
}


@pytest.fixture
def home(
    published: tuple[Settings, Generation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A copy of the published home whose review list has more pairs under the cap."""
    copied = replace(published[0], home=tmp_path / "home")
    shutil.copytree(published[0].home, copied.home, symlinks=True)
    monkeypatch.setenv("REGISTER_HOME", str(copied.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    with duckdb.connect(str(_generation(copied).folder / "case_lists.duckdb")) as connection:
        for new in [*LISTED, *OTHERS.values()]:
            connection.execute(
                "insert into operations.review_pairs select * replace (? as review_pair_id,"
                " ? as left_child_id_register, ? as left_mention_key)"
                " from operations.review_pairs where review_pair_id = ?",
                [new, f"C{new}", f"{new}", ASKED],
            )
        for change, new in OTHERS.items():
            connection.execute(
                f"update operations.review_pairs set {change} where review_pair_id = ?",
                [new],
            )
    return copied


@pytest.fixture
def lists(home: Settings) -> Iterator[CaseLists]:
    """The case lists of the copied home, open."""
    with CaseLists(_generation(home), home.seeds) as opened:
        yield opened


def _generation(settings: Settings) -> Generation:
    found = current_generation(settings)
    assert found is not None
    return found


def _rows(settings: Settings) -> list[dict[str, str]]:
    with (settings.decisions / "clerical_sample.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_only_open_questions_of_the_cap_are_drawn(home: Settings, lists: CaseLists) -> None:
    """Prevents a sample of pairs that the cap does not hold back, or that would not link."""
    drawn = draw_cap_sample(home, lists, CAP, 400, 1)
    rows = _rows(home)
    assert {row["review_pair_id"] for row in rows} == {ASKED, *LISTED}
    assert {(row["stratum"], row["stratum_pair_count"]) for row in rows} == {(f"cap {CAP}", "12")}
    assert {row["sample_id"] for row in rows} == {drawn.sample_id}
    assert drawn.pair_count == 12


def test_the_same_seed_draws_the_same_pairs_of_a_cap(home: Settings, lists: CaseLists) -> None:
    """Prevents a sample of a cap that cannot be drawn again."""
    for seed in (5, 5, 6):
        draw_cap_sample(home, lists, CAP, 4, seed)
    ids = [row["review_pair_id"] for row in _rows(home)]
    assert len(ids) == 12
    assert ids[:4] == ids[4:8] != ids[8:]
    assert len(set(ids[:4])) == 4


def test_a_cap_without_open_questions_is_refused(home: Settings, lists: CaseLists) -> None:
    """Prevents an empty sample where the name of a cap is misspelt."""
    with pytest.raises(ReviewError, match=f"caps with such pairs: {CAP}, {OTHER_CAP}"):
        draw_cap_sample(home, lists, "other_dates", 4, 1)
    assert not _rows(home)


def test_other_estimates_do_not_use_a_sample_of_one_cap(home: Settings, lists: CaseLists) -> None:
    """Prevents pairs of one cap from standing for pairs of all strata."""
    draw_sample(home, lists, 400, 1)
    before = sampling_weights(home)
    draw_cap_sample(home, lists, CAP, 4, 1)
    assert sampling_weights(home) == before


def test_a_sample_of_a_cap_leaves_the_other_sample_to_be_judged(
    home: Settings, lists: CaseLists
) -> None:
    """Prevents a half-judged sample over all strata from being lost for a sample of one cap."""
    for size in (2, 3):
        draw_sample(home, lists, size, size)
    draw_cap_sample(home, lists, CAP, 4, 1)
    draw_cap_sample(home, lists, OTHER_CAP, 1, 1)
    ids = [row["review_pair_id"] for row in _rows(home)]
    over_all, of_cap, of_other_cap = ids[2:5], ids[5:9], ids[9:]
    expected = list(dict.fromkeys([*of_other_cap, *of_cap, *over_all]))
    assert sampled_pair_ids(home) == expected


def test_the_command_draws_the_sample_of_a_cap(home: Settings) -> None:
    """Prevents an option that draws from all strata after all."""
    command = ["identity", "clerical-sample", "--size", "4", "--cap"]
    refused = CliRunner().invoke(app, [*command, "other_dates"])
    assert refused.exit_code == 1
    assert CAP in " ".join(refused.output.split())
    drawn = CliRunner().invoke(app, [*command, CAP, "--json"])
    assert drawn.exit_code == 0, drawn.output
    assert [each["stratum"] for each in json.loads(drawn.output)["strata"]] == [f"cap {CAP}"]
    assert len(_rows(home)) == 4
