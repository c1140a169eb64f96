"""Evaluate: linkage error against known true pairs, with intervals.

Nothing that makes links belongs here.
"""

from register.identity.evaluate.measures import (
    Counts,
    Evaluation,
    Interval,
    Pair,
    evaluate_scores,
    measure,
    wilson_interval,
)
from register.identity.evaluate.one_to_one import assign_one_to_one
from register.identity.evaluate.table_evaluation import (
    TableFiles,
    TableTask,
    evaluate_files,
    evaluate_tables,
    truth_of,
)

__all__ = [
    "Counts",
    "Evaluation",
    "Interval",
    "Pair",
    "TableFiles",
    "TableTask",
    "assign_one_to_one",
    "evaluate_files",
    "evaluate_scores",
    "evaluate_tables",
    "measure",
    "truth_of",
    "wilson_interval",
]
