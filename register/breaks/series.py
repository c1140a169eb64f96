"""Every supplier's series: a table of monthly counts to a table of stretches of one level.

No counting, no files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from register.breaks.season import MIN_PEERS, Matrix, level_seasons, median_seasons
from register.breaks.segmentation import Positions, Segment, Series, dispersion, segments

# The last months that a supplier delivered are not compared: reports of them still arrive.
UNSETTLED_MONTHS = 3

SEGMENT_SCHEMA = pa.schema(
    [
        ("supplier_code", pa.string()),
        ("feed", pa.string()),
        ("category_code", pa.string()),
        ("segment_number", pa.int32()),
        ("first_month", pa.date32()),
        ("last_month", pa.date32()),
        ("month_count", pa.int32()),
        ("report_count", pa.int64()),
        ("is_tested", pa.bool_()),
        ("dispersion", pa.float64()),
        ("is_announced", pa.bool_()),
        ("is_step", pa.bool_()),
        ("is_certain_step", pa.bool_()),
        ("level_ratio", pa.float64()),
        ("test_statistic", pa.float64()),
        ("p_value", pa.float64()),
    ]
)


def recording_segments(months: pa.Table) -> pa.Table:
    """The stretches of one level of every series, in `SEGMENT_SCHEMA`; a series has one at least.

    `months` has a row per `supplier_code`, `feed`, `category_code` and `start_month`, with
    `report_count` (null where the month was not delivered), `regime_code` (the definitions in
    force) and `recording_change_id` (the last change that the supplier announced, or null). Where
    either changes, the series is divided. A series of which no month was delivered has no row.
    Counts are compared with those of the other suppliers, or with `exposure_count`, of which they
    are a part, where that is not null. `child_dispersion` is the least dispersion of the series.
    """
    frame = months.to_pandas()
    for name in ("report_count", "exposure_count", "child_dispersion"):
        frame[name] = frame[name].astype("float64")
    frame["definition"] = frame["regime_code"] + "|" + frame["recording_change_id"].fillna("")
    rows: list[dict[str, Any]] = []
    for (feed, category), part in frame.groupby(["feed", "category_code"], sort=True):
        names = {"feed": feed, "category_code": category}
        rows += [names | row for row in _segments_of(part)]
    rows.sort(key=lambda row: [row[name] for name in SEGMENT_SCHEMA.names[:4]])
    return pa.Table.from_pylist(rows, schema=SEGMENT_SCHEMA)


def _segments_of(part: Any) -> Iterator[dict[str, Any]]:
    """The rows of all suppliers of one feed and category: they are each other's peers."""
    keys = {"index": "supplier_code", "columns": "start_month"}
    counts = part.pivot(values="report_count", **keys).sort_index().sort_index(axis=1)
    definitions = part.pivot(values="definition", **keys).reindex_like(counts)
    wholes = part.pivot(values="exposure_count", **keys).reindex_like(counts)
    least = part.groupby("supplier_code")["child_dispersion"].max().reindex(counts.index)
    whole: Matrix = wholes.to_numpy(dtype=np.float64)
    feed = _Feed(
        counts.to_numpy(dtype=np.float64),
        definitions.to_numpy(dtype=object),
        np.maximum(least.fillna(1.0).to_numpy(dtype=np.float64), 1.0),
        is_part=not bool(np.isnan(whole).all()),
    )
    exposure = _own_exposure(feed, whole) if feed.is_part else _peer_exposure(feed)
    calendar = counts.columns.to_numpy()
    for place, days, series in _series(feed, exposure):
        for row in _rows(series, calendar[days]):
            yield {"supplier_code": counts.index[place], **row}


@dataclass(frozen=True)
class _Feed:
    """Counts and definitions by supplier and month, and the least dispersion of each supplier.

    With `is_part` the counts are parts of the supplier's own.
    """

    counts: Matrix
    definitions: Any
    least_dispersion: Matrix
    is_part: bool


def _peer_exposure(feed: _Feed) -> Matrix:
    """The season of each month among the peers; NaN where a month is not compared."""
    settled = settled_counts(feed.counts)
    has_peers = (~np.isnan(settled)).sum(axis=0) > MIN_PEERS
    compared = np.where(has_peers[None, :], settled, np.nan)
    levels = np.zeros_like(compared)
    for place, days, series in _series(feed, median_seasons(compared)):
        for item in segments(series):
            levels[place, days[item.first : item.end]] = _level(series, item)
    return level_seasons(compared, levels)


def _own_exposure(feed: _Feed, whole: Matrix) -> Matrix:
    """The supplier's own reports of which the counts are a part; NaN where not compared."""
    return np.where(np.isnan(settled_counts(feed.counts)) | (whole <= 0), np.nan, whole)


def settled_counts(counts: Matrix) -> Matrix:
    """The counts without the last `UNSETTLED_MONTHS` that each supplier delivered (NaN)."""
    delivered = ~np.isnan(counts)
    delivered_from = delivered[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.where(delivered_from > UNSETTLED_MONTHS, counts, np.nan)


def _series(feed: _Feed, exposure: Matrix) -> Iterator[tuple[int, Positions, Series]]:
    """Every supplier that delivered: its place, the places of its months, and its series."""
    for place, counts in enumerate(feed.counts):
        days = np.flatnonzero(~np.isnan(counts))
        if len(days):
            definitions = feed.definitions[place][days]
            announced = np.flatnonzero(definitions[1:] != definitions[:-1]) + 1
            series = Series(
                counts[days],
                np.nan_to_num(exposure[place][days]),
                tuple(announced.tolist()),
                float(feed.least_dispersion[place]),
                feed.is_part,
            )
            yield place, days, series


def _level(series: Series, item: Segment) -> float:
    """The level of a stretch by its compared months; 0 where it has none."""
    stretch = slice(item.first, item.end)
    exposure = series.exposure[stretch]
    return float(series.counts[stretch][exposure > 0].sum() / max(exposure.sum(), 1e-12))


def _rows(series: Series, calendar: Any) -> Iterator[dict[str, Any]]:
    scale = dispersion(series.narrowed()) if series.is_tested else None
    for number, item in enumerate(segments(series), 1):
        yield {
            "segment_number": number,
            "first_month": _day(calendar[item.first]),
            "last_month": _day(calendar[item.end - 1]),
            "month_count": item.end - item.first,
            "report_count": int(series.counts[item.first : item.end].sum()),
            "is_tested": series.is_tested,
            "dispersion": scale,
            "is_announced": item.is_announced,
            "is_step": item.is_step,
            "is_certain_step": item.is_certain_step,
            "level_ratio": item.ratio,
            "test_statistic": item.statistic,
            "p_value": item.p_value,
        }


def _day(moment: Any) -> Any:
    return np.datetime64(moment, "D").item()
