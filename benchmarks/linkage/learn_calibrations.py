"""`python -m benchmarks.linkage.learn_calibrations`: calibrations from development nations.

The nations come from both generators. The command prints slope and offset of each kind of pair,
which are then pinned in `register/identity/score/calibrations.yaml`. It also prints each nation's
calibration error when the calibration is learned from all other nations. Held-out seeds are not
used. No personal data is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize

from benchmarks.external_validation import BUILD, PLANTED, labelled_nation
from benchmarks.training_nation import labelled_home
from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate import LabelledSet, calibrate
from register.identity.score import Model, load_model

VALIDATION = ((1, 20_000), (2, 20_000), (3, 20_000), (4, 20_000), (5, 60_000))
FIRST_MAKER = ((51, 0.05), (52, 0.3))
# A kind of pair with few examples says little about its own slope. So the fit has a normal prior,
# centred on a usual slope.
USUAL_SLOPE, SLOPE_DEVIATION, OFFSET_DEVIATION, PRIOR_PAIRS = 0.4, 0.3, 3.0, 3.0
LEAST_SLOPE = 0.01
UNKNOWN = "unknown"
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The scored pairs of one nation, in order: kind, weight at the load's prior (bits), truth.

    `is_shown` marks pairs that a load keeps and shows. `is_planted` marks pairs with a planted
    stranger.
    """

    name: str
    kinds: npt.NDArray[np.str_]
    weights: Numbers
    is_true: Flags
    is_shown: Flags
    is_planted: Flags


def read_scored_pairs(name: str, labelled: LabelledSet) -> Pairs:
    """Link a nation as a load does, and return its scored pairs whose children are known."""
    linkage = link_mentions(labelled.mentions, labelled.care)
    scored = linkage.scored
    ends = _list_ends(scored)
    links = _index_links(linkage.links)
    # The weight of a link includes the load's prior, and the weight of the same pair in `scored`
    # the model's. The difference is the same for all links, so one link is enough to find it.
    before = dict(zip(ends, scored["match_weight"].to_pylist(), strict=True))
    shift = next((row["match_weight"] - before[pair] for pair, row in links.items()), 0.0)
    classes, child_of = labelled.groups.get(PLANTED, {}), labelled.child_of
    known = np.array([all(key in child_of for key in pair) for pair in ends], dtype=bool)
    true = [child_of.get(left, left) == child_of.get(right, right) for left, right in ends]
    planted = [any(classes.get(key) == "stranger" for key in pair) for pair in ends]
    return Pairs(
        name,
        kinds_of(linkage)[known],
        (scored["match_weight"].to_numpy() + shift)[known],
        np.array(true, dtype=bool)[known],
        np.array([pair in links for pair in ends], dtype=bool)[known],
        np.array(planted, dtype=bool)[known],
    )


def kinds_of(linkage: Linkage) -> npt.NDArray[np.str_]:
    """Return the kind of each scored pair.

    The kind is the pair's cap or link method, if that has a calibration of its own. Otherwise it is
    the pattern of the pair's levels.
    """
    scored, model = linkage.scored, linkage.model
    names = {each.name for each in model.calibrations if not each.when}
    links = _index_links(linkage.links)
    patterns = _patterns(scored, model)
    kinds = []
    for place, (pair, cap) in enumerate(
        zip(_list_ends(scored), scored["capped_by"].to_pylist(), strict=True)
    ):
        row = links.get(pair, {})
        kind = row.get("link_method"), row.get("capped_by"), cap
        kinds.append(next((each for each in kind if each in names), patterns[place]))
    return np.array(kinds)


def fit_calibrations(nations: Iterable[Pairs]) -> dict[str, tuple[float, float]]:
    """Return slope and offset by kind, from a logistic regression over the pairs of all nations."""
    nation_list = list(nations)
    kinds = np.concatenate([each.kinds for each in nation_list])
    weights = np.concatenate([each.weights for each in nation_list])
    is_true = np.concatenate([each.is_true for each in nation_list]).astype(np.float64)
    return {
        str(kind): _logistic(weights[at], is_true[at])
        for kind in np.unique(kinds)
        for at in [kinds == kind]
    }


def probabilities(pairs: Pairs, fitted: dict[str, tuple[float, float]]) -> Numbers:
    """Return the probability (0-1) of each pair.

    A kind that was not fitted gets `USUAL_SLOPE` and no offset.
    """
    usual = (USUAL_SLOPE, 0.0)
    slopes = np.array([fitted.get(str(kind), usual)[0] for kind in pairs.kinds])
    offsets = np.array([fitted.get(str(kind), usual)[1] for kind in pairs.kinds])
    return np.asarray(1 / (1 + 2.0 ** -(offsets + slopes * pairs.weights)), dtype=np.float64)


