"""Linkage held to the validation nation: `python -m benchmarks.external_validation`.

The mentions go through cleaning, scoring, collective evidence, guards and clustering as in a load.
Nothing of a person is shown. A loaded simulated home can be measured beside it by `--nation`.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.linkage.nation import read_nation
from register.identity.clean import clean_mentions
from register.identity.cluster import (
    CARE_SCHEMA,
    DECISION_SCHEMA,
    cluster_children,
    promote_links,
)
from register.identity.evaluate import measure
from register.identity.score import links_from_scores, load_model, score_pairs
from simulation.external_validation import make_validation_nation

Pair = tuple[str, str]
BINS = 10
PARTS = ("all", "without_planted_strangers", "without_planted_cases")
STRANGER = {"stranger"}
KEYS = ("left_mention_key", "right_mention_key")


@dataclass(frozen=True)
class People:
    """Who each mention is of, and what figures need to know of each child.

    `kin` has pairs of children that must not be joined, each with its kind.
    """

    child_of: dict[str, str]
    group_of: dict[str, str]
    unaccompanied: set[str]
    planted: dict[str, str]
    kin: dict[Pair, str]

    def without(self, planted: set[str]) -> People:
        """The same people without the children of some planted classes."""
        kept = {
            key: child
            for key, child in self.child_of.items()
            if self.planted.get(child) not in planted
        }
        return People(kept, self.group_of, self.unaccompanied, self.planted, self.kin)


@dataclass(frozen=True)
class Linked:
    """What the production path made of the mentions."""

    links: pa.Table
    joined: set[Pair]


def link(mentions: pa.Table, care: pa.Table) -> Linked:
    """Link cleaned mentions as the models of `dbt_project/models/identity` do."""
    model = load_model()
    links = links_from_scores(score_pairs(mentions, model), model)
    links = promote_links(mentions, links, care)
    none = pa.Table.from_pylist([], schema=DECISION_SCHEMA)
    clusters = cluster_children(mentions, links, care, none)
    members: dict[str, list[str]] = defaultdict(list)
    for row in clusters.select(["mention_key", "founding_mention_key"]).to_pylist():
        members[row["founding_mention_key"]].append(row["mention_key"])
    return Linked(
        links, {pair for keys in members.values() for pair in combinations(sorted(keys), 2)}
    )


def people_of(truth: pa.Table) -> People:
    """Read the truth of a validation nation."""
    rows = truth.to_pylist()
    kin = {}
    for row in rows:
        for kind, column in (("twins", "twin_child_key"), ("adopted", "adoption_pair_child_key")):
            if row[column]:
                kin[_ordered(row["child_key"], row[column])] = kind
    return People(
        {row["mention_key"]: row["child_key"] for row in rows},
        {row["child_key"]: row["group_code"] for row in rows},
        {row["child_key"] for row in rows if row["is_unaccompanied"]},
        {row["child_key"]: row["planted_class"] for row in rows if row["planted_class"]},
        kin,
    )


def figures(linked: Linked, people: People) -> dict[str, Any]:
    """Return all figures about one linkage of these people."""
    child_of = people.child_of
    truth = _true_pairs(child_of)
    joined = {pair for pair in linked.joined if pair[0] in child_of and pair[1] in child_of}
    found = measure(len(joined & truth), len(joined - truth), len(truth - joined))
    merged = {_ordered(child_of[one], child_of[other]) for one, other in joined - truth}
    children = len(set(child_of.values()))
    kinds = Counter(people.kin[pair] for pair in merged if pair in people.kin)
    planted = Counter(
        next((people.planted[child] for child in pair if child in people.planted), "none")
        for pair in merged
    )
    present = set(child_of.values())
    kin = Counter(kind for pair, kind in people.kin.items() if set(pair) <= present)
    return {
        "child_count": children,
        "mention_count": len(child_of),
        "true_pair_count": len(truth),
        "precision": found.precision,
        "precision_interval": found.precision_interval,
        "recall": found.recall,
        "recall_interval": found.recall_interval,
        "false_merge_count": len(merged),
        "false_merges_per_10000_children": 10_000 * len(merged) / children,
        "false_merges_by_planted_class": dict(planted),
        "kin_pair_count": dict(kin),
        "kin_pairs_joined": dict(kinds),
        "groups": _groups(people, joined, truth),
        "review": _review(linked, people, joined, truth),
        "calibration": _calibration(linked.links, child_of),
        "methods": _methods(linked.links, child_of),
    }


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _true_pairs(child_of: dict[str, str]) -> set[Pair]:
    members: dict[str, list[str]] = defaultdict(list)
    for key, child in child_of.items():
        members[child].append(key)
    return {pair for keys in members.values() for pair in combinations(sorted(keys), 2)}


def _groups(people: People, joined: set[Pair], truth: set[Pair]) -> list[dict[str, Any]]:
    """Precision and recall by group; a pair counts for the group of its left child."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, pairs in enumerate((joined & truth, joined - truth, truth - joined)):
        for left, _ in pairs:
            child = people.child_of[left]
            counts[people.group_of[child]][place] += 1
            if child in people.unaccompanied:
                counts["unaccompanied"][place] += 1
    sizes = Counter(people.group_of[child] for child in set(people.child_of.values()))
    sizes["unaccompanied"] = len(people.unaccompanied & set(people.child_of.values()))
    rows = []
    for group in sorted(counts):
        found = measure(*counts[group])
        rows.append(
            {
                "group": group,
                "child_count": sizes[group],
                "true_pair_count": counts[group][0] + counts[group][2],
                "precision": found.precision,
                "recall": found.recall,
                "recall_interval": found.recall_interval,
            }
        )
    return rows


