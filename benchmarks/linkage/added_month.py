"""`python -m benchmarks.linkage.added_month`: pairs that a further month of records takes apart.

Each nation is linked twice: without the records of its last month, and with them. A pair that was
in one child and no longer is counts as lost. A new record that is like one of the two may speak
against the pair, for example as a rival. Seeds are those for development. No personal data is
shown.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Annotated, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.external_validation import BUILD, labelled_city, labelled_nation
from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate import LabelledSet

VALIDATION, VALIDATION_SIZE = (1, 5), 20_000
PORT_CITY, PORT_CITY_SIZE = (1, 2), 15_000


class LostPairs(NamedTuple):
    """Pairs of mentions in one child before the last month.

    `true_pairs` are of one true child. `lost` are true pairs that the last month takes apart, and
    `lost_unopposed` those without a new record that is scored with one of the two.
    """

    new_mentions: int
    true_pairs: int
    lost: int
    lost_unopposed: int


def add_last_month(labelled: LabelledSet) -> LostPairs:
    """Link a nation without its last month and with it, and count the pairs that are lost."""
    mentions = labelled.mentions
    months = mentions["first_period_start"]
    is_before = pc.fill_null(pc.less(months, pc.max(months)), True)
    before = link_mentions(mentions.filter(is_before), labelled.care)
    after = link_mentions(mentions, labelled.care)
    founder_of = {key: founder for founder, keys in _list_children(after).items() for key in keys}
    new = set(mentions["mention_key"].filter(pc.invert(is_before)).to_pylist())
    like_new = _find_like_new(after.links, new)
    child_of = labelled.child_of
    true_pairs = lost = unopposed = 0
    for keys in _list_children(before).values():
        for one, other in combinations(keys, 2):
            if one not in child_of or child_of[one] != child_of.get(other):
                continue
            true_pairs += 1
            if founder_of[one] != founder_of[other]:
                lost += 1
                unopposed += not {one, other} & like_new
    return LostPairs(len(new), true_pairs, lost, unopposed)


def _list_children(linkage: Linkage) -> dict[str, list[str]]:
    """Return the mentions of each child, by its founder."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    clusters = linkage.clusters
    for key, founder in zip(
        clusters["mention_key"].to_pylist(),
        clusters["founding_mention_key"].to_pylist(),
        strict=True,
    ):
        children[founder].append(key)
    return children


def _find_like_new(links: pa.Table, new: set[str]) -> set[str]:
    """Return the mentions that have a scored pair with a new mention."""
    lefts, rights = (links[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    pairs = list(zip(lefts, rights, strict=True))
    return {one for left, right in pairs for one, other in ((left, right), (right, left))
            if other in new}  # fmt: skip


def main(build: Annotated[Path, typer.Option(help="Folder for the nations.")] = BUILD) -> None:
    """Measure the pairs that the last month of records takes apart, on development nations."""
    table = Table(title="Pairs of one child that the last month of records takes apart")
    for heading in ("nation", "new records", "true pairs before", "lost", "lost, no new likeness"):
        table.add_column(heading)
    sets = [
        (f"validation, seed {seed}", labelled_nation, VALIDATION_SIZE, seed) for seed in VALIDATION
    ] + [(f"port city, seed {seed}", labelled_city, PORT_CITY_SIZE, seed) for seed in PORT_CITY]
    for name, make, size, seed in sets:
        pairs = add_last_month(make(size, seed, build / f"{name.replace(', seed ', '-')}-{size}"))
        table.add_row(
            name,
            f"{pairs.new_mentions:,}",
            f"{pairs.true_pairs:,}",
            f"{pairs.lost:,} ({pairs.lost / pairs.true_pairs:.3%})",
            f"{pairs.lost_unopposed:,} ({pairs.lost_unopposed / pairs.true_pairs:.3%})",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
