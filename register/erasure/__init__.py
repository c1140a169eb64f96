"""Erasure: a child, or a person of a supplier, is removed from a home and does not come back.

`erasure_subjects` finds a child's records, `erasure_plan` stores how far an erasure is,
`erasure_steps` does it, and `home_search` proves it. Rewriting landed deliveries, and their
retention periods, belong in `register.feeds`.
"""

from register.erasure.erasure_plan import (
    ErasurePlan,
    make_plan,
    make_retention_plan,
    read_plan,
    read_unfinished_plans,
    write_plan,
)
from register.erasure.erasure_steps import (
    REASON_CODES,
    ErasureTools,
    preview_erasure,
    run_steps,
)
from register.erasure.erasure_subjects import (
    ErasureError,
    Subject,
    find_child,
    find_person,
)
from register.erasure.home_search import search_home

__all__ = [
    "REASON_CODES",
    "ErasureError",
    "ErasurePlan",
    "ErasureTools",
    "Subject",
    "find_child",
    "find_person",
    "make_plan",
    "make_retention_plan",
    "preview_erasure",
    "read_plan",
    "read_unfinished_plans",
    "run_steps",
    "search_home",
    "write_plan",
]