def _review(linked: Linked, people: People, joined: set[Pair], truth: set[Pair]) -> dict[str, Any]:
    """Pairs for clerical review: how many, how many true, and by cap; what nobody is shown."""
    child_of = people.child_of
    by_cap: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    listed: set[Pair] = set()
    review = linked.links.filter(pc.equal(linked.links["band"], "review"))
    for row in review.select(["left_mention_key", "right_mention_key", "capped_by"]).to_pylist():
        pair = (row["left_mention_key"], row["right_mention_key"])
        if pair in joined or pair[0] not in child_of or pair[1] not in child_of:
            continue
        listed.add(pair)
        counts = by_cap[row["capped_by"] or "below_threshold"]
        counts[0] += 1
        counts[1] += pair in truth
    children = len(set(child_of.values()))
    ordered = sorted(by_cap.items(), key=lambda each: -each[1][0])
    return {
        "pair_count": len(listed),
        "pairs_per_1000_children": 1000 * len(listed) / children,
        "true_share": len(listed & truth) / len(listed) if listed else None,
        "true_neither_linked_nor_listed": len(truth - joined - listed) / len(truth),
        "by_cap": [
            {"capped_by": cap, "pair_count": count, "true_share": true / count}
            for cap, (count, true) in ordered
        ],
    }


