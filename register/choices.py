"""Values and defaults that commands offer and methods read.

A command can show them in its `--help` without importing the method, which is slow. What a value
means is defined in the method.
"""

from __future__ import annotations

from typing import Literal, get_args

# Audit samples.
AUDIT_CASES = 105
AUDIT_AREAS = 10

# Lists of children who may be at risk, for `register case-lists`.
CASE_LISTS = (
    "known_to_one_source_only",
    "looked_after_unknown_to_authority",
    "closed_without_return_interview",
    "supplier_delivered_nothing",
)

# Announced changes of recording: all categories, and when the absences concerned are left out.
EVERY = "every"
LEFT_OUT = ("since", "before", "neither")

# Clerical samples, and the training of linkage models. The weight of the package's m-probabilities
# in training equals 1,000 matches. With 1,000 matches, the standard error of a level with
# probability 0.05 is 14 %, or 0.2 bits: a home with fewer matches estimates its levels less
# precisely than the package's model does, and with 100,000 the package's model hardly counts.
CLERICAL_SAMPLE_SIZE = 400
PSEUDO_COUNT = 1_000.0

# Clerical review.
Decision = Literal["link", "never_link", "split"]
# The reason code in the published register; a reviewer's free text, which may have names, is not.
ReasonCode = Literal[
    "same_identifier",
    "same_details",
    "different_details",
    "relatives",
    "seen_on_paper",
    "confirmed_by_supplier",
    "decided_in_error",
    "other",
]
# The values of `register review --cause`: why a pair is on the review list.
Cause = Literal[
    "tie",
    "doubt",
    "weakest_edge",
    "guard",
    "decision",
    "kept_in_doubt",
    "capped",
    "guarded_link",
    "review_band",
    "decision_refused",
    "decision_conflict",
]
CAUSES: tuple[str, ...] = get_args(Cause)

# The web application: `staff` may see children's names and make decisions, a `reader` may only see
# the quality site and pseudonymous rows.
Role = Literal["staff", "reader"]
ROLES: tuple[str, ...] = get_args(Role)
