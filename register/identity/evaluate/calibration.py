"""Calibration: whether a pair's probability is the share of such pairs that are true.

The figures of a reliability diagram and the diagram itself. Making a probability calibrated does
not belong here (`score`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from register.identity.evaluate.measures import Interval, wilson_interval

BIN_COUNT = 10


@dataclass(frozen=True)
class Bin:
    """Pairs whose probability is from `lower` up to `upper` (0-1), and the share that is true."""

    lower: float
    upper: float
    pair_count: int
    true_count: int
    mean_probability: float | None
    true_share: float | None
    true_share_interval: Interval | None


@dataclass(frozen=True)
class Calibration:
    """A reliability diagram in figures; errors are 0-1, None without any pair.

    `mean_absolute_error` is the mean over pairs of the distance between the mean probability of
    their bin and its true share (expected calibration error: Naeini and others 2015), each sampled
    pair as often as pairs it stands for; `mean_absolute_error_of_bins` counts each bin with a pair
    once.
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
    """Compare probabilities (0-1) with what is true, in ten bins of equal width.

    `weights` are how many pairs each one stands for, where they are a sample: one unless given.
    Errors are of all pairs that the sample stands for, counts and shares of bins are of the sample.
    """
    stands_for = np.ones(len(probabilities)) if weights is None else weights
    places = np.minimum((probabilities * BIN_COUNT).astype(np.int64), BIN_COUNT - 1)
    counts = np.bincount(places, minlength=BIN_COUNT)
    true = np.bincount(places[is_true], minlength=BIN_COUNT)
    sums = np.bincount(places, weights=probabilities, minlength=BIN_COUNT)
    bins = [
        Bin(
            lower=place / BIN_COUNT,
            upper=(place + 1) / BIN_COUNT,
            pair_count=count,
            true_count=right,
            mean_probability=total / count if count else None,
            true_share=right / count if count else None,
            true_share_interval=wilson_interval(right, count),
        )
        for place, (count, right, total) in enumerate(
            zip(counts.tolist(), true.tolist(), sums.tolist(), strict=True)
        )
    ]
    used = counts > 0
    whole, differences = (
        np.bincount(places, weights=stands_for * values, minlength=BIN_COUNT)[used]
        for values in (1.0, probabilities - is_true)
    )
    errors = np.abs(differences) / whole
    has_any = bool(len(errors))
    return Calibration(
        pair_count=len(probabilities),
        mean_absolute_error=float(np.average(errors, weights=whole)) if has_any else None,
        mean_absolute_error_of_bins=float(errors.mean()) if has_any else None,
        bins=bins,
    )


def draw_reliability(calibrations: dict[str, Calibration], path: Path) -> None:
    """Write the reliability diagram as PNG: a panel for each kind of pair, with the diagonal."""
    import altair as alt

    panels = []
    for title, calibration in calibrations.items():
        rows = [_point(each) for each in calibration.bins if each.pair_count]
        scale = alt.Scale(domain=[0, 1])
        base = alt.Chart(alt.Data(values=rows)).encode(
            x=alt.X("probability:Q", title="Probability shown (mean of bin)", scale=scale)
        )
        limits = base.mark_rule(strokeWidth=2).encode(
            y=alt.Y("lower:Q", title="Share of pairs that are true", scale=scale), y2="upper:Q"
        )
        points = base.mark_point(filled=True, size=70).encode(y="share:Q")
        labels = base.mark_text(align="left", dx=7, dy=9, fontSize=10).encode(
            y="share:Q", text=alt.Text("pairs:Q", format=",")
        )
        ends = [{"probability": 0, "share": 0}, {"probability": 1, "share": 1}]
        diagonal = (
            alt.Chart(alt.Data(values=ends))
            .mark_line(strokeDash=[5, 4], color="#6B7780")
            .encode(x="probability:Q", y="share:Q")
        )
        panel = alt.layer(diagonal, limits, points, labels)
        panels.append(panel.properties(width=300, height=300, title=title))
    alt.hconcat(*panels).configure(background="#FFFFFF").save(str(path), scale_factor=1.5)


def _point(each: Bin) -> dict[str, Any]:
    interval = each.true_share_interval
    return {
        "probability": each.mean_probability,
        "share": each.true_share,
        "lower": interval.lower if interval else None,
        "upper": interval.upper if interval else None,
        "pairs": each.pair_count,
    }
