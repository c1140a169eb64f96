"""Evaluation of match scores alone, on person tables whose true pairs are known.

It is meant for public test sets, which say nothing of families. A model is trained on the tables
and used without caps, guards or clustering. `path_evaluation` measures such tables with all of
these, as a load would link them. The register's own links are measured in the warehouse.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.block import Scope
from register.identity.clean import (
    ColumnsMap,
    PersonsError,
    read_columns_map,
    shape_tables,
)
from register.identity.evaluate.checked_tables import read_checked_tables
from register.identity.evaluate.labelled_set import read_pairs, truth_of
from register.identity.evaluate.measures import Counts, Evaluation, evaluate_scores
from register.identity.score import (
    Model,
    ModelError,
    Thresholds,
    TrainingOptions,
    load_model,
    score_persons,
    train_persons,
)

MIN_TABLE_WEIGHT = -15.0
WEIGHT_PLACES = 6
# Lower limit for the share of records without a partner, so that no pair is taken as certain.
MIN_UNMATCHED_SHARE = 0.01
# Public test sets have no twins or children's homes. So no caps apply, every value has a frequency,
# and a pair is linked if it is more likely true than not.
TABLE_THRESHOLDS = Thresholds(strict=4.0, link=0.0, loose=-2.0, review=-6.0, keep=-6.0)
TABLE_OPTIONS = TrainingOptions(
    least_holders=1, caps=(), calibrations=(), context=None, thresholds=TABLE_THRESHOLDS
)


@dataclass(frozen=True)
class TableTask:
    """The two tables to link; if `right` is None, one table to search for duplicates.

    With `train` a model is learned from the tables; otherwise the pinned model scores them. With
    `one_to_one` each record is linked to at most one of the other table. `link_weight` replaces the
    model's link threshold.
    """

    left: pa.Table
    right: pa.Table | None
    truth_pairs: pa.Table
    columns: ColumnsMap
    train: bool = True
    one_to_one: bool = False
    link_weight: float | None = None
    options: TrainingOptions = TABLE_OPTIONS

    @property
    def pair_scope(self) -> Scope:
        """The pairs to score: between two tables, or all pairs of one table."""
        return "all" if self.right is None else "between"


def evaluate_tables(task: TableTask) -> Evaluation:
    """Score the tables of a task, and measure the links against the true pairs."""
    if task.one_to_one and task.right is None:
        raise PersonsError("one to one needs two tables: duplicates of one table come in groups")
    persons = shape_tables(task.left, task.right, task.columns)
    model, details = _choose_model(task, persons)
    scores = score_persons(persons, model, task.pair_scope, min_weight=MIN_TABLE_WEIGHT)
    pairs = _assign_bands(scores.pairs, task, model)
    return evaluate_scores(
        pairs,
        truth_of(task.truth_pairs, has_right=task.right is not None),
        Counts(persons.num_rows, scores.candidate_pair_count),
        groups=_read_groups(task),
        details={
            **details,
            "link_weight": model.thresholds.link if task.link_weight is None else task.link_weight,
            "one_to_one": task.one_to_one,
            "blocking": [vars(count) for count in scores.rule_counts],
        },
    )


@dataclass(frozen=True)
class TableFiles:
    """Person files (CSV or Parquet), true pairs (CSV with a header) and a columns map (YAML)."""

    left: Path
    right: Path | None
    truth: Path
    columns: Path


def evaluate_files(
    files: TableFiles,
    *,
    train: bool = True,
    one_to_one: bool = False,
    link_weight: float | None = None,
    training: TrainingOptions = TABLE_OPTIONS,
) -> dict[str, Any]:
    """Evaluate person files against known pairs; the figures can be written as JSON.

    Each line of the truth has a key of the left and a key of the right table.
    """
    checked = read_checked_tables(files.left, files.right, read_columns_map(files.columns))
    left, right = checked.sides
    truth = read_pairs(files.truth)
    task = TableTask(
        left=left,
        right=right,
        truth_pairs=truth.table,
        columns=checked.columns,
        train=train,
        one_to_one=one_to_one,
        link_weight=link_weight,
        options=replace(
            training, thresholds=TABLE_THRESHOLDS, caps=(), calibrations=(), context=None
        ),
    )
    dropped = replace(checked.dropped, truth_rows_without_key=truth.keyless_count)
    return {**asdict(evaluate_tables(task)), "dropped": asdict(dropped)}


def _choose_model(task: TableTask, persons: pa.Table) -> tuple[Model, dict[str, Any]]:
    if not task.train:
        model = load_model()
        if set(model.others) - {name.removeprefix("other_") for name in persons.column_names}:
            raise ModelError("the model compares columns that these tables do not have")
        return model, {"model_version": model.version}
    model, report = train_persons(persons, replace(task.options, scope=task.pair_scope))
    return model, {"model_version": model.version, "training": asdict(report)}


def _assign_bands(pairs: pa.Table, task: TableTask, model: Model) -> pa.Table:
    """Return pairs with their bands and their `assignment`.

    If the task is not `one_to_one`, every pair counts as `best`.
    """
    link = model.thresholds.link if task.link_weight is None else task.link_weight
    if task.one_to_one:
        pairs = assign_one_to_one(_weigh_one_to_one(pairs, task, model))
        assignment = pairs["assignment"].to_pylist()
    else:
        assignment = ["best"] * pairs.num_rows
    capped = pairs["capped_by"].to_pylist()
    bands = [
        _choose_band(weight, place, cap is not None, link, model.thresholds.review)
        for weight, place, cap in zip(
            pairs["match_weight"].to_pylist(), assignment, capped, strict=True
        )
    ]
    return pairs.append_column("band", pa.array(bands, pa.string()))


def _weigh_one_to_one(pairs: pa.Table, task: TableTask, model: Model) -> pa.Table:
    """Replace match weights by weights for records that have at most one partner."""
    prior = model.probability_two_random_records_match
    left, right = task.left.num_rows, task.right.num_rows if task.right is not None else 0
    weights = compute_exclusive_weights(pairs, 1 - prior * right, 1 - prior * left)
    place = pairs.column_names.index("match_weight")
    return pairs.set_column(place, "match_weight", pa.array(weights))


def _choose_band(
    weight: float, assignment: str, is_capped: bool, link: float, review: float
) -> str:
    if assignment == "beaten" or weight < min(review, link):
        return "none"
    return "link" if weight >= link and assignment == "best" and not is_capped else "review"


def _read_groups(task: TableTask) -> dict[str, dict[str, str]]:
    """Return, for each grouping of the columns map, the group of each key of `shape_tables`."""
    groups: dict[str, dict[str, str]] = {name: {} for name in task.columns.groups}
    for side, table in (("left", task.left), ("right", task.right)):
        if table is None:
            continue
        keys = table[task.columns.for_side(side).key].to_pylist()
        for name in set(task.columns.groups) & set(table.column_names):
            values = table[name].to_pylist()
            groups[name] |= {
                f"{side}|{key}": str(value)
                for key, value in zip(keys, values, strict=True)
                if value is not None
            }
    return groups


def compute_exclusive_weights(
    pairs: pa.Table, left_unmatched_share: float, right_unmatched_share: float
) -> npt.NDArray[np.float64]:
    """Return each pair's match weight (bits) if a record has at most one partner.

    By Bayes' rule, a pair competes with all other candidates of its record, and with the
    possibility of no partner. The odds of no partner are the share of records without one (0-1),
    which follows from the prior. A pair gets two weights, one for each record; the lower one
    counts.
    """
    odds = np.exp2(np.clip(pairs["match_weight"].to_numpy(), -200, 200))
    shares = []
    sides = (("left_key", left_unmatched_share), ("right_key", right_unmatched_share))
    for column, unmatched in sides:
        codes = pairs[column].combine_chunks().dictionary_encode().indices.to_numpy()
        rivals = np.bincount(codes, weights=odds)[codes] if len(codes) else odds
        others = np.maximum(rivals - odds, 0) + max(unmatched, MIN_UNMATCHED_SHARE)
        shares.append(np.log2(odds) - np.log2(others))
    return np.round(np.minimum(*shares), WEIGHT_PLACES)


def assign_one_to_one(pairs: pa.Table) -> pa.Table:
    """Give every scored pair its `assignment`: best, tie or beaten.

    Each record is linked to at most one other, so neither table may contain duplicates. Pairs are
    taken in order of match weight. If pairs of equal weight compete for a record, all are `tie`,
    and later pairs cannot use their records. The order of rows does not matter.
    """
    weights = (round(weight, WEIGHT_PLACES) for weight in pairs["match_weight"].to_pylist())
    lefts, rights = pairs["left_key"].to_pylist(), pairs["right_key"].to_pylist()
    rows = sorted(
        zip(weights, lefts, rights, range(pairs.num_rows), strict=True), key=lambda row: -row[0]
    )
    assignment = ["beaten"] * pairs.num_rows
    used: set[str] = set()
    for _, group in groupby(rows, key=lambda row: row[0]):
        free = [row for row in group if row[1] not in used and row[2] not in used]
        demand = Counter(key for row in free for key in row[1:3])
        for _, left, right, place in free:
            assignment[place] = "tie" if max(demand[left], demand[right]) > 1 else "best"
        used.update(demand)
    return pairs.append_column("assignment", pa.array(assignment, pa.string()))
