"""Time and peak memory of scoring many years of mentions: all at once, or one more month.

Simulating ten years of the whole nation takes hours. So missing years are copied from the mentions
that were new in the home's last year. Each copy has its own keys, addresses and identifiers, and
dates of birth moved by a year. Names are kept, so that they become as common as in a real decade. A
home of two years shows how many children of a year are new to the register.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.linkage.linked_nation import read_nation
from register.identity.clean import MENTION_SCHEMA
from register.identity.score import load_model, rescore

MONTH = timedelta(days=31)
YEAR = timedelta(days=365)
COPY = """
select * replace (
    mention_key || '-' || {copy} as mention_key,
    list_transform(birth_dates, lambda born: cast(born - interval ({copy}) year as date))
        as birth_dates,
    cast(birth_date_earliest - interval ({copy}) year as date) as birth_date_earliest,
    cast(birth_date_latest - interval ({copy}) year as date) as birth_date_latest,
    list_transform(postcodes, lambda code: chr({copy} + 65) || code) as postcodes,
    list_transform(postcode_districts, lambda code: chr({copy} + 65) || code)
        as postcode_districts,
    list_transform(identifiers, lambda identifier: identifier || {copy}) as identifiers
)
from mentions
where first_period_start > date '{since}'
"""


def time_decade(home: Path, years: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Score `years` years without the last month, then that month, and then all at once.

    Each of the three steps runs in its own process and yields a row of figures: elapsed seconds,
    processor seconds, and peak memory in gigabytes. `folder` holds the scores that one step passes
    to the next.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for step in (_score_without_month, _score_month, _score_whole):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield pool.apply(step, (home, years, folder))


def _score_without_month(home: Path, years: int, folder: Path) -> dict[str, Any]:
    mentions = _without_last_month(_repeated(read_nation(home).mentions, years))
    return _measured("all but the last month", mentions, None, folder / "kept.parquet")


def _score_month(home: Path, years: int, folder: Path) -> dict[str, Any]:
    mentions = _repeated(read_nation(home).mentions, years)
    cached_scores = pq.read_table(folder / "kept.parquet")
    return _measured("one more month", mentions, cached_scores, None)


def _score_whole(home: Path, years: int, folder: Path) -> dict[str, Any]:
    return _measured("all at once", _repeated(read_nation(home).mentions, years), None, None)


def _repeated(mentions: pa.Table, years: int) -> pa.Table:
    """Add copies of the last year's mentions until there are `years` years."""
    starts = mentions["first_period_start"]
    last = pc.max(starts).as_py()
    known_years = max(1, round((last - pc.min(starts).as_py()) / YEAR))
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(MENTION_SCHEMA.names))
        copies = "".join(
            " union all " + COPY.format(copy=copy, since=last - YEAR)
            for copy in range(1, years - known_years + 1)
        )
        every = connection.execute(f"select * from mentions {copies}").to_arrow_table()
    return every.cast(MENTION_SCHEMA)


def _without_last_month(mentions: pa.Table) -> pa.Table:
    """Leave out mentions that first appear in the last 31 days, unless they are copies."""
    last = pc.max(mentions["first_period_start"]).as_py()
    is_new = pc.and_(
        pc.greater(mentions["first_period_start"], pa.scalar(last - MONTH)),
        pc.invert(pc.match_substring(mentions["mention_key"], "-")),
    )
    return mentions.filter(pc.invert(is_new))


def _measured(
    step: str, mentions: pa.Table, cached_scores: pa.Table | None, keep: Path | None
) -> dict[str, Any]:
    started, used = time.perf_counter(), os.times()
    scores = rescore(mentions, load_model(), cached_scores)
    after = os.times()
    figures = {
        "step": step,
        "mention_count": mentions.num_rows,
        "seconds": time.perf_counter() - started,
        "processor_seconds": after.user + after.system - used.user - used.system,
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    if keep:
        pq.write_table(scores, keep)
    return figures