def measure_calibration_errors(
    pairs: Pairs, probabilities: Numbers, chosen: Flags
) -> tuple[float | None, float | None]:
    """Return two calibration errors of the chosen pairs: the means over pairs and over bins."""
    calibration = calibrate(probabilities[chosen], pairs.is_true[chosen])
    return calibration.mean_absolute_error, calibration.mean_absolute_error_of_bins


def _logistic(weights: Numbers, is_true: Numbers) -> tuple[float, float]:
    """Fit a logistic regression and return slope (0.01 to 1) and offset in bits.

    The method is Platt's (1999), with a normal prior.
    """

    def compute_loss(parameters: Numbers) -> float:
        slope, offset = parameters
        odds = (offset + slope * weights) * np.log(2)
        prior = (offset / OFFSET_DEVIATION) ** 2
        prior += ((slope - USUAL_SLOPE) / SLOPE_DEVIATION) ** 2
        unlikely = np.logaddexp(0, odds) - is_true * odds
        return float(unlikely.sum() + PRIOR_PAIRS * prior / 2)

    parameters = minimize(
        compute_loss, [USUAL_SLOPE, 0.0], bounds=[(LEAST_SLOPE, 1.0), (-15.0, 15.0)]
    ).x
    return float(parameters[0]), float(parameters[1])


def _patterns(scored: pa.Table, model: Model) -> list[str]:
    """Return, for each pair, the name of the first calibration whose levels the pair has."""
    kinds = np.full(scored.num_rows, UNKNOWN, dtype=object)
    for each in reversed([calibration for calibration in model.calibrations if calibration.when]):
        holds = np.ones(scored.num_rows, dtype=bool)
        for name, labels in each.when.items():
            holds &= np.isin(scored[f"gamma_{name}"].to_numpy(), model.find_gammas(name, labels))
        kinds[holds] = each.name
    return [str(kind) for kind in kinds]


def _list_ends(table: pa.Table) -> list[tuple[str, str]]:
    columns = (table[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    return list(zip(*columns, strict=True))


def _index_links(links: pa.Table) -> dict[tuple[str, str], dict[str, object]]:
    columns = links.select(["match_weight", "link_method", "capped_by"]).to_pylist()
    return dict(zip(_list_ends(links), columns, strict=True))


def main(build: Annotated[Path, typer.Option(help="Folder for the nations.")] = BUILD) -> None:
    """Fit the calibrations of the pinned model, and cross-validate them over the nations."""
    sets = {
        f"validation, seed {seed}": labelled_nation(size, seed, build / f"{size}-{seed}")
        for seed, size in VALIDATION
    }
    sets |= {
        f"first maker, seed {seed}": labelled_home(
            build / f"training-{share:g}-{seed}", seed, share
        )
        for seed, share in FIRST_MAKER
    }
    nations = [read_scored_pairs(name, labelled) for name, labelled in sets.items()]
    console = Console()
    fitted = fit_calibrations(nations)
    table = Table(title="Calibrations (log odds = offset + slope x weight, bits)")
    for heading in ("kind", "slope", "offset", "pairs", "true"):
        table.add_column(heading)
    every = np.concatenate([each.kinds for each in nations])
    is_true = np.concatenate([each.is_true for each in nations])
    for kind, (slope, offset) in fitted.items():
        at = every == kind
        table.add_row(
            kind, f"{slope:.2f}", f"{offset:.1f}", f"{at.sum():,}", f"{is_true[at].mean():.2f}"
        )
    console.print(table)
    table = Table(title="Calibration error, over pairs / bins, by the other nations' calibrations")
    for heading in ("nation", "pinned", "left out", "left out, without planted strangers"):
        table.add_column(heading)
    pinned = {each.name: (each.slope, each.offset) for each in load_model().calibrations}
    for each in nations:
        left_out = probabilities(
            each, fit_calibrations(other for other in nations if other is not each)
        )
        probability_lists = [
            measure_calibration_errors(each, probabilities(each, pinned), each.is_shown),
            measure_calibration_errors(each, left_out, each.is_shown),
            measure_calibration_errors(each, left_out, each.is_shown & ~each.is_planted),
        ]
        table.add_row(
            each.name, *(f"{over_pairs:.3f} / {bins:.3f}" for over_pairs, bins in probability_lists)
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
