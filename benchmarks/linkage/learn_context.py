"""`python -m benchmarks.linkage.learn_context`: learn the context model from invented nations.

The nations come from two generators, and their seeds are those for development. Doubtful pairs give
the weights of the context model by logistic regression. Each term is linear between its knots, and
rises or falls only as its feature allows. Links give the calibrations. The command prints the
calibration error of each nation when the model is learned from the others. `--write` pins the
result in the package's model. No personal data is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import typer
import yaml
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize

from benchmarks.external_validation import BUILD, labelled_nation
from benchmarks.training_nation import labelled_home
from register.identity.cluster import measure_features, promote_links
from register.identity.evaluate import LabelledSet, calibrate
from register.identity.score import (
    MODEL_PATH,
    NO_CAP,
    ContextModel,
    Model,
    Term,
    links_from_scores,
    load_model,
    save_model,
    score_pairs,
)

VALIDATION = tuple((seed, 20_000) for seed in (2, 3, 4, 6, 7, 8, 9))
FIRST_MAKER = ((52, 0.3),)
CONTEXT_PATH = MODEL_PATH.with_name("context.yaml")
HEADER = """\
# Context model of the register's linkage model: the weights of doubtful pairs, in bits
# (`ContextModel` in context_model.py). `python -m benchmarks.linkage.learn_context --write` wrote
# this file. It is part of the pinned model: if it is edited, model.json needs a new version.

