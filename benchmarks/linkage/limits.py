"""`python -m benchmarks.linkage.limits`: the best that linkage could reach if the truth were known.

Two validation nations are used. A classifier is trained on the pairs of the first nation, with true
children as labels. It is measured on the second, at the best threshold by that nation's truth. In
addition, a reviewer who knows which questions help most answers the second nation's review list.
Both figures are limits and not results, because no register knows the truth. No personal data is
shown.
"""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import duckdb
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.external_validation import BUILD, labelled_nation, leave_out_classes
from benchmarks.linkage.environment import febrl_python
from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate import LabelledSet, closed_pairs, found_children, review_list
from register.identity.score import links_from_scores

PRECISIONS = (0.9995, 0.999, 0.995)
REVIEW_WEIGHTS = (-4.0, -6.0, -8.0, -10.0)
LEFT_SHARES = (0.05, 0.03, 0.01)
FEATURES = """
with records as (
    select mention_key, source, issuer_code, birth_dates[1] as born, postcodes,
        split_part(primary_name, '|', 1) as forename, split_part(primary_name, '|', 2) as surname,
        count(*) over (partition by primary_name) as name_count,
        count(*) over (partition by split_part(primary_name, '|', 1)) as forename_count,
        count(*) over (partition by split_part(primary_name, '|', 2)) as surname_count,
        count(*) over (partition by birth_dates[1]) as born_count,
        len(names) as name_variants, len(postcodes) as postcode_count
    from mentions
), ends as (
    select left_mention_key as mention_key, match_weight from scored
    union all
    select right_mention_key, match_weight from scored
), rivals as (
    select mention_key, count(*) as rival_count, max(match_weight) as best_weight,
        coalesce(max(match_weight, 2)[2], -99) as second_weight
    from ends
    group by mention_key
)
select scored.* exclude (left_mention_key, right_mention_key, capped_by),
    hash(coalesce(capped_by, '')) % 997 as cap,
    cast(one.source = 'police' as integer) + cast(other.source = 'police' as integer) as sources,
    cast(one.issuer_code = other.issuer_code as integer) as same_issuer,
    abs(one.born - other.born) as days_apart,
    jaro_winkler_similarity(one.forename, other.forename) as forename_likeness,
    jaro_winkler_similarity(one.surname, other.surname) as surname_likeness,
    len(list_intersect(one.postcodes, other.postcodes)) as common_postcodes,
    greatest(one.name_count, other.name_count) as name_count,
    greatest(one.forename_count, other.forename_count) as forename_count,
    greatest(one.surname_count, other.surname_count) as surname_count,
    greatest(one.born_count, other.born_count) as born_count,
    one.name_variants + other.name_variants as name_variants,
    one.postcode_count + other.postcode_count as postcode_count,
    one_rivals.rival_count + other_rivals.rival_count as rival_count,
    scored.match_weight - one_rivals.best_weight as below_best_one,
    scored.match_weight - other_rivals.best_weight as below_best_other,
    scored.match_weight - one_rivals.second_weight as above_second_one,
    scored.match_weight - other_rivals.second_weight as above_second_other,
from scored
inner join records as one on scored.left_mention_key = one.mention_key
inner join records as other on scored.right_mention_key = other.mention_key
inner join rivals as one_rivals on one.mention_key = one_rivals.mention_key
inner join rivals as other_rivals on other.mention_key = other_rivals.mention_key
order by scored.left_mention_key, scored.right_mention_key
"""


@dataclass(frozen=True)
class Nation:
    """A labelled nation, linked as a load links it."""

    labelled: LabelledSet
    linkage: Linkage

    @property
    def truth(self) -> set[tuple[str, str]]:
        """The pairs of mentions that belong to the same true child."""
        members: defaultdict[str, set[str]] = defaultdict(set)
        for key, child in self.labelled.child_of.items():
            members[child].add(key)
        return closed_pairs({frozenset(each) for each in members.values()})

    def list_pairs(self) -> list[tuple[str, str]]:
        """Return the scored pairs, in order."""
        columns = (self.linkage.scored[f"{side}_mention_key"] for side in ("left", "right"))
        return sorted(zip(*(column.to_pylist() for column in columns), strict=True))

    def features(self) -> np.ndarray:
        """Return the features of each scored pair, in order; NaN for unknown values."""
        with duckdb.connect(":memory:") as connection:
            connection.register("mentions", self.linkage.mentions)
            connection.register("scored", self.linkage.scored)
            features = connection.execute(FEATURES).fetchnumpy()
        columns = [
            np.ma.filled(np.ma.asarray(each, dtype=float), np.nan) for each in features.values()
        ]
        return np.column_stack(columns)


def read_nation(children: int, seed: int, build: Path) -> Nation:
    """Make a validation nation and link it as a load does."""
    labelled = labelled_nation(children, seed, build / f"{children}-{seed}")
    return Nation(labelled, link_mentions(labelled.mentions, labelled.care))


def find_recall(
    precision: float, likely: np.ndarray, is_true: np.ndarray, true_count: int
) -> float:
    """Return the highest recall that any threshold reaches with at least this precision."""
    order = np.argsort(-likely, kind="stable")
    right = np.cumsum(is_true[order])
    reached = right[right / np.arange(1, len(right) + 1) >= precision]
    return float(reached[-1] / true_count) if len(reached) else 0.0


