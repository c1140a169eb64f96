"""Public test sets, linked by exact matching, by stock Splink and by the register.

The sets have invented persons and no families. Each method reads the same fields. The register is
measured twice: with a model that it trains on the set without labels, and as a load links.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.linkage.rivals import (
    KnownTables,
    evaluate_stock,
    exact_matching,
    find_recall,
    score_known_tables,
)
from register.identity.clean import read_columns_map, read_person_table
from register.identity.evaluate import (
    Evaluation,
    SetFiles,
    TableTask,
    evaluate_set,
    evaluate_tables,
    read_labelled_set,
    truth_of,
)
from register.identity.score import ModelError

LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent
Figures = dict[str, Any]


@dataclass(frozen=True)
class PublicSet:
    """A public test set: one table, or two that are linked to each other.

    `stem` begins the names of its files. `kind` begins the names of its two maps of columns: the
    fields that every method reads (`_names`), and all fields (`_all`).
    """

    name: str
    stem: str
    kind: str
    has_right: bool = False

    @property
    def table_names(self) -> list[str]:
        """The names of the files of its one or two tables."""
        sides = ("_left", "_right") if self.has_right else ("",)
        return [f"{self.stem}{side}.csv" for side in sides]

    @property
    def truth_name(self) -> str:
        """The name of the file of its true pairs."""
        return f"{self.stem}_truth.csv"

    def locate_files(self, folder: Path) -> SetFiles:
        """Return its files in a folder, with the map of the fields that every method reads."""
        tables = [folder / name for name in self.table_names]
        return SetFiles(
            folder / self.truth_name,
            left=tables[0],
            right=tables[1] if self.has_right else None,
            columns=self.locate_map("names"),
        )

    def locate_map(self, fields: str) -> Path:
        """Return the map of its columns: of the fields `names`, or `all`."""
        return HERE / f"{self.kind}_{fields}.yaml"


PUBLIC_SETS = (
    PublicSet("FEBRL 3", "febrl3", "febrl"),
    PublicSet("FEBRL 4", "febrl4", "febrl", has_right=True),
    PublicSet("RLdata500", "rldata500", "rldata"),
    PublicSet("RLdata10000", "rldata10000", "rldata"),
)
FILE_NAMES = [name for each in PUBLIC_SETS for name in (*each.table_names, each.truth_name)]


@dataclass(frozen=True)
class SetFigures:
    """The figures of one set: a row for each method that scores pairs, and one for a load."""

    scores: list[Figures]
    load: Figures


def measure_public_set(public_set: PublicSet, folder: Path) -> SetFigures:
    """Link a public set by every method, and measure each against the true pairs."""
    tables = [read_person_table(folder / name) for name in public_set.table_names]
    truth = read_person_table(folder / public_set.truth_name)
    known = KnownTables(
        tables[0],
        tables[1] if public_set.has_right else None,
        truth_of(truth, public_set.has_right),
    )
    scores = [_describe_scores("exact matching", exact_matching(known))]
    stock = score_known_tables(known)
    # Duplicates of one table come in groups, so only two tables can be linked one to one.
    endings = {"": False} | ({", one to one": True} if public_set.has_right else {})
    for ending, one_to_one in endings.items():
        evaluation = evaluate_stock(stock, known, one_to_one)
        scores.append(_describe_scores(f"stock Splink{ending}", evaluation))
        for fields, name in (("names", "register"), ("all", "register, all fields")):
            task = TableTask(
                known.left,
                known.right,
                truth,
                read_columns_map(public_set.locate_map(fields)),
                one_to_one=one_to_one,
            )
            scores.append(_measure_register(f"{name}{ending}", task))
    load = measure_load(public_set.locate_files(folder), stock)
    return SetFigures(
        [{"set": public_set.name, **row} for row in scores], {"set": public_set.name, **load}
    )


def measure_load(files: SetFiles, stock: pa.Table) -> Figures:
    """Link a set as in a load, with the pinned model, caps, guards and clusters.

    `stock` are the pairs that stock Splink scored. Its recall is taken at the load's precision.
    """
    evaluation = evaluate_set(read_labelled_set(files))
    result, questions = evaluation.in_children, evaluation.questions
    truth = truth_of(read_person_table(files.truth), files.right is not None)
    return {
        "method": "register, as a load links",
        "model_version": evaluation.details["model_version"],
        "precision": result.precision,
        "recall": result.recall,
        "f1": result.f1,
        "f1_interval": result.f1_interval,
        "stock_recall": find_recall(stock, truth, result.precision or 0.0),
        "listed_share": 1 - (result.recall or 0.0) - (evaluation.missed.share or 0.0),
        "missed_share": evaluation.missed.share,
        "questions_per_1000": 1000 * questions.of_count / evaluation.child_count,
        "question_true_share": questions.share,
        "calibration_error": evaluation.calibration["all pairs"].mean_absolute_error,
        "listed_pairs": [
            {
                "reason": each.reason_code,
                "cap": each.capped_by,
                "true": each.pairs.count,
                "pairs": each.pairs.of_count,
            }
            for each in evaluation.review_by_reason
        ],
    }


def _measure_register(method: str, task: TableTask) -> Figures:
    """Train and measure the register's model; without a trained model there are no figures."""
    try:
        return _describe_scores(method, evaluate_tables(task))
    except ModelError as error:
        LOGGER.warning("%s: not trained: %s", method, error)
        return {"method": method, "is_trained": False}


def _describe_scores(method: str, evaluation: Evaluation) -> Figures:
    return {
        "method": method,
        "is_trained": True,
        "precision": evaluation.pairwise.precision,
        "recall": evaluation.pairwise.recall,
        "f1": evaluation.pairwise.f1,
        "f1_interval": evaluation.pairwise.f1_interval,
        "best_f1": max((point["f1"] or 0.0 for point in evaluation.curve), default=None),
        "candidate_recall": evaluation.candidate_recall,
        "candidate_pair_count": evaluation.candidate_pair_count,
    }
