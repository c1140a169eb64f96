"""`python -m benchmarks.held_out`: quality of the pinned model on held-out nations.

A held-out nation is not used in development. Two validation nations and one nation of the
simulation are linked as in a load. Their quality by group becomes the seed
`ref__linkage_quality_held_out`, which the register publishes. For each review reason, the share of
its pairs that are true is printed. Run this whenever a model is pinned: a test refuses figures of
another model. Choose nothing by looking at these nations.
"""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.external_validation import (
    BUILD,
    PLANTED,
    labelled_nation,
    leave_out_classes,
)
from benchmarks.training_nation import ORIGIN, UNACCOMPANIED, labelled_home
from register.identity.cluster import DECISION_SCHEMA, Linkage, cluster_children, link_mentions
from register.identity.evaluate import (
    LabelledSet,
    Pair,
    closed_pairs,
    measure_counts,
    review_list,
    wilson_interval,
)
from register.identity.score import apply_threshold
from register.settings import PROJECT_ROOT

SEED_FILE = PROJECT_ROOT / "seeds" / "ref__linkage_quality_held_out.csv"
VALIDATION_SEEDS, TRAINING_SEED = (11, 12), 71
CENTRAL, THRESHOLDS = "central", ("strict", "central", "loose")
ALL, BETWEEN = "all", "between"
# The name of a grouping of children: unaccompanied children are one group, and all others are
# grouped by naming origin. Each child is in exactly one group, so the counts of groups add up to
# the total.
LINKAGE_GROUP = "linkage_group"
LEAST_PAIRS, LOW_SHARE, DECIMALS = 100, 0.025, 6

Groups = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Row:
    """A row of the seed file: the quality of one group of one nation at one threshold.

    `scope_code` is `all` for all pairs, or `between` for pairs between the two sources. Shares are
    0-1, or empty if the denominator is 0. `review_share` and `unlisted_share` are shares of the
    true pairs.
    """

    model_version: str
    nation_code: str
    nation_seed: int
    linkage_code: str
    scope_code: str
    grouping_code: str
    group_code: str
    child_count: int
    true_count: int | None
    false_count: int | None
    missed_count: int | None
    precision: float | None
    precision_lower: float | None
    precision_upper: float | None
    recall: float | None
    recall_lower: float | None
    recall_upper: float | None
    review_share: float | None = None
    unlisted_share: float | None = None
    review_pairs_per_1000: float | None = None
    false_merges_per_10000: float | None = None


@dataclass(frozen=True)
class ChildrenAtThreshold:
    """The register's children at one threshold: their members, and the pairs within them."""

    children: set[frozenset[str]]
    pairs: set[Pair]


@dataclass(frozen=True)
class ReviewKind:
    """The pairs held for review for one reason: their number, and how many are true.

    `shown_probability` is the mean of their match probabilities.
    """

    cap_code: str | None
    pair_count: int
    true_count: int
    shown_probability: float


