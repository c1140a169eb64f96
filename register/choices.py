"""Values and defaults that both commands and methods use.

Commands show them in `--help` without importing the methods, which is slow. The methods define what
the values mean.
"""

from __future__ import annotations

from typing import Literal, get_args

# The default numbers of cases and areas in an audit sample.
AUDIT_CASES = 105
AUDIT_AREAS = 10

# Tasks on the list of children to help, the most urgent first. The seed `ref__tasks` names them.
TASKS = (
    "away_now",
    "interview_due",
    "return_not_recorded",
    "third_absence",
    "interview_overdue",
    "known_to_one_source",
)
# Tasks about which `register alerts` reports counts: the hours of the child or the interview run.
ALERTED_TASKS = ("away_now", "interview_due")

# Words in announcements of a recording change. `every` means all categories. `LEFT_OUT` says when
# the affected absences are not recorded: since the change, before it, or neither.
EVERY = "every"
LEFT_OUT = ("since", "before", "neither")

# CLERICAL_SAMPLE_SIZE: the usual number of pairs in a clerical sample. PSEUDO_COUNT: when a home
# trains its own model, the m-probabilities of the packaged model count as this many matches. From
# 1,000 matches, a probability of 0.05 is estimated with a standard error of 14 %, or 0.2 bits. A
# home with fewer matches would estimate less precisely than the packaged model. With 100,000
# matches, the packaged model hardly matters.
CLERICAL_SAMPLE_SIZE = 400
PSEUDO_COUNT = 1_000.0

# Choices in clerical review.
Decision = Literal["link", "never_link", "split"]
# Reason codes are published in the register. A reviewer's free text is not published, because it
# may contain names.
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
# Values of `register review --cause`: why a pair is on the review list.
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

# Levels of detail, from the least to the most: figures, rows with months and bands, rows with exact
# dates and pseudonyms, and rows that name children. Each level includes those before it.
Level = Literal["aggregate", "coarse", "exact", "identity"]
LEVELS: tuple[Level, ...] = get_args(Level)

# Roles in the web application. A member of `staff` sees children's names and makes decisions. A
# `reader` sees only the quality site and pseudonymous rows. A `supplier` delivers, sees what
# became of them, and sees nothing else.
Role = Literal["staff", "reader", "supplier"]
ROLES: tuple[str, ...] = get_args(Role)

# The reason for looking at children's names. In the web application, a person states it once in
# each session; in the terminal, with each command.
Purpose = Literal[
    "clerical_review",
    "safeguarding",
    "audit",
    "supplier_question",
    "data_protection_request",
    "test_of_the_system",
]
PURPOSES: tuple[str, ...] = get_args(Purpose)
