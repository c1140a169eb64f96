"""Series: the division of every supplier's monthly counts into stretches of one level.

The warehouse counts the reports of each month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from register.breaks.season import (
    MIN_PEERS,
    Matrix,
    estimate_level_seasons,
    estimate_median_seasons,
)
from register.breaks.segmentation import Positions, Series, estimate_dispersion, find_segments

# The latest months are not compared, since reports about them still arrive.
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


def find_recording_segments(months: pa.Table) -> pa.Table:
    """Return the stretches of one level of every series, in `SEGMENT_SCHEMA`.

    `months` has a row per `supplier_code`, `feed`, `category_code` and `start_month`:

    - `report_count` is null if the month was not delivered. A series without any delivered month
      has no row in the result; every other series has at least one.
    - `regime_code` names the definitions in force, and `recording_change_id` the last change that
      the supplier announced, or null. A change of either divides the series.
    - `exposure_count` is the total of which the reports are a part, if there is one; counts are
      then compared with this total. Otherwise it is null, and counts are compared with those of the
      other suppliers.
    - `child_dispersion` is the least dispersion of the series.
    """
    frame = months.to_pandas()
    for name in ("report_count", "exposure_count", "child_dispersion"):
        frame[name] = frame[name].astype("float64")
    frame["definition"] = frame["regime_code"] + "|" + frame["recording_change_id"].fillna("")
    rows: list[dict[str, Any]] = []
    for (feed, category), part in frame.groupby(["feed", "category_code"], sort=True):
        names = {"feed": feed, "category_code": category}
        rows += [names | row for row in _find_segments_of_feed(part)]
    rows.sort(key=lambda row: [row[name] for name in SEGMENT_SCHEMA.names[:4]])
    return pa.Table.from_pylist(rows, schema=SEGMENT_SCHEMA)


def _find_segments_of_feed(part: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of all suppliers of one feed and category; these suppliers are peers."""
    keys = {"index": "supplier_code", "columns": "start_month"}
    counts = part.pivot(values="report_count", **keys).sort_index().sort_index(axis=1)
    definitions = part.pivot(values="definition", **keys).reindex_like(counts)
    wholes = part.pivot(values="exposure_count", **keys).reindex_like(counts)
    least = part.groupby("supplier_code")["child_dispersion"].max().reindex(counts.index)
    totals: Matrix = wholes.to_numpy(dtype=np.float64)
    feed = _Feed(
        counts.to_numpy(dtype=np.float64),
        definitions.to_numpy(dtype=object),
        np.maximum(least.fillna(1.0).to_numpy(dtype=np.float64), 1.0),
        is_part=not bool(np.isnan(totals).all()),
    )
    if feed.is_part:
        is_compared = ~np.isnan(_drop_unsettled(feed.counts)) & (totals > 0)
        exposure = np.where(is_compared, totals, np.nan)
    else:
        exposure = _estimate_peer_exposure(feed)
    calendar = counts.columns.to_numpy()
    for place, days, series in _list_series(feed, exposure):
        for row in _describe_segments(series, calendar[days]):
            yield {"supplier_code": counts.index[place], **row}


@dataclass(frozen=True)
class _Feed:
    """Counts and definitions by supplier and month, and the least dispersion of each supplier.

    With `is_part` the counts are parts of the supplier's own totals.
    """

    counts: Matrix
    definitions: Any
    least_dispersion: Matrix
    is_part: bool


def _estimate_peer_exposure(feed: _Feed) -> Matrix:
    """Return each month's season, estimated from peers; NaN for a month that is not compared."""
    settled = _drop_unsettled(feed.counts)
    has_peers = (~np.isnan(settled)).sum(axis=0) > MIN_PEERS
    compared = np.where(has_peers[None, :], settled, np.nan)
    levels = np.zeros_like(compared)
    for place, days, series in _list_series(feed, estimate_median_seasons(compared)):
        for item in find_segments(series):
            stretch = slice(item.first, item.end)
            exposure = series.exposure[stretch]
            count = series.counts[stretch][exposure > 0].sum()
            levels[place, days[stretch]] = count / max(exposure.sum(), 1e-12)
    return estimate_level_seasons(compared, levels)


def _drop_unsettled(counts: Matrix) -> Matrix:
    """Replace each supplier's last `UNSETTLED_MONTHS` delivered months by NaN."""
    delivered = ~np.isnan(counts)
    delivered_from = delivered[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.where(delivered_from > UNSETTLED_MONTHS, counts, np.nan)


def _list_series(feed: _Feed, exposure: Matrix) -> Iterator[tuple[int, Positions, Series]]:
    """Yield each supplier that delivered: its row, the columns of its months, and its series."""
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


def _describe_segments(series: Series, calendar: Any) -> Iterator[dict[str, Any]]:
    scale = estimate_dispersion(series.narrow_to_compared()) if series.is_tested else None
    for number, item in enumerate(find_segments(series), 1):
        yield {
            "segment_number": number,
            "first_month": _to_date(calendar[item.first]),
            "last_month": _to_date(calendar[item.end - 1]),
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


def _to_date(moment: Any) -> Any:
    return np.datetime64(moment, "D").item()