class HeldOutNation:
    """A labelled set that is linked once, and measured by groups."""

    def __init__(self, nation_code: str, seed: int, labelled: LabelledSet) -> None:
        self.nation_code, self.seed = nation_code, seed
        self.labelled = labelled
        self.linkage = link_mentions(labelled.mentions, labelled.care)
        self.listed = set(review_list(self.linkage))
        mentions = labelled.mentions
        keys = mentions["mention_key"].to_pylist()
        self.source_of = dict(zip(keys, mentions["source"].to_pylist(), strict=True))
        self.issuer_of = dict(zip(keys, mentions["issuer_code"].to_pylist(), strict=True))

    def build_rows(self) -> Iterator[Row]:
        """Yield every row of the nation.

        There are rows for all children, for parts and groups of children, and for the authorities
        with the lowest recall.
        """
        groups = groups_of(self.labelled)
        for linkage_code in THRESHOLDS:
            links = group_at_threshold(self.linkage, linkage_code, self.labelled)
            if linkage_code == CENTRAL:
                yield from self._measured(links, linkage_code, groups, (ALL, BETWEEN))
                yield from self._measure_parts(links)
                yield self._lowest_authorities(links)
            else:
                exclusive = {name: groups[name] for name in (ALL, LINKAGE_GROUP)}
                yield from self._measured(links, linkage_code, exclusive, (BETWEEN,))

    def review_kinds(self) -> list[ReviewKind]:
        """Return each kind of pair held for review, the most frequent kind first.

        A kind is a cap, or None for pairs in the review band without a cap. Only pairs whose
        children are known are counted.
        """
        links, child_of = self.linkage.links, self.labelled.child_of
        columns = ("left_mention_key", "right_mention_key", "band", "capped_by",
                   "match_probability")  # fmt: skip
        verdicts: dict[str | None, list[tuple[bool, float]]] = defaultdict(list)
        for left, right, band, cap, probability in zip(
            *(links[name].to_pylist() for name in columns), strict=True
        ):
            if band == "review" and left in child_of and right in child_of:
                verdicts[cap].append((child_of[left] == child_of[right], probability))
        kinds = (
            ReviewKind(
                cap, len(pairs), sum(true for true, _ in pairs),
                sum(probability for _, probability in pairs) / len(pairs),
            )
            for cap, pairs in verdicts.items()
        )  # fmt: skip
        return sorted(kinds, key=lambda kind: (-kind.pair_count, kind.cap_code or ""))

    def _measure_parts(self, links: ChildrenAtThreshold) -> Iterator[Row]:
        """Yield the quality without planted strangers, and without any planted case."""
        planted = set(self.labelled.groups.get(PLANTED, {}).values())
        for part, left_out in {
            "without_strangers": planted & {"stranger"}, "without_planted": planted,
        }.items():  # fmt: skip
            if left_out:
                child_of = leave_out_classes(self.labelled, left_out).child_of
                groups = {"part": dict.fromkeys(child_of, part)}
                part_links = ChildrenAtThreshold(
                    {frozenset(each & child_of.keys()) for each in links.children},
                    {pair for pair in links.pairs if child_of.keys() >= set(pair)},
                )
                yield from self._measured(part_links, CENTRAL, groups, (ALL,), child_of)

    def _measured(
        self,
        links: ChildrenAtThreshold,
        linkage_code: str,
        groups: Groups,
        scopes: Iterable[str],
        child_of: Mapping[str, str] | None = None,
    ) -> Iterator[Row]:
        known = self.labelled.child_of if child_of is None else child_of
        truth = closed_pairs(_members(known))
        listed = {pair for pair in self.listed if known.keys() >= set(pair)}
        for scope in scopes:
            sides = {
                "true": self._limit_to_scope(truth & links.pairs, scope),
                "false": self._limit_to_scope(links.pairs - truth, scope),
                "missed": self._limit_to_scope(truth - links.pairs, scope),
                "listed": self._limit_to_scope((truth - links.pairs) & listed, scope),
                "review": self._limit_to_scope(listed, scope),
            }
            for grouping, group_of in groups.items():
                counts = {side: _count_pairs(pairs, group_of) for side, pairs in sides.items()}
                merged = _count_merges(links.children, known, group_of)
                children: dict[str, set[str]] = defaultdict(set)
                for key, group in group_of.items():
                    if key in known:
                        children[group].add(known[key])
                for group in sorted(children):
                    of = {side: count[group] for side, count in counts.items()}
                    yield self._build_row(
                        (linkage_code, scope, grouping, group), len(children[group]), of,
                        merged[group],
                    )  # fmt: skip

    def _limit_to_scope(self, pairs: set[Pair], scope: str) -> set[Pair]:
        source_of = self.source_of
        return pairs if scope == ALL else {
            pair for pair in pairs if source_of[pair[0]] != source_of[pair[1]]
        }  # fmt: skip

    def _build_row(
        self,
        codes: tuple[str, str, str, str],
        child_count: int,
        of: Mapping[str, int],
        merges: int,
    ) -> Row:
        quality = measure_counts(of["true"], of["false"], of["missed"])
        truth = of["true"] + of["missed"]
        is_whole = codes[:2] == (CENTRAL, ALL)
        listed = of["listed"] / truth if truth and is_whole else None
        precisions = quality.precision_interval or (None, None)
        recalls = quality.recall_interval or (None, None)
        linkage_code, scope_code, grouping_code, group_code = codes
        return Row(
            model_version=self.linkage.model.version,
            nation_code=self.nation_code,
            nation_seed=self.seed,
            linkage_code=linkage_code,
            scope_code=scope_code,
            grouping_code=grouping_code,
            group_code=group_code,
            child_count=child_count,
            true_count=of["true"],
            false_count=of["false"],
            missed_count=of["missed"],
            precision=quality.precision,
            precision_lower=precisions[0],
            precision_upper=precisions[1],
            recall=quality.recall,
            recall_lower=recalls[0],
            recall_upper=recalls[1],
            review_share=listed,
            unlisted_share=of["missed"] / truth - listed if listed is not None else None,
            review_pairs_per_1000=1000 * of["review"] / child_count if is_whole else None,
            false_merges_per_10000=10_000 * merges / child_count if is_whole else None,
        )

    def _lowest_authorities(self, links: ChildrenAtThreshold) -> Row:
        """Return a row with the recall between sources that one authority in forty does not reach.

        Only authorities with enough true pairs are used. The row's number of children is the number
        of these authorities' children.
        """
        child_of = self.labelled.child_of
        truth = self._limit_to_scope(closed_pairs(_members(child_of)), BETWEEN)
        authority_of = {
            key: issuer for key, issuer in self.issuer_of.items()
            if self.source_of[key] == "authority"
        }  # fmt: skip
        true_counts, found_counts = (
            _count_pairs(pairs, authority_of) for pairs in (truth, truth & links.pairs)
        )
        recalls = {
            each: found_counts[each] / count
            for each, count in true_counts.items()
            if count >= LEAST_PAIRS
        }
        children = {
            child_of[key] for key, issuer in authority_of.items()
            if issuer in recalls and key in child_of
        }  # fmt: skip
        low = float(np.quantile(list(recalls.values()), LOW_SHARE)) if recalls else None
        return Row(
            self.linkage.model.version, self.nation_code, self.seed, CENTRAL, BETWEEN, "authority",
            "lowest_fortieth", len(children), None, None, None, None, None, None, low, None, None,
        )  # fmt: skip