def score_by_classifier(train: Nation, test: Nation, folder: Path, python: Path) -> np.ndarray:
    """Return each scored pair's probability in `test`, by a classifier trained on `train`."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = train.truth
    labels = np.array([pair in truth for pair in train.list_pairs()])
    np.savez(folder / "train.npz", features=train.features(), labels=labels)
    np.savez(folder / "test.npz", features=test.features())
    script = Path(__file__).with_name("fit_supervised.py")
    subprocess.run([python, script, folder], check=True)
    return np.asarray(np.load(folder / "predicted.npy"))


def fewest_decisions(nation: Nation, left_shares: Iterable[float]) -> dict[float, float | None]:
    """Return the fewest decisions per 1,000 children that leave at most these shares unlinked.

    A share is part of all true pairs. The parts of each true child are joined one by one to the
    largest part, starting with joins that connect most true pairs. No review list can reach these
    shares with fewer questions.
    """
    child_of = nation.labelled.child_of
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for members in found_children(nation.linkage):
        for child, count in Counter(child_of[key] for key in members if key in child_of).items():
            parts[child].append(count)
    gains = []
    for counts in parts.values():
        joined, *others = sorted(counts, reverse=True)
        for count in others:
            gains.append(joined * count)
            joined += count
    left, total, decision_count = sum(gains), len(nation.truth), 0
    decisions_by_recall: dict[float, float | None] = {}
    ordered = sorted(gains, reverse=True)
    for share in sorted(left_shares, reverse=True):
        while left > share * total:
            left -= ordered[decision_count]
            decision_count += 1
        decisions_by_recall[share] = 1000 * decision_count / len(parts)
    return decisions_by_recall


def list_by_review_weight(nation: Nation, weight: float) -> tuple[float, float, float]:
    """Return the size and precision of a review list that begins at another match weight (bits).

    Three figures are returned. The first is the pairs listed per 1,000 children, and the second the
    share of listed pairs that are true. The third is the share of true pairs neither linked nor
    listed. Links do not change.
    """
    linkage = nation.linkage
    below = linkage.model.thresholds.model_copy(update={"review": weight})
    model = linkage.model.model_copy(update={"thresholds": below})
    wider = links_from_scores(linkage.scored, model, linkage.mentions.num_rows)
    within = closed_pairs(found_children(linkage))
    known = nation.labelled.child_of.keys()
    ends = (wider[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    listed = {pair for pair in zip(*ends, strict=True) if known >= set(pair)} - within
    listed |= {pair for pair in review_list(linkage) if known >= set(pair)}
    truth = nation.truth
    children = len(set(nation.labelled.child_of.values()))
    return (
        1000 * len(listed) / children,
        len(listed & truth) / len(listed),
        len(truth - within - listed) / len(truth),
    )


def _recalls(test: Nation, likely: np.ndarray) -> list[list[str]]:
    rows = []
    for name, left_out in {"whole": set(), "without planted strangers": {"stranger"}}.items():
        reduced_test = replace(test, labelled=leave_out_classes(test.labelled, left_out))
        truth, known = reduced_test.truth, reduced_test.labelled.child_of.keys()
        chosen = np.array([known >= set(pair) for pair in test.list_pairs()])
        is_true = np.array([pair in truth for pair in test.list_pairs()])[chosen]
        recalls = (find_recall(each, likely[chosen], is_true, len(truth)) for each in PRECISIONS)
        candidates = is_true.sum() / len(truth)
        rows.append([name, *(f"{each:.3f}" for each in recalls), f"{candidates:.3f}"])
    return rows


def _show(console: Console, title: str, headings: Iterable[str], rows: Iterable[Any]) -> None:
    table = Table(*headings, title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def main(
    children: Annotated[int, typer.Option(help="Number of children in each nation.")] = 20_000,
    train_seed: Annotated[
        int, typer.Option(help="Seed of the nation for training the classifier.")
    ] = 3,
    test_seed: Annotated[int, typer.Option(help="Seed of the nation to measure.")] = 4,
    build: Annotated[Path, typer.Option(help="Folder for nations and environment.")] = BUILD,
) -> None:
    """Show the quality that a supervised classifier and a perfect reviewer would reach."""
    console = Console(width=140)
    train, test = (read_nation(children, seed, build) for seed in (train_seed, test_seed))
    likely = score_by_classifier(train, test, build / "supervised", febrl_python(build))
    title = f"Recall of pairs at a precision, learned on seed {train_seed}, seed {test_seed}"
    precisions = [f"precision {each}" for each in PRECISIONS]
    _show(console, title, ("nation", *precisions, "scored at all"), _recalls(test, likely))
    decisions: Mapping[float, float | None] = fewest_decisions(test, LEFT_SHARES)
    _show(
        console,
        "Fewest decisions for 1,000 children",
        [f"{share:.0%} of true pairs left" for share in decisions],
        [[f"{count:.0f}" for count in decisions.values()]],
    )
    rows = [(weight, *list_by_review_weight(test, weight)) for weight in REVIEW_WEIGHTS]
    _show(
        console,
        "The list, by the match weight (bits) at which it begins",
        ("from", "pairs for 1,000 children", "true", "neither linked nor listed"),
        [[f"{row[0]:.0f}", f"{row[1]:.0f}", f"{row[2]:.2f}", f"{row[3]:.4f}"] for row in rows],
    )


if __name__ == "__main__":
    typer.run(main)