def _calibration(links: pa.Table, child_of: dict[str, str]) -> dict[str, Any]:
    """Reliability of the probability that a match weight implies, over ten bins of equal width."""
    rows = [
        (row["match_weight"], child_of[left] == child_of[right])
        for row in links.select(
            ["left_mention_key", "right_mention_key", "match_weight"]
        ).to_pylist()
        if (left := row["left_mention_key"]) in child_of
        and (right := row["right_mention_key"]) in child_of
    ]
    weights = np.clip(np.array([weight for weight, _ in rows]), -60, 60)
    is_true = np.array([true for _, true in rows])
    predicted = 1 / (1 + 2.0**-weights)
    placed = np.minimum((predicted * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        here = placed == number
        if here.any():
            bins.append(
                {
                    "from": number / BINS,
                    "pair_count": int(here.sum()),
                    "predicted": float(predicted[here].mean()),
                    "true_share": float(is_true[here].mean()),
                }
            )
    errors = [abs(each["predicted"] - each["true_share"]) for each in bins]
    return {"mean_absolute_error": float(np.mean(errors)), "bins": bins}


def _methods(links: pa.Table, child_of: dict[str, str]) -> list[dict[str, Any]]:
    """Pairs in band `link` by method, with the share that is true."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    linked = links.filter(pc.equal(links["band"], "link"))
    for row in linked.select(["left_mention_key", "right_mention_key", "link_method"]).to_pylist():
        left, right = row["left_mention_key"], row["right_mention_key"]
        if left in child_of and right in child_of:
            counts[row["link_method"]][0] += 1
            counts[row["link_method"]][1] += child_of[left] == child_of[right]
    return [
        {"link_method": method, "pair_count": count, "true_share": true / count}
        for method, (count, true) in sorted(counts.items())
    ]


def validation_figures(children: int, seed: int) -> dict[str, Any]:
    """Make a validation nation and measure the production path on it."""
    nation = make_validation_nation(children, seed)
    mentions = clean_mentions(nation.collected)
    started = time.perf_counter()
    linked = link(mentions, nation.care.select(CARE_SCHEMA.names))
    people = people_of(nation.truth)
    return {
        "name": f"validation, seed {seed}",
        "seconds": round(time.perf_counter() - started, 1),
        "all": figures(linked, people),
        "without_planted_strangers": figures(linked, people.without(STRANGER)),
        "without_planted_cases": figures(linked, people.without(set(people.planted.values()))),
    }


def home_figures(home: Path) -> dict[str, Any]:
    """Measure the production path on a simulated home whose warehouse is built."""
    nation = read_nation(home)
    started = time.perf_counter()
    linked = link(nation.mentions, nation.care)
    child_of = {key: f"{person:08d}" for key, person in nation.person_of.items()}
    kin = {_ordered(f"{one:08d}", f"{two:08d}"): kind for (one, two), kind in nation.kin.items()}
    people = People(child_of, dict.fromkeys(child_of.values(), "every_child"), set(), {}, kin)
    return {
        "name": "simulated home",
        "seconds": round(time.perf_counter() - started, 1),
        "all": figures(linked, people),
    }


def show(measured: dict[str, Any], console: Console) -> None:
    """Print one nation's figures."""
    for part in PARTS:
        if part not in measured:
            continue
        found = measured[part]
        console.print(
            f"\n[bold]{measured['name']}, {part.replace('_', ' ')}[/bold]:"
            f" {found['child_count']:,} children, {found['mention_count']:,} mentions,"
            f" {found['true_pair_count']:,} true pairs, {measured['seconds']} s"
        )
        for name in ("precision", "recall"):
            lower, upper = found[f"{name}_interval"]
            console.print(f"{name} {found[name]:.4f} ({lower:.4f}-{upper:.4f})")
        console.print(
            f"false merges of two children {found['false_merge_count']}"
            f" ({found['false_merges_per_10000_children']:.1f} per 10,000)"
            f" {found['false_merges_by_planted_class']};"
            f" joined {found['kin_pairs_joined']} of {found['kin_pair_count']}"
        )
    found, review = measured["all"], measured["all"]["review"]
    console.print(
        f"review {review['pairs_per_1000_children']:.0f} pairs per 1,000 children,"
        f" {review['true_share'] or 0:.3f} true; true pairs neither linked nor listed"
        f" {review['true_neither_linked_nor_listed']:.4f};"
        f" calibration error {found['calibration']['mean_absolute_error']:.3f}"
    )
    _table(console, "by group", found["groups"])
    _table(console, "review by cap", review["by_cap"])
    _table(console, "links by method", found["methods"])
    _table(console, "calibration", found["calibration"]["bins"])


def _table(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title)
    names = [name for name in rows[0] if not name.endswith("_interval")] if rows else []
    for name in names:
        table.add_column(name)
    for row in rows:
        cells = (row[name] for name in names)
        table.add_row(*(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells))
    console.print(table)


def main(
    children: Annotated[int, typer.Option(help="children of each validation nation")] = 60_000,
    seed: Annotated[list[int] | None, typer.Option(help="a nation for each seed")] = None,
    nation: Annotated[
        Path | None, typer.Option(help="a simulated home whose warehouse is built")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="also write the figures as JSON")] = None,
) -> None:
    """Measure linkage on validation nations, and on a simulated home, by the production path."""
    console = Console(width=120)
    measured = []
    for each in seed or [1]:
        measured.append(validation_figures(children, each))
        show(measured[-1], console)
    if nation:
        measured.append(home_figures(nation))
        show(measured[-1], console)
    if output:
        output.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
