"""Calibration: whether pairs are true as often as their probabilities say.

For example, 80 % of pairs with a probability of 0.8 should be true. This module computes and draws
a reliability diagram. The probabilities themselves are calibrated in `score`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from register.charts import (
    ACCENT,
    GRID,
    MUTED,
    PERCENT_TICKS,
    draw_dot,
    draw_line,
    draw_svg,
    draw_text,
)
from register.identity.evaluate.measures import Interval, wilson_interval

BIN_COUNT = 10
PANEL = 440
NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Bin:
    """Pairs with a probability from `lower` to `upper` (0-1), and their share of true pairs."""

    lower: float
    upper: float
    pair_count: int
    true_count: int
    mean_probability: float | None
    true_share: float | None
    true_share_interval: Interval | None


@dataclass(frozen=True)
class Calibration:
    """The figures of a reliability diagram; errors are 0-1, or None without any pair.

    The error of a bin is the distance between its mean probability and its share of true pairs.
    `mean_absolute_error` is the mean of these errors over pairs (expected calibration error: Naeini
    and others 2015). Here a sampled pair counts as often as the number of pairs that it stands for.
    `mean_absolute_error_of_bins` is the mean over bins with at least one pair.
    """

    pair_count: int
    mean_absolute_error: float | None
    mean_absolute_error_of_bins: float | None
    bins: list[Bin]


def calibrate(
    probabilities: npt.NDArray[np.float64],
    is_true: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64] | None = None,
) -> Calibration:
    """Compare probabilities (0-1) with known truth, in ten bins of equal width.

    `weights` gives the number of pairs that each sampled pair stands for (by default 1). Errors
    refer to all pairs that the sample stands for; counts and shares of bins refer to the sample.
    """
    sample_weights = np.ones(len(probabilities)) if weights is None else weights
    places = np.minimum((probabilities * BIN_COUNT).astype(np.int64), BIN_COUNT - 1)
    counts = np.bincount(places, minlength=BIN_COUNT)
    true_counts = np.bincount(places[is_true], minlength=BIN_COUNT)
    sums = np.bincount(places, weights=probabilities, minlength=BIN_COUNT)
    bins = [
        Bin(
            lower=place / BIN_COUNT,
            upper=(place + 1) / BIN_COUNT,
            pair_count=count,
            true_count=true_count,
            mean_probability=total / count if count else None,
            true_share=true_count / count if count else None,
            true_share_interval=wilson_interval(true_count, count),
        )
        for place, (count, true_count, total) in enumerate(
            zip(counts.tolist(), true_counts.tolist(), sums.tolist(), strict=True)
        )
    ]
    totals, differences = (
        np.bincount(places, weights=sample_weights * values, minlength=BIN_COUNT)[counts > 0]
        for values in (1.0, probabilities - is_true)
    )
    errors = np.abs(differences) / totals
    has_any = bool(len(errors))
    return Calibration(
        pair_count=len(probabilities),
        mean_absolute_error=float(np.average(errors, weights=totals)) if has_any else None,
        mean_absolute_error_of_bins=float(errors.mean()) if has_any else None,
        bins=bins,
    )


def draw_reliability(calibrations: dict[str, Calibration], path: Path) -> None:
    """Write the reliability diagram as an SVG file, with a panel for each kind of pair."""
    inner, descriptions = [], []
    for place, (title, calibration) in enumerate(calibrations.items()):
        inner += _draw_panel(PANEL * place, title, calibration)
        error = calibration.mean_absolute_error
        descriptions.append(
            f"{title}: {calibration.pair_count:,} pairs, mean error {error or 0:.3f}"
        )
    label = "Share of pairs that are true, by the probability shown"
    drawn = draw_svg(PANEL * len(calibrations), PANEL + 20, label, inner, "; ".join(descriptions))
    # An SVG file needs the namespace; SVG inside an HTML page does not.
    path.write_text(drawn.replace("<svg", f'<svg xmlns="{NAMESPACE}"', 1), encoding="utf-8")


def _draw_panel(left: float, title: str, calibration: Calibration) -> list[str]:
    """Return a panel: each bin as a dot with its interval and number of pairs, and the diagonal."""
    first, bottom, side = left + 60, PANEL - 30, PANEL - 80

    def x_of(probability: float) -> float:
        return first + side * probability

    def y_of(share: float) -> float:
        return bottom - side * share

    inner = [
        draw_text(first, 26, f"{title}: share that is true"),
        draw_text(x_of(0.5), bottom + 44, "Probability shown (mean of bin)", "middle"),
        draw_line((x_of(0), y_of(0)), (x_of(1), y_of(1)), MUTED, "5 4"),
    ]
    for value, label in PERCENT_TICKS:
        inner += [
            draw_line((first, y_of(value)), (x_of(1), y_of(value)), GRID),
            draw_text(first - 8, y_of(value) + 5, label, "end"),
            draw_text(x_of(value), bottom + 20, label, "middle"),
        ]
    for each in calibration.bins:
        interval = each.true_share_interval
        if each.mean_probability is None or each.true_share is None or interval is None:
            continue
        x, y = x_of(each.mean_probability), y_of(each.true_share)
        inner += [
            draw_line((x, y_of(interval.lower)), (x, y_of(interval.upper)), width=2),
            draw_dot(x, y, 5, ACCENT),
            draw_text(x + 8, y + 16, f"{each.pair_count:,}"),
        ]
    return inner
