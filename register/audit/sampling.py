"""The audit sample: its frame, and the draw of areas by size, then of cases by status and care.

The frame is every judged row of one collection year, as published. The same seed and the same
generation give the same cases on every machine: rows are put in the order of a hash, not of a
generator's state.

Areas are drawn systematically with probability proportional to size, without replacement (Madow
1949; Särndal, Swensson and Wretman 1992, section 3.6.2); an area larger than the interval is
certain.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import duckdb

from register.choices import AUDIT_AREAS, AUDIT_CASES
from register.publishing import Generation, open_register

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
    """One row of `fct_agreement` that may be drawn. `care` is looked_after or other."""

    agreement_id: str
    status: str
    care: str
    authority_code_dfe: str
    reason_code: str

    @property
    def stratum(self) -> str:
        """The stratum of a row within its authority: status and care."""
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

    Raises `FrameError` where the year has no row.
    """
    with open_register(generation) as connection:
        chosen = year or latest_year(connection)
        found = connection.execute(FRAME, {"year": chosen}).fetchall() if chosen else []
    if not found:
        raise FrameError(f"no episode of {chosen or 'a year that has ended'} is published")
    return Frame(generation.generation_id, str(chosen), tuple(FrameRow(*row) for row in found))


def latest_year(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The latest collection year that had ended when the last delivery was received."""
    row = connection.execute(LATEST_YEAR).fetchone()
    return None if row is None or row[0] is None else str(row[0])


@dataclass(frozen=True)
class Case:
    """One drawn row: its number in the sample and its weight, in rows of the frame."""

    case_number: int
    row: FrameRow
    weight: float


@dataclass(frozen=True)
class Sample:
    """A drawn sample and the frame that it is from."""

    sample_id: str
    seed: int
    frame: Frame
    cases: tuple[Case, ...]

    @property
    def areas(self) -> tuple[str, ...]:
        """The authorities drawn, in order."""
        return tuple(sorted({case.row.authority_code_dfe for case in self.cases}))


def draw(
    frame: Frame, seed: int, case_count: int = AUDIT_CASES, area_count: int = AUDIT_AREAS
) -> Sample:
    """Draw `case_count` cases in `area_count` areas, or all there are where there are fewer."""
    uniform = _uniforms(f"{seed}|{frame.generation_id}|{frame.collection_year}")
    areas: dict[str, list[FrameRow]] = defaultdict(list)
    for row in frame.rows:
        areas[row.authority_code_dfe].append(row)
    sizes = {area: len(rows) for area, rows in sorted(areas.items())}
    chances = draw_areas(sizes, area_count, uniform)
    wanted = apportion({area: sizes[area] for area in chances}, case_count, even=True)
    drawn: list[tuple[FrameRow, float]] = []
    for area, chance in chances.items():
        drawn += _draw_cases(areas[area], wanted[area], chance, uniform)
    drawn.sort(key=lambda item: (item[0].authority_code_dfe, item[0].agreement_id))
    cases = tuple(Case(place, row, weight) for place, (row, weight) in enumerate(drawn, start=1))
    return Sample(f"{frame.generation_id}-{frame.collection_year}-{seed}", seed, frame, cases)


def _uniforms(salt: str) -> Callable[[str], Fraction]:
    """A number in [0, 1) for each name, the same for the same salt."""

    def uniform(name: str) -> Fraction:
        digest = hashlib.sha256(f"{salt}|{name}".encode()).digest()
        return Fraction(int.from_bytes(digest[:8]), 2**64)

    return uniform


def draw_areas(
    sizes: dict[str, int], count: int, uniform: Callable[[str], Fraction]
) -> dict[str, Fraction]:
    """The areas drawn, each with its chance of being drawn."""
    if count >= len(sizes):
        return dict.fromkeys(sizes, Fraction(1))
    certain: set[str] = set()
    while True:
        rest = {area: size for area, size in sizes.items() if area not in certain}
        interval = Fraction(sum(rest.values()), count - len(certain)) if count > len(certain) else 0
        larger = {area for area, size in rest.items() if interval and size >= interval}
        if not larger:
            break
        certain |= larger
    drawn = dict.fromkeys(sorted(certain), Fraction(1))
    if interval:
        point = uniform("areas") * interval
        passed = Fraction(0)
        for area, size in rest.items():
            if passed <= point < passed + size:
                drawn[area] = Fraction(size) / interval
                point += interval
            passed += size
    return drawn


def apportion(sizes: dict[str, int], count: int, even: bool = False) -> dict[str, int]:
    """Share `count` among groups, evenly or by size, one at least each, never above its size."""
    given = {name: min(1, size) for name, size in sizes.items()}
    while sum(given.values()) < min(count, sum(sizes.values())):
        open_groups = [name for name, size in sizes.items() if given[name] < size]
        neediest = min(
            open_groups,
            key=lambda name: (Fraction(given[name], 1 if even else sizes[name]), name),
        )
        given[neediest] += 1
    return given


def _draw_cases(
    rows: Iterable[FrameRow], count: int, chance: Fraction, uniform: Callable[[str], Fraction]
) -> list[tuple[FrameRow, float]]:
    """Cases of one area with their weights: every stratum that is there has one at least."""
    strata: dict[str, list[FrameRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (uniform(row.agreement_id), row.agreement_id)):
        strata[row.stratum].append(row)
    sizes = Counter({stratum: len(members) for stratum, members in sorted(strata.items())})
    drawn = []
    for stratum, number in apportion(dict(sizes), count).items():
        weight = float(Fraction(sizes[stratum], number) / chance) if number else 0.0
        drawn += [(row, weight) for row in strata[stratum][:number]]
    return drawn