"""
# Standard deviations (in log odds) of the normal priors of caps and of a step between two knots.
CAP_DEVIATION, STEP_DEVIATION = 1.0, 1.8
ROUNDS = 500
ASSUMED = {"looked_after_twice": -2.0}
# An offset and a slope of calibrations have normal priors too, as few links of a kind are false.
USUAL_SLOPE, SLOPE_DEVIATION, OFFSET_DEVIATION, PRIOR_PAIRS = 0.4, 0.3, 3.0, 3.0
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Shape(NamedTuple):
    """The shape of a term: its knots, whether it rises (1) or falls (-1), and why it matters."""

    knots: tuple[float, ...]
    direction: int
    reason: str


SHAPES = {
    "weight_at_home": Shape(
        (-4, 0, 4, 8, 12, 16, 22), 1,
        "The comparisons and the prior, at one private address; a family's fields agree together.",
    ),
    "weight_elsewhere": Shape(
        (-8, -4, -2, 0, 2, 4, 6, 9, 12), 1,
        "The comparisons and the prior, at no common private address.",
    ),
    "shared_names": Shape((0, 1, 2, 3, 4), 1, "Names that both records have, by sound."),
    "other_names": Shape((0, 1, 2, 3), -1, "Names that only the shorter record has."),
    "lead": Shape(
        (-16, -8, -4, -2, 0, 2, 4, 8, 16), 1,
        "How much stronger the pair is than the strongest other pair of either record.",
    ),
    "lead_at_one_end": Shape(
        (-16, -8, -4, 0, 4, 8, 16, 24), 1,
        "The same for the record whose strongest other pair is weaker.",
    ),
    "contradiction": Shape(
        (0, 4, 8, 12, 16, 20, 26, 32), -1, "A third record is like one and unlike the other."
    ),
    "affinity": Shape(
        (-4, -2, -1, 0, 1, 2, 4, 6), 1,
        "How often the two suppliers have records of one child, compared with chance.",
    ),
    "support": Shape((0, 4, 8, 12, 18), 1, "A third record is like both."),
}  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """The pairs of one nation whose children are known.

    `features` and `caps` are as in `ContextModel`, `kinds` are the calibrations of links, and
    `is_doubtful` marks the other pairs.
    """

    name: str
    features: dict[str, Floats]
    caps: npt.NDArray[np.str_]
    kinds: npt.NDArray[np.str_]
    is_doubtful: Flags
    is_true: Flags


def read_pairs(name: str, labelled: LabelledSet, model: Model) -> Pairs:
    """Score a nation as a load does, and return its pairs before any context."""
    mentions = labelled.mentions
    scored = score_pairs(mentions, model)
    links = links_from_scores(scored, model, mentions.num_rows)
    links = promote_links(mentions, links, labelled.care, model)
    features = measure_features(mentions, links, model)
    lefts, rights = (links[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    children = [
        (labelled.child_of.get(left), labelled.child_of.get(right))
        for left, right in zip(lefts, rights, strict=True)
    ]
    is_known = np.array([None not in pair for pair in children], dtype=bool)
    is_true = np.array([one == other for one, other in children], dtype=bool)
    caps = np.array([cap or NO_CAP for cap in links["capped_by"].to_pylist()], dtype=np.str_)
    is_doubtful = np.array([band != "link" for band in links["band"].to_pylist()], dtype=bool)
    kinds = find_kinds(links["link_method"].to_pylist(), scored, model)
    return Pairs(
        name,
        {feature: values[is_known] for feature, values in features.items()},
        *(each[is_known] for each in (caps, kinds, is_doubtful, is_true)),
    )


def find_kinds(methods: list[str], scored: pa.Table, model: Model) -> npt.NDArray[np.str_]:
    """Return, for each pair, the name of the first calibration that fits it as a link."""
    kinds = np.full(scored.num_rows, "", dtype=object)
    for each in reversed([each for each in model.calibrations if each.when]):
        holds = np.ones(scored.num_rows, dtype=bool)
        for name, labels in each.when.items():
            holds &= np.isin(scored[f"gamma_{name}"].to_numpy(), model.find_gammas(name, labels))
        kinds[holds] = each.name
    named = {each.name for each in model.calibrations if not each.when}
    is_named = np.isin(methods, sorted(named))
    return np.where(is_named, methods, kinds).astype(np.str_)


def fit_context(nations: Iterable[Pairs]) -> ContextModel:
    """Fit the context model by penalised logistic regression over the nations' doubtful pairs.

    No maker has one child twice in a case system. So nothing is learned of such pairs, and the
    weight of their cap is assumed (`ASSUMED`).
    """
    chosen = [(each, each.is_doubtful & ~np.isin(each.caps, list(ASSUMED))) for each in nations]
    is_true = np.concatenate([each.is_true[at] for each, at in chosen])
    caps = np.concatenate([each.caps[at] for each, at in chosen])
    known_caps = sorted(set(caps.tolist()))
    columns: list[Floats] = [np.ones(len(caps))]
    columns += [(caps == cap).astype(np.float64) for cap in known_caps]
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * len(columns)
    deviations = [100.0] + [CAP_DEVIATION] * len(known_caps)
    for feature, shape in SHAPES.items():
        values = np.concatenate([each.features[feature][at] for each, at in chosen])
        columns += list(_compute_steps(values, shape.knots))
        steps = len(shape.knots) - 1
        bounds += [(0, None) if shape.direction > 0 else (None, 0)] * steps + [(None, None)]
        deviations += [STEP_DEVIATION] * (steps + 1)
    bits = regress(np.stack(columns, axis=1), is_true, bounds, np.array(deviations)) / np.log(2)
    rest = iter(np.round(bits[1 + len(known_caps) :], 3).tolist())
    terms = []
    for feature, shape in SHAPES.items():
        rises = [next(rest) for _ in shape.knots[1:]]
        terms.append(
            Term(
                feature=feature,
                reason=shape.reason,
                knots=list(shape.knots),
                bits=np.round(np.cumsum([0.0, *rises]), 3).tolist(),
                missing=next(rest),
            )
        )
    of_caps = dict(zip(known_caps, np.round(bits[1:], 3).tolist(), strict=False))
    return ContextModel(base=round(float(bits[0]), 3), of_caps=of_caps | ASSUMED, terms=terms)


def _compute_steps(values: Floats, knots: tuple[float, ...]) -> Iterable[Floats]:
    """Return, for each interval between knots, how much of it lies below each value (0 to 1).

    The last column marks values that are not known.
    """
    known = np.nan_to_num(values, nan=knots[0])
    for low, high in pairwise(knots):
        yield np.clip((known - low) / (high - low), 0, 1)
    yield np.isnan(values).astype(np.float64)


def regress(
    columns: Floats, is_true: Flags, bounds: list[tuple[float | None, float | None]],
    deviations: Floats,
) -> Floats:  # fmt: skip
    """Return the coefficients of a logistic regression with normal priors, within bounds."""
    signs = np.where(is_true, 1.0, -1.0)

    def compute_loss(coefficients: Floats) -> tuple[float, Floats]:
        odds = signs * (columns @ coefficients)
        unlikely = np.logaddexp(0, -odds).sum()
        slope = -(columns.T @ (signs / (1 + np.exp(np.clip(odds, -50, 50)))))
        penalty = coefficients / deviations**2
        return float(unlikely + (penalty @ coefficients) / 2), slope + penalty

    start = np.zeros(columns.shape[1])
    result = minimize(
        compute_loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": ROUNDS},
    )  # fmt: skip
    return np.asarray(result.x, dtype=np.float64)


def fit_calibrations(nations: Iterable[Pairs]) -> dict[str, tuple[float, float]]:
    """Return slope and offset of each calibration, by logistic regression over all links.

    The method is Platt's (1999), with a normal prior.
    """
    chosen = [(each, ~each.is_doubtful) for each in nations]
    kinds, weights, is_true = (
        np.concatenate(parts)
        for parts in zip(
            *((each.kinds[at], each.features["weight"][at], each.is_true[at])
              for each, at in chosen),
            strict=True,
        )
    )  # fmt: skip
    means = np.array([USUAL_SLOPE, 0.0])
    deviations = np.array([SLOPE_DEVIATION, OFFSET_DEVIATION])

    def fit(at: Flags) -> tuple[float, float]:
        def compute_loss(parameters: Floats) -> float:
            odds = (parameters[1] + parameters[0] * weights[at]) * np.log(2)
            prior = (((parameters - means) / deviations) ** 2).sum()
            return float(
                (np.logaddexp(0, odds) - is_true[at] * odds).sum() + PRIOR_PAIRS * prior / 2
            )

        slope, offset = minimize(compute_loss, means, bounds=[(0.01, 1.0), (-15.0, 15.0)]).x
        return round(float(slope), 2), round(float(offset), 1)

    return {str(kind): fit(kinds == kind) for kind in np.unique(kinds) if kind}


def compute_probabilities(pairs: Pairs, context: ContextModel) -> Floats:
    """Return the probability (0-1) of each doubtful pair by a context model."""
    added = context.compute_contributions(pairs.features, pairs.caps)
    weights = pairs.features["weight"] + sum(added.values())
    return np.asarray(1 / (1 + np.exp2(-weights)))[pairs.is_doubtful]


def main(
    build: Annotated[Path, typer.Option(help="Folder for the nations.")] = BUILD,
    write: Annotated[bool, typer.Option("--write", help="Pin the result in the model.")] = False,
) -> None:
    """Learn the context model and the calibrations, and cross-validate the context model."""
    model, console = load_model(), Console()
    sets = [
        (f"validation, seed {seed}", labelled_nation(size, seed, build / f"{size}-{seed}"))
        for seed, size in VALIDATION
    ]
    sets += [
        (
            f"first maker, seed {seed}",
            labelled_home(build / f"training-{share:g}-{seed}", seed, share),
        )
        for seed, share in FIRST_MAKER
    ]
    nations = []
    for name, labelled in sets:
        nations.append(read_pairs(name, labelled, model))
        console.print(f"{name}: {nations[-1].is_doubtful.sum():,} doubtful pairs")
    table = Table(title="Calibration error of doubtful pairs, over pairs / bins")
    for heading in ("nation", "true", "pinned", "learned from the others"):
        table.add_column(heading)
    for each in nations:
        others = fit_context(other for other in nations if other is not each)
        errors = []
        for context in (model.context, others):
            if context is None:
                errors.append("none")
                continue
            probabilities = compute_probabilities(each, context)
            measured = calibrate(probabilities, each.is_true[each.is_doubtful])
            errors.append(
                f"{measured.mean_absolute_error:.3f} / {measured.mean_absolute_error_of_bins:.3f}"
            )
        table.add_row(each.name, f"{each.is_true[each.is_doubtful].mean():.2f}", *errors)
    console.print(table)
    calibrations = fit_calibrations(nations)
    for kind, (slope, offset) in calibrations.items():
        console.print(f"calibration of {kind}: slope {slope}, offset {offset}")
    if write:
        _write(fit_context(nations), model)


def _write(context: ContextModel, model: Model) -> None:
    text = yaml.safe_dump(context.model_dump(), sort_keys=False, width=100)
    CONTEXT_PATH.write_text(HEADER + text, encoding="utf-8")
    save_model(model.model_copy(update={"context": context}).with_version(), MODEL_PATH)


if __name__ == "__main__":
    typer.run(main)
