"""Questions of the review list: whether two found children are one.

The list may have several pairs of records of the same two children. One decision answers them all,
so a reviewer sees one question, by the pair of the highest probability (`register.review`). Which
pairs are listed is decided in `path_evaluation`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from register.identity.evaluate.measures import Pair


@dataclass(frozen=True)
class Question:
    """Two found children, or two records of a doubted one, with their listed pairs."""

    subjects: Pair
    pairs: tuple[Pair, ...]
    probability: float


def build_questions(
    listed: Collection[Pair], child_of: Mapping[str, str], probabilities: Mapping[Pair, float]
) -> list[Question]:
    """Return the questions about listed pairs, the most probable first.

    `child_of` is the found child of each mention, `probabilities` (0-1) those of the pairs; a pair
    without one counts as 1, as one that clustering joined. Pairs within one child are a question
    each.
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
    """Return the two found children of a pair, the lower key first, or the pair if they are one."""
    one, other = child_of[pair[0]], child_of[pair[1]]
    return pair if one == other else (min(one, other), max(one, other))
