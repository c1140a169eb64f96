"""Every supplier's series: a table of monthly counts to a table of stretches of one level.

No counting, no files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from register.breaks.season import Matrix, level_seasons, median_seasons
from register.breaks.segmentation import Positions, Segment, Series, dispersion, segments

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
    """
    frame = months.to_pandas()
    frame["report_count"] = frame["report_count"].astype("float64")
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
    regimes = definitions.to_numpy(dtype=object)
    calendar = counts.columns.to_numpy()
    matrix: Matrix = counts.to_numpy(dtype=np.float64)
    season = median_seasons(matrix)
    levels = np.zeros_like(matrix)
    for place, days, series in _series(matrix, season, regimes):
        for item in segments(series):
            levels[place, days[item.first : item.end]] = _level(series, item)
    for place, days, series in _series(matrix, level_seasons(matrix, levels), regimes):
        for row in _rows(series, calendar[days]):
            yield {"supplier_code": counts.index[place], **row}


def _series(
    matrix: Matrix, season: Matrix, regimes: Any
) -> Iterator[tuple[int, Positions, Series]]:
    """Every supplier that delivered: its place, the places of its months, and its series."""
    for place in range(len(matrix)):
        days = np.flatnonzero(~np.isnan(matrix[place]))
        if len(days):
            regime = regimes[place][days]
            announced = np.flatnonzero(regime[1:] != regime[:-1]) + 1
            yield (
                place,
                days,
                Series(matrix[place][days], season[place][days], tuple(announced.tolist())),
            )


def _level(series: Series, item: Segment) -> float:
    stretch = slice(item.first, item.end)
    return float(series.counts[stretch].sum() / series.exposure[stretch].sum())


def _rows(series: Series, calendar: Any) -> Iterator[dict[str, Any]]:
    scale = dispersion(series) if series.is_tested else None
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
            "level_ratio": item.ratio,
            "test_statistic": item.statistic,
            "p_value": item.p_value,
        }


def _day(moment: Any) -> Any:
    return np.datetime64(moment, "D").item()
