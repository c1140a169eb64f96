"""The cluster around a question as a picture: its records, and the pairs that were scored.

All records of the children are on one circle, and records of one child are neighbours. The page
shows the same data as tables. Whether a pair is linked is read from the generation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from register.review import CaseLists, Mention, Pair, describe_outcome

SIZE = 420
CENTRE = SIZE / 2
RADIUS = 160.0
NODE_RADIUS = 20.0
# If a drawing has more pairs than this, only pairs with a record in question show their weight.
MAX_LABELLED_PAIRS = 6
MIN_WIDTH, MAX_WIDTH = 1.0, 7.0
STRONG_WEIGHT = 30.0


@dataclass(frozen=True)
class Node:
    """A record in the picture; `group` is the number of its child, counted from 1."""

    number: int
    mention: Mention
    group: int
    is_asked: bool
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """A pair of records in the picture, as a line between two nodes.

    `kind` is `asked` for the pair in question. Other pairs are a `link`, kept `apart` by a guard or
    decision, or `weak` (the rest). `label` is the match weight in bits, empty if not written.
    """

    pair: Pair
    one: Node
    other: Node
    kind: str
    words: str
    width: float
    label: str
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Drawing:
    """A picture of records and pairs, with the number of children that it shows."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    group_count: int
    label: str
    size: int = SIZE
    node_radius: float = NODE_RADIUS


def draw_cluster(
    case_lists: CaseLists,
    groups: Sequence[Sequence[Mention]],
    question_keys: tuple[str, str],
    title: str,
    places: Sequence[Mention] | None = None,
) -> Drawing:
    """Draw the records of some children, grouped by child, with every scored pair among them.

    `question_keys` are the keys of the pair in question. `places` is the order on the circle, so
    that two pictures of the same records have the same positions and numbers.
    """
    group_of = {
        mention.mention_key: group for group, child in enumerate(groups, 1) for mention in child
    }
    placed = places or [mention for child in groups for mention in child]
    nodes = tuple(
        _build_node(number, len(placed), mention, group_of[mention.mention_key], question_keys)
        for number, mention in enumerate(placed, 1)
    )
    by_key = {node.mention.mention_key: node for node in nodes}
    pairs = case_lists.pairs_between(by_key, by_key)
    is_crowded = len(pairs) > MAX_LABELLED_PAIRS
    edges = [_build_edge(pair, by_key, question_keys, is_crowded) for pair in pairs]
    edges.sort(key=lambda edge: (edge.kind == "asked", edge.width))
    children = "child" if len(groups) == 1 else "children"
    label = (
        f"{title}: {len(nodes)} records of {len(groups)} {children}, {len(edges)} scored pairs."
        " As tables below."
    )
    return Drawing(nodes, tuple(edges), len(groups), label)


def _build_node(
    number: int, count: int, mention: Mention, group: int, question_keys: tuple[str, str]
) -> Node:
    angle = 2 * math.pi * (number - 1) / count - math.pi / 2
    if count == 2:
        # Turn two records so that they are side by side and the weight between them is legible.
        angle += math.pi / 2
    return Node(
        number,
        mention,
        group,
        mention.mention_key in question_keys,
        round(CENTRE + RADIUS * math.cos(angle), 1),
        round(CENTRE + RADIUS * math.sin(angle), 1),
    )


def _build_edge(
    pair: Pair, nodes: dict[str, Node], question_keys: tuple[str, str], is_crowded: bool
) -> Edge:
    ends = (nodes[pair.left_mention_key], nodes[pair.right_mention_key])
    # Lines lie close together at the record in question, so write the weight near the other end.
    one, other = sorted(ends, key=lambda node: not node.is_asked)
    weight, kind = pair.match_weight, _classify_pair(pair, question_keys)
    share = min(max(weight or 0.0, 0.0) / STRONG_WEIGHT, 1.0)
    along = 0.5 if kind == "asked" else 0.66
    is_labelled = weight is not None and (one.is_asked or not is_crowded)
    return Edge(
        pair=pair,
        one=one,
        other=other,
        kind=kind,
        words=describe_outcome(pair),
        width=round(MIN_WIDTH + share * (MAX_WIDTH - MIN_WIDTH), 1),
        label=f"{weight:+.1f}" if is_labelled else "",
        label_x=round(one.x + along * (other.x - one.x), 1),
        label_y=round(one.y + along * (other.y - one.y), 1),
    )


def _classify_pair(pair: Pair, question_keys: tuple[str, str]) -> str:
    if {pair.left_mention_key, pair.right_mention_key} == set(question_keys):
        return "asked"
    if pair.guard_code or pair.decision in ("never_link", "split"):
        return "apart"
    return "link" if pair.band_code == "link" or pair.decision == "link" else "weak"
