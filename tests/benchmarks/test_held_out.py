"""Held-out quality as data: of the pinned model, by groups that add up, and of both makers."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pyarrow.compute as pc
import pytest

from benchmarks.external_validation import labelled_nation
from benchmarks.held_out import (
    SEED_FILE,
    TRAINING_SEED,
    VALIDATION_SEEDS,
    HeldOutNation,
    Row,
    write_rows,
)
from register.identity.score import load_model

COUNTS = ("true_count", "false_count", "missed_count")


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> HeldOutNation:
    """The least validation nation, of a seed that anybody may look at."""
    labelled = labelled_nation(260, 1, tmp_path_factory.mktemp("nation"))
    return HeldOutNation("validation", 1, labelled)


@pytest.fixture(scope="module")
def rows(nation: HeldOutNation) -> list[Row]:
    """Every row of it."""
    return list(nation.build_rows())


def test_the_seed_is_of_the_pinned_model_and_of_both_makers() -> None:
    """Prevents error rates of a model that links no more, and a nation that was left out."""
    with SEED_FILE.open(encoding="utf-8", newline="") as lines:
        seed = list(csv.DictReader(lines))
    pinned = load_model().version
    assert {row["model_version"] for row in seed} == {pinned}, (
        f"the model {pinned} is pinned without its held-out figures:"
        " run `python -m benchmarks.held_out`"
    )
    nations = {(row["nation_code"], int(row["nation_seed"])) for row in seed}
    assert nations == {
        *(("validation", number) for number in VALIDATION_SEEDS), ("training", TRAINING_SEED)
    }  # fmt: skip


def test_groups_that_each_child_has_one_of_add_up_to_all(rows: list[Row]) -> None:
    """Prevents true pairs that are counted in two groups or in none, where rates are composed."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row.grouping_code in {"all", "linkage_group"}:
            key = (row.linkage_code, row.scope_code, row.grouping_code)
            sums[key][0] += row.child_count
            sums[key][1] += row.true_count or 0
            sums[key][2] += row.missed_count or 0
    for (linkage, scope, grouping), counts in sums.items():
        if grouping == "all":
            assert counts == sums[linkage, scope, "linkage_group"]
            assert counts[1] > counts[2] > 0
    assert {linkage for linkage, _, _ in sums} == {"strict", "central", "loose"}
    assert {row.grouping_code for row in rows} == {
        "all", "origin", "unaccompanied", "linkage_group", "part", "authority",
    }  # fmt: skip


def test_a_row_counts_what_the_linkage_found(nation: HeldOutNation, rows: list[Row]) -> None:
    """Prevents shares of review that do not add up to what is missed, or pairs within a source."""
    whole, between = (
        next(
            row for row in rows
            if (row.linkage_code, row.scope_code, row.grouping_code) == ("central", scope, "all")
        )
        for scope in ("all", "between")
    )  # fmt: skip
    child_of = nation.labelled.child_of
    members: dict[str, list[str]] = defaultdict(list)
    for key, child in child_of.items():
        members[child].append(key)
    pairs = [
        (one, other) for keys in members.values() for one in keys for other in keys if one < other
    ]
    assert whole.child_count == len(members)
    assert (whole.true_count or 0) + (whole.missed_count or 0) == len(pairs)
    source_of = nation.source_of
    across = [pair for pair in pairs if source_of[pair[0]] != source_of[pair[1]]]
    assert (between.true_count or 0) + (between.missed_count or 0) == len(across)
    assert whole.recall is not None
    assert whole.review_share is not None
    assert whole.unlisted_share is not None
    assert whole.recall + whole.review_share + whole.unlisted_share == pytest.approx(1)
    assert whole.review_share > 0


def test_the_seed_is_written_as_the_register_reads_it(rows: list[Row], tmp_path: Path) -> None:
    """Prevents a seed with other columns than its description, or `None` in place of nothing."""
    write_rows(rows, tmp_path / "seed.csv")
    with (tmp_path / "seed.csv").open(encoding="utf-8", newline="") as lines:
        written = list(csv.DictReader(lines))
    with SEED_FILE.open(encoding="utf-8", newline="") as lines:
        assert list(written[0]) == next(csv.reader(lines))
    assert len(written) == len(rows)
    assert "None" not in {value for row in written for value in row.values()}
    assert written[0]["recall"] == f"{round(rows[0].recall or 0, 6)}"


def test_every_reason_for_review_has_its_share_of_true_pairs(nation: HeldOutNation) -> None:
    """Prevents a reason whose pairs are mostly false from being shown with the odds of others."""
    kinds = nation.review_kinds()
    links = nation.linkage.links
    held = [
        (row["left_mention_key"], row["right_mention_key"], row["capped_by"])
        for row in links.filter(pc.equal(links["band"], "review")).to_pylist()
    ]
    assert sum(kind.pair_count for kind in kinds) == len(held) > 0
    child_of = nation.labelled.child_of
    for kind in kinds:
        pairs = [(left, right) for left, right, cap in held if cap == kind.cap_code]
        true = sum(child_of[left] == child_of[right] for left, right in pairs)
        assert (kind.pair_count, kind.true_count) == (len(pairs), true)
        assert 0 < kind.shown_probability < 1
    assert "unlike_forenames" in {kind.cap_code for kind in kinds}
