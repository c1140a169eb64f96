"""Blocking: rules that give each person a few keys, and the pairs of persons that share a key.

Only these pairs are scored. Their match weights are computed in `score`.
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
