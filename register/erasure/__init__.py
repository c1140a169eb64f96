"""Erasure: a child, or a person of a supplier, is removed from a home and does not come back.

`persons` finds a child's records, `plan` stores how far an erasure is, `steps` does it, `search`
proves it, and `retention` removes deliveries past their time. Rewriting landed deliveries belongs
in `register.feeds`.
"""

from register.erasure.persons import (
    ErasureError,
    Subject,
    find_child,
    find_person,
)
from register.erasure.plan import (
    ErasurePlan,
    make_plan,
    make_retention_plan,
    read_plan,
    read_unfinished_plans,
    write_plan,
)
from register.erasure.search import search_home
from register.erasure.steps import REASON_CODES, erase, preview_erasure

__all__ = [
    "REASON_CODES",
    "ErasureError",
    "ErasurePlan",
    "Subject",
    "erase",
    "find_child",
    "find_person",
    "make_plan",
    "make_retention_plan",
    "preview_erasure",
    "read_plan",
    "read_unfinished_plans",
    "search_home",
    "write_plan",
]
