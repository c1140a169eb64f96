"""The season of a supplier: how each month ran among its peers, by which its counts are judged.

Estimated twice. First by a weighted median of the peers' months over their own means, which a peer
that stepped cannot move unless it outweighs all others (weights: the root of its mean, as a count
is that much surer). Then, once the levels of every peer are known, by all their counts over all
their levels, which is the surer where counts are low. A month that fewer than `MIN_PEERS` peers
delivered has no season (NaN): nothing tells a quiet month of the nation from a supplier's own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MIN_PEERS = 3
# A median of low counts may be 0 though the nation's is not: it is this share of the mean at least,
# or the share at which all peers together ran, where that is less.
MIN_MEDIAN = 0.25
# Half a report is added to what was seen and to what was expected, so that neither is 0.
HALF = 0.5

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def median_seasons(counts: Matrix) -> Matrix:
    """The season of every supplier and month, mean 1 over its months that have a season.

    `counts` has a row per supplier and a column per month; a month that is not compared is NaN.
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
        season[supplier] = _weighted_median(relative, np.take_along_axis(others, order, axis=0))
    season = np.maximum(season, np.minimum(MIN_MEDIAN, _pooled(counts, mean[:, None], counted)))
    return _scaled(season, counted, delivered)


def level_seasons(counts: Matrix, levels: Matrix) -> Matrix:
    """The same, where the level at which each supplier recorded in each month is known."""
    delivered = ~np.isnan(counts)
    counted = delivered & (levels > 0)
    return _scaled(_pooled(counts, levels, counted), counted, delivered)


def _pooled(counts: Matrix, levels: Matrix, counted: Flags) -> Matrix:
    """What the peers of each supplier recorded in each month, over what their levels expect."""
    seen = np.where(counted, counts, 0.0)
    level = np.where(counted, levels, 0.0)
    peers_seen, peers_level = seen.sum(axis=0)[None, :] - seen, level.sum(axis=0)[None, :] - level
    return np.asarray((peers_seen + HALF) / (np.maximum(peers_level, 0.0) + HALF))


def _weighted_median(values: Matrix, weights: Matrix) -> Matrix:
    """The median of each column of sorted values; not finite where no weight is in it."""
    running = np.cumsum(weights, axis=0)
    half = running[-1] / 2.0
    at = (running >= half[None, :]).argmax(axis=0)
    return np.asarray(values[at, np.arange(values.shape[1])])


def _scaled(season: Matrix, counted: Flags, delivered: Flags) -> Matrix:
    peer_count = counted.sum(axis=0)[None, :] - counted
    known = (peer_count >= MIN_PEERS) & np.isfinite(season)
    season = np.where(known & delivered, season, np.nan)
    months = (delivered & known).sum(axis=1)
    total = np.nansum(season, axis=1)
    scale = np.divide(months, total, out=np.ones(len(season)), where=total > 0)
    return np.asarray(season * scale[:, None])
