"""What an audit sample is drawn from: every judged row of one collection year, as published."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from register.publishing.generations import Generation
from register.publishing.trace import open_locked

STATUSES = ("both", "police_only", "authority_only")
LATEST_YEAR = """
    select max(collection_year)
    from register.dim_dates
    where
        collection_year in (select collection_year from agreement.fct_agreement)
        and is_collection_year_end
        and date_day < (select max(received_at) from register.dim_deliveries)
"""
FRAME = """
    select
        agreement_id,
        status,
        case when care_status_code = 'looked_after' then 'looked_after' else 'other' end as care,
        authority_code_dfe,
        coalesce(reason_code, '') as reason_code,
    from agreement.fct_agreement
    where collection_year = $year and authority_code_dfe <> 'unknown'
    order by agreement_id
"""


class FrameError(ValueError):
    """There is nothing to draw from; the message says why."""


@dataclass(frozen=True)
class FrameRow:
    """One row of agreement that may be drawn. `care` is looked_after or other."""

    agreement_id: str
    status: str
    care: str
    authority_code_dfe: str
    reason_code: str

    @property
    def stratum(self) -> str:
        """What rows of one authority are sorted by before they are drawn."""
        return f"{self.status}|{self.care}"


@dataclass(frozen=True)
class Frame:
    """The rows of one collection year of one generation, in the order of their ids."""

    generation_id: str
    collection_year: str
    rows: tuple[FrameRow, ...]

    def share(self, status: str) -> float:
        """The register's own figure: the share of `status` among all rows (0-1)."""
        return sum(row.status == status for row in self.rows) / len(self.rows)


def read_frame(generation: Generation, year: str | None = None) -> Frame:
    """Read the frame of `year`, or of the latest collection year that has ended.

    Raises `FrameError` where the year holds no row.
    """
    with open_locked(generation) as connection:
        chosen = year or latest_year(connection)
        found = connection.execute(FRAME, {"year": chosen}).fetchall() if chosen else []
    if not found:
        raise FrameError(f"no episode of {chosen or 'a year that has ended'} is published")
    return Frame(generation.generation_id, str(chosen), tuple(FrameRow(*row) for row in found))


def latest_year(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The latest collection year that had ended when the last delivery was received."""
    row = connection.execute(LATEST_YEAR).fetchone()
    return None if row is None or row[0] is None else str(row[0])
