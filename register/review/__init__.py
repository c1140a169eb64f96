"""Review: people look at pairs of records, judge them, decide on them, and ask for the evidence.

Everything is read from the published case lists and written to append-only files of decisions. How
pairs are found and weighed belongs in `register.identity`; what a decision does to the register, in
the warehouse.
"""

from register.choices import Cause, Decision, ReasonCode
from register.review.clerical_sample import (
    draw_sample,
    sampled_pair_ids,
    sampling_weights,
)
from register.review.consequences import forecast_decision, forecast_split
from register.review.decisions import (
    Judgement,
    Purpose,
    TakenDecision,
    decide,
    decisions_in_force,
    first_judgements,
    judge,
    read_decisions,
    read_judgements,
    undo,
)
from register.review.evidence import Explanation, Step, explain
from register.review.pair_page import write_pages
from register.review.pairs import CaseLists, Mention, Pair, ReviewError, Weight
from register.review.rekeying import Rekeyed, check_rekeying, rekey_decisions
from register.review.reliability import measure_reliability
from register.review.wording import (
    Comparison,
    cause_in_words,
    cause_pair,
    in_words,
    side_by_side,
    standing,
    weight_in_words,
)

__all__ = [
    "CaseLists",
    "Cause",
    "Comparison",
    "Decision",
    "Explanation",
    "Judgement",
    "Mention",
    "Pair",
    "Purpose",
    "ReasonCode",
    "Rekeyed",
    "ReviewError",
    "Step",
    "TakenDecision",
    "Weight",
    "cause_in_words",
    "cause_pair",
    "check_rekeying",
    "decide",
    "decisions_in_force",
    "draw_sample",
    "explain",
    "first_judgements",
    "forecast_decision",
    "forecast_split",
    "in_words",
    "judge",
    "measure_reliability",
    "read_decisions",
    "read_judgements",
    "rekey_decisions",
    "sampled_pair_ids",
    "sampling_weights",
    "side_by_side",
    "standing",
    "undo",
    "weight_in_words",
    "write_pages",
]
