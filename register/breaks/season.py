"""Seasons: each month's count relative to the mean, estimated from other suppliers (peers).

A season is estimated twice. The first estimate is a weighted median of the peers' monthly counts,
each divided by the peer's mean. The weight is the square root of this mean, since a higher count is
more certain. So one peer whose level changes cannot move the median, unless it outweighs all
others. The second estimate follows when every peer's levels are known: the sum of the peers' counts
over the sum of their levels. It is more certain for low counts.

A month that fewer than `MIN_PEERS` peers delivered has no season (NaN): there, a quiet month of the
nation looks like a quiet month of the supplier.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MIN_PEERS = 3
# If counts are low, the median of the peers' counts may be 0 in a month in which some peers
# recorded reports. So a month's season is at least this share of a mean month or, if that is lower,
# the share that all peers together reached.
MIN_MEDIAN = 0.25
# Added to both the recorded and the expected count, so that their ratio never has a 0.
HALF = 0.5

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def estimate_median_seasons(counts: Matrix) -> Matrix:
    """Return the season of every supplier and month; its mean is 1.

    The mean is taken over the months that have a season. `counts` has a row per supplier and a
    column per month. NaN marks a month that is not compared.
    """
    delivered = ~np.isnan(counts)
    months = np.maximum(delivered.sum(axis=1), 1)
    mean = np.where(delivered, counts, 0.0).sum(axis=1) / months
    counted = delivered & (mean > 0)[:, None]
    relative = np.where(counted, counts / np.where(mean > 0, mean, 1.0)[:, None], np.inf)
    weight = np.where(counted, np.sqrt(mean)[:, None], 0.0)
    order = np.argsort(relative, axis=0, kind="stable")
    relative = np.take_along_axis(relative, order, axis=0)
    season = np.empty_like(counts)
    for supplier in range(len(counts)):
        others = weight.copy()
        others[supplier] = 0.0
        season[supplier] = _find_weighted_median(
            relative, np.take_along_axis(others, order, axis=0)
        )
    season = np.maximum(season, np.minimum(MIN_MEDIAN, _pool_peers(counts, mean[:, None], counted)))
    return _scale_seasons(season, counted, delivered)


def estimate_level_seasons(counts: Matrix, levels: Matrix) -> Matrix:
    """Return the season of every supplier and month, estimated from known levels.

    `levels` has the level of each supplier in each month. The result has the form of
    `estimate_median_seasons`.
    """
    delivered = ~np.isnan(counts)
    counted = delivered & (levels > 0)
    return _scale_seasons(_pool_peers(counts, levels, counted), counted, delivered)


def _pool_peers(counts: Matrix, levels: Matrix, counted: Flags) -> Matrix:
    """Return the peers' reports relative to what their levels imply, by supplier and month."""
    recorded, expected = (np.where(counted, values, 0.0) for values in (counts, levels))
    by_peers, expected_of_peers = (
        values.sum(axis=0)[None, :] - values for values in (recorded, expected)
    )
    return np.asarray((by_peers + HALF) / (np.maximum(expected_of_peers, 0.0) + HALF))


def _find_weighted_median(values: Matrix, weights: Matrix) -> Matrix:
    """Return the weighted median of each column of sorted values.

    For a column without weight, the result has no meaning.
    """
    running = np.cumsum(weights, axis=0)
    half = running[-1] / 2.0
    rows = (running >= half[None, :]).argmax(axis=0)
    return np.asarray(values[rows, np.arange(values.shape[1])])


def _scale_seasons(season: Matrix, counted: Flags, delivered: Flags) -> Matrix:
    """Scale each supplier's season to mean 1, with NaN for months with too few peers."""
    peer_count = counted.sum(axis=0)[None, :] - counted
    known = (peer_count >= MIN_PEERS) & np.isfinite(season)
    season = np.where(known & delivered, season, np.nan)
    months = (delivered & known).sum(axis=1)
    total = np.nansum(season, axis=1)
    scale = np.divide(months, total, out=np.ones(len(season)), where=total > 0)
    return np.asarray(season * scale[:, None])