def groups_of(labelled: LabelledSet) -> Groups:
    """Return the groupings to measure: all, origin, unaccompanied or not, and linkage group.

    Both generators' nations give a child's origin and whether they are unaccompanied, but in
    different words.
    """
    groups = labelled.groups
    origin = groups.get(ORIGIN) or groups["group_code"]
    alone = groups.get(UNACCOMPANIED) or groups["is_unaccompanied"]
    is_alone = {key: alone[key].lower() == "true" for key in origin}
    return {
        ALL: dict.fromkeys(origin, ALL),
        ORIGIN: origin,
        UNACCOMPANIED: {
            key: UNACCOMPANIED if is_unaccompanied else "other"
            for key, is_unaccompanied in is_alone.items()
        },
        LINKAGE_GROUP: {
            key: UNACCOMPANIED if is_alone[key] else code for key, code in origin.items()
        },
    }


def group_at_threshold(
    linkage: Linkage, linkage_code: str, labelled: LabelledSet
) -> ChildrenAtThreshold:
    """Return the register's children at a threshold, from mentions whose true child is known."""
    clusters = linkage.clusters
    if linkage_code != CENTRAL:
        links = apply_threshold(linkage.links, linkage_code)
        decisions = DECISION_SCHEMA.empty_table()
        clusters = cluster_children(labelled.mentions, links, decisions)
    keys, founders = clusters["mention_key"], clusters["founding_mention_key"]
    founder_by_key = zip(keys.to_pylist(), founders.to_pylist(), strict=True)
    children = _members({key: each for key, each in founder_by_key if key in labelled.child_of})
    return ChildrenAtThreshold(children, closed_pairs(children))


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """Write the seed file: shares to six decimals, unknown values empty."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        for row in rows:
            writer.writerow(
                round(value, DECIMALS) if isinstance(value, float) else value
                for value in astuple(row)
            )


def show_review_kinds(nation: HeldOutNation, console: Console) -> None:
    """Print the share of pairs that are true, and the mean match probability, by review reason."""
    table = Table(title=f"Held for review, {nation.nation_code} nation, seed {nation.seed}")
    for heading in ("reason", "pairs", "true", "95 % interval", "shown"):
        table.add_column(heading)
    for kind in nation.review_kinds():
        lower, upper = wilson_interval(kind.true_count, kind.pair_count) or (0.0, 1.0)
        table.add_row(
            kind.cap_code or "review band", f"{kind.pair_count:,}",
            f"{kind.true_count / kind.pair_count:.2f}", f"{lower:.2f}-{upper:.2f}",
            f"{kind.shown_probability:.2f}",
        )  # fmt: skip
    console.print(table)


def _members(child_of: Mapping[str, str]) -> set[frozenset[str]]:
    members: dict[str, set[str]] = defaultdict(set)
    for key, child in child_of.items():
        members[child].add(key)
    return {frozenset(each) for each in members.values()}


def _count_pairs(pairs: set[Pair], group_of: Mapping[str, str]) -> Counter[str]:
    """Count pairs by the groups of their mentions; a pair between two groups counts in both."""
    counts: Counter[str] = Counter()
    for pair in pairs:
        counts.update({group_of[key] for key in pair if key in group_of})
    return counts


def _count_merges(
    children: set[frozenset[str]], child_of: Mapping[str, str], group_of: Mapping[str, str]
) -> Counter[str]:
    """Count register children with several true children, by the groups of their members."""
    merged: Counter[str] = Counter()
    for members in children:
        if len({child_of[key] for key in members if key in child_of}) > 1:
            merged.update({group_of[key] for key in members if key in group_of})
    return merged


def main(
    children: Annotated[
        int, typer.Option(help="Number of children in each validation nation.")
    ] = 60_000,
    share: Annotated[
        float, typer.Option(help="Size of the training nation, in national years.")
    ] = 0.3,
    build: Annotated[Path, typer.Option(help="Folder for the nations.")] = BUILD,
    seed_file: Annotated[Path, typer.Option(help="CSV file of the dbt seed to write.")] = SEED_FILE,
) -> None:
    """Measure the pinned model on held-out nations of both generators, and write the seed."""
    console = Console()
    rows: list[Row] = []
    for nation_code, seed in (*(("validation", seed) for seed in VALIDATION_SEEDS),
                              ("training", TRAINING_SEED)):  # fmt: skip
        began = time.perf_counter()
        if nation_code == "validation":
            labelled = labelled_nation(children, seed, build / f"{children}-{seed}")
        else:
            labelled = labelled_home(build / f"training-{share:g}-{seed}", seed, share)
        nation = HeldOutNation(nation_code, seed, labelled)
        rows += nation.build_rows()
        show_review_kinds(nation, console)
        seconds = time.perf_counter() - began
        console.print(f"{nation_code} nation, seed {seed}: {seconds:.0f} s")
    write_rows(rows, seed_file)
    console.print(f"{len(rows)} rows of model {rows[0].model_version} in {seed_file.name}")


if __name__ == "__main__":
    typer.run(main)
