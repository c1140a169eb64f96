"""Review: people look at pairs of records, judge them, decide on them, and see the evidence.

Pairs are read from the published case lists, and decisions are appended to files. Pairs are found
and weighted in `register.identity`. Decisions take effect in the warehouse.
"""

from register.choices import Cause, Decision, ReasonCode
from register.review.clerical_sample import (
    draw_cap_sample,
    draw_sample,
    sampled_pair_ids,
    sampling_weights,
)
from register.review.consequences import forecast_decision, forecast_split
from register.review.decisions import (
    Judgement,
    Purpose,
    RecordedDecision,
    decisions_in_force,
    first_judgements,
    read_decisions,
    read_judgements,
    record_decision,
    record_judgement,
    take_back_decision,
)
from register.review.evidence import Explanation, Step, explain_link
from register.review.pair_page import write_pages
from register.review.pairs import CaseLists, Mention, Pair, ReviewError, Weight
from register.review.rekeying import RekeyedRows, check_rekeying, rekey_decisions
from register.review.reliability import measure_reliability
from register.review.wording import (
    Comparison,
    compare_records,
    describe_cause,
    describe_outcome,
    describe_weight,
    find_cause_pair,
    split_comparison,
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
    "RecordedDecision",
    "RekeyedRows",
    "ReviewError",
    "Step",
    "Weight",
    "check_rekeying",
    "compare_records",
    "decisions_in_force",
    "describe_cause",
    "describe_outcome",
    "describe_weight",
    "draw_cap_sample",
    "draw_sample",
    "explain_link",
    "find_cause_pair",
    "first_judgements",
    "forecast_decision",
    "forecast_split",
    "measure_reliability",
    "read_decisions",
    "read_judgements",
    "record_decision",
    "record_judgement",
    "rekey_decisions",
    "sampled_pair_ids",
    "sampling_weights",
    "split_comparison",
    "take_back_decision",
    "write_pages",
]
