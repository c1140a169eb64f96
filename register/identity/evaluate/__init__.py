"""Evaluation: linkage error against known truth, for the whole path or for scores alone.

Links are made in `score` and `cluster`.
"""

from register.identity.evaluate.calibration import calibrate
from register.identity.evaluate.error_keys import write_error_keys
from register.identity.evaluate.labelled_set import (
    LabelledSet,
    SetFiles,
    read_labelled_set,
    read_records,
    truth_of,
)
from register.identity.evaluate.measures import (
    Counts,
    Evaluation,
    Interval,
    Pair,
    closed_pairs,
    evaluate_scores,
    measure_counts,
    wilson_interval,
)
from register.identity.evaluate.model_card import model_card, read_card_facts
from register.identity.evaluate.model_comparison import (
    JudgedPair,
    LinkageFigures,
    ModelComparison,
    compare_models,
)
from register.identity.evaluate.model_gate import Criterion, judge_model
from register.identity.evaluate.path_evaluation import (
    PathEvaluation,
    evaluate_set,
    found_children,
    link_set,
    measure_linkage,
    review_list,
)
from register.identity.evaluate.path_report import report_tables, write_report
from register.identity.evaluate.table_evaluation import (
    TableFiles,
    TableTask,
    assign_one_to_one,
    evaluate_files,
    evaluate_tables,
)

__all__ = [
    "Counts",
    "Criterion",
    "Evaluation",
    "Interval",
    "JudgedPair",
    "LabelledSet",
    "LinkageFigures",
    "ModelComparison",
    "Pair",
    "PathEvaluation",
    "SetFiles",
    "TableFiles",
    "TableTask",
    "assign_one_to_one",
    "calibrate",
    "closed_pairs",
    "compare_models",
    "evaluate_files",
    "evaluate_scores",
    "evaluate_set",
    "evaluate_tables",
    "found_children",
    "judge_model",
    "link_set",
    "measure_counts",
    "measure_linkage",
    "model_card",
    "read_card_facts",
    "read_labelled_set",
    "read_records",
    "report_tables",
    "review_list",
    "truth_of",
    "wilson_interval",
    "write_error_keys",
    "write_report",
]
