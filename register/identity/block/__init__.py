"""Block: the choice of the pairs of persons to compare, by rules that give each person a few keys.

The match weight of a pair does not belong here (`score`).
"""

from register.identity.block.blocking_rules import BlockingRule, list_blocking_rules
from register.identity.block.candidate_pairs import (
    RuleCount,
    Scope,
    fill_asked_keys,
    fill_blocking_keys,
    find_left_out_keys,
    find_pairs,
    rule_place_sql,
)

__all__ = [
    "BlockingRule",
    "RuleCount",
    "Scope",
    "fill_asked_keys",
    "fill_blocking_keys",
    "find_left_out_keys",
    "find_pairs",
    "list_blocking_rules",
    "rule_place_sql",
]
