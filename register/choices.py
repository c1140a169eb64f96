"""Values and defaults that a command offers and a method reads, in one place that imports neither.

A command shows them in its `--help` without importing the method. What a value means belongs to the
method.
"""

from __future__ import annotations

from typing import Literal, get_args

# An audit sample.
AUDIT_CASES = 105
AUDIT_AREAS = 10

# Lists of children who may be at risk.
CASE_LISTS = (
    "known_to_one_source_only",
    "looked_after_unknown_to_authority",
    "closed_without_return_interview",
    "supplier_delivered_nothing",
)

# Announced changes of recording: every category; when what a change concerns is left out.
EVERY = "every"
LEFT_OUT = ("since", "before", "neither")

# A clerical sample, and a model's training: as many matches as the pinned m counts for. Of 1,000
# matches the standard error of a level that one in twenty is on is 14 %, 0.2 bits: a home with
# fewer knows its levels less well than the model it would depart from, one with a hundred times as
# many is hardly held back.
CLERICAL_SAMPLE_SIZE = 400
PSEUDO_COUNT = 1_000.0

# Clerical review.
Decision = Literal["link", "never_link", "split"]
# Why, for those who read the published register; the words stay where names may be.
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
# What `register review --cause` knows: what clustering did, and why else a pair is on the list.
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

# The application: `staff` may see what names children and decide, a `reader` the quality site and
# rows alone.
Role = Literal["staff", "reader"]
ROLES: tuple[str, ...] = get_args(Role)
