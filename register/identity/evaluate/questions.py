"""Questions of the review list: whether two children of a linkage are really one child.

Several pairs of records on the list may belong to the same two children. One decision answers them
all, so a reviewer is asked one question, with the most probable pair (`register.review`).
`path_evaluation` decides which pairs are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from register.identity.evaluate.measures import Pair


@dataclass(frozen=True)
class Question:
    """Two children (or two doubtful records of one child) with the listed pairs between them."""

    subjects: Pair
    pairs: tuple[Pair, ...]
    probability: float


def build_questions(
    listed: Collection[Pair], child_of: Mapping[str, str], probabilities: Mapping[Pair, float]
) -> list[Question]:
    """Return the questions about listed pairs, the most probable question first.

    `child_of` gives the child of each mention in the linkage, and `probabilities` (0-1) those of
    pairs. A pair without a probability was joined by clustering, and counts as 1. Each pair within
    one child is a separate question.
    """
    of_children: dict[Pair, list[Pair]] = defaultdict(list)
    for pair in listed:
        of_children[find_subjects(pair, child_of)].append(pair)
    questions = [
        Question(
            subjects, tuple(sorted(pairs)), max(probabilities.get(pair, 1.0) for pair in pairs)
        )
        for subjects, pairs in of_children.items()
    ]
    return sorted(questions, key=lambda question: (-question.probability, question.subjects))


def find_subjects(pair: Pair, child_of: Mapping[str, str]) -> Pair:
    """Return the two children of a pair, lower key first; a pair within a child stays as it is."""
    one, other = child_of[pair[0]], child_of[pair[1]]
    return pair if one == other else (min(one, other), max(one, other))
