"""Causes in words: why clustering undid a link, or kept together what nothing speaks for.

The cause of each pair is found in the warehouse; here it becomes a sentence and a choice of pairs.
"""

from __future__ import annotations

from typing import Literal, get_args

from register.review.comparing import in_words
from register.review.pairs import CaseLists, Mention, Pair

# What `register review --cause` knows: what clustering did, and why else a pair is on the list.
Cause = Literal[
    "tie",
    "doubt",
    "weakest_edge",
    "guard",
    "decision",
    "kept_in_doubt",
    "capped",
    "review_band",
    "decision_refused",
    "decision_conflict",
]
CAUSES: tuple[str, ...] = get_args(Cause)

SENTENCES = {
    "tie": "A link as strong as theirs, of {one} and {other}, leads to another child, and the two"
    " children exclude each other: neither link was made.",
    "doubt": "Nothing speaks for {one} and {other}, a record of the other child, and the link is"
    " not sure enough to bring the two together all the same.",
    "weakest_edge": "Their link is the weakest of a chain that would bring together {one} and"
    " {other}, for whom nothing speaks: the cluster was split here.",
    "guard": "It would bring together {one} and {other}, and a guard forbids that: {guard}.",
    "decision": "It would bring together {one} and {other}, and a person decided that they are"
    " not one child.",
    "kept_in_doubt": "Nothing speaks for the two themselves: sure links of other records hold them"
    " together.",
}


def cause_in_words(pair: Pair) -> str | None:
    """Say what clustering had to do with a pair, in a sentence; None where it had nothing to.

    Also None where a person has decided on a pair that is kept: the decision speaks for it.
    """
    if pair.cause_code is None or (pair.is_joined and pair.decision is not None):
        return None
    own = {
        pair.left_mention_id_register: "the left record",
        pair.right_mention_id_register: "the right record",
    }
    ends = (pair.cause_left_mention_id_register, pair.cause_right_mention_id_register)
    one, other = sorted(ends, key=lambda end: end not in own)
    return SENTENCES[pair.cause_code].format(
        one=own.get(str(one), one),
        other=own.get(str(other), other),
        guard=in_words(pair.cause_guard_code or ""),
    )


def cause_pair(case_lists: CaseLists, pair: Pair) -> tuple[Mention, Mention] | None:
    """The two records that are the cause of an undone link, if they are not the pair itself."""
    one, other = pair.cause_left_mention_id_register, pair.cause_right_mention_id_register
    if one is None or other is None:
        return None
    if {one, other} == {pair.left_mention_id_register, pair.right_mention_id_register}:
        return None
    return case_lists.mention(one), case_lists.mention(other)
