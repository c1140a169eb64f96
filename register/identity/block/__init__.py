"""Block: which pairs of persons are compared at all, by rules that give each person a few keys.

The match weight of a pair does not belong here (`score`).
"""

from register.identity.block.blocking_rules import BLOCKING_RULES, BlockingRule, rules_for
from register.identity.block.candidate_pairs import (
    RuleCount,
    Scope,
    ask_keys,
    block_pairs,
    fill_blocking_keys,
    left_out_keys,
    pairs_of_keys,
    rule_of_key,
)

__all__ = [
    "BLOCKING_RULES",
    "BlockingRule",
    "RuleCount",
    "Scope",
    "ask_keys",
    "block_pairs",
    "fill_blocking_keys",
    "left_out_keys",
    "pairs_of_keys",
    "rule_of_key",
    "rules_for",
]
