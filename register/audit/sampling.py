"""Drawing of audit samples: first authorities (areas), then cases of each, by status and care.

The sampling frame is every row of `fct_agreement` in one collection year whose authority is known.
The same seed and generation give the same cases on every machine, because rows are ordered by a
hash.

Areas are drawn systematically with probability proportional to size, without replacement (Madow
1949; Särndal, Swensson and Wretman 1992, section 3.6.2). An area at least as large as the sampling
interval is always drawn.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from fractions import Fraction

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
    """The sampling frame is empty; the message says why."""


@dataclass(frozen=True)
class FrameRow:
    """A row of `fct_agreement` that may be drawn; `care` is `looked_after` or `other`."""

    agreement_id: str
    status: str
    care: str
    authority_code_dfe: str
    reason_code: str

    @property
    def stratum(self) -> str:
        """The row's stratum within its authority, by status and care."""
        return f"{self.status}|{self.care}"


@dataclass(frozen=True)
class Frame:
    """The rows of one collection year of a generation, in the order of their ids."""

    generation_id: str
    collection_year: str
    rows: tuple[FrameRow, ...]

    def compute_share(self, status: str) -> float:
        """Return the register's own figure: the share (0-1) of rows with this status."""
        return sum(row.status == status for row in self.rows) / len(self.rows)


def read_frame(generation: Generation, year: str | None = None) -> Frame:
    """Read the sampling frame of `year`, by default the latest collection year that has ended.

    Raises `FrameError` if the year has no rows.
    """
    with open_register(generation) as connection:
        year = year or connection.execute(LATEST_YEAR).fetchall()[0][0]
        rows = connection.execute(FRAME, {"year": year}).fetchall() if year else []
    if not rows:
        raise FrameError(f"no episode of {year or 'a year that has ended'} is published")
    return Frame(generation.generation_id, str(year), tuple(FrameRow(*row) for row in rows))


@dataclass(frozen=True)
class Case:
    """A drawn row: its number in the sample, and how many rows of the frame it represents."""

    case_number: int
    agreement_id: str
    status: str
    care: str
    authority_code_dfe: str
    reason_code: str
    weight: float


@dataclass(frozen=True)
class SampleDesign:
    """How a sample was drawn, and the register's own shares (0-1) in the sampling frame."""

    sample_id: str
    generation_id: str
    collection_year: str
    seed: int
    case_count: int
    area_count: int
    frame_count: int
    both_share: float
    police_only_share: float
    authority_only_share: float


@dataclass(frozen=True)
class Sample:
    """A drawn sample: its design, and its cases by number."""

    design: SampleDesign
    cases: tuple[Case, ...]

    @property
    def sample_id(self) -> str:
        """The sample's id, which consists of generation, collection year and seed."""
        return self.design.sample_id

    @property
    def areas(self) -> tuple[str, ...]:
        """The drawn authorities, in order of their codes."""
        return tuple(sorted({case.authority_code_dfe for case in self.cases}))


def draw_sample(
    frame: Frame, seed: int, case_count: int = AUDIT_CASES, area_count: int = AUDIT_AREAS
) -> Sample:
    """Draw `case_count` cases in `area_count` authorities, or all if the frame has fewer.

    More cases are drawn if they are needed for one from each stratum of each drawn authority.
    """
    uniform = _uniforms(f"{seed}|{frame.generation_id}|{frame.collection_year}")
    areas: dict[str, list[FrameRow]] = defaultdict(list)
    for row in frame.rows:
        areas[row.authority_code_dfe].append(row)
    sizes = {area: len(rows) for area, rows in sorted(areas.items())}
    chances = draw_areas(sizes, area_count, uniform)
    counts = apportion({area: sizes[area] for area in chances}, case_count, even=True)
    drawn: list[tuple[FrameRow, float]] = []
    for area, chance in chances.items():
        drawn += _draw_cases(areas[area], counts[area], chance, uniform)
    drawn.sort(key=lambda item: (item[0].authority_code_dfe, item[0].agreement_id))
    cases = tuple(
        Case(case_number=number, weight=weight, **asdict(row))
        for number, (row, weight) in enumerate(drawn, start=1)
    )
    design = SampleDesign(
        sample_id=f"{frame.generation_id}-{frame.collection_year}-{seed}",
        generation_id=frame.generation_id,
        collection_year=frame.collection_year,
        seed=seed,
        case_count=len(cases),
        area_count=len({case.authority_code_dfe for case in cases}),
        frame_count=len(frame.rows),
        both_share=frame.compute_share("both"),
        police_only_share=frame.compute_share("police_only"),
        authority_only_share=frame.compute_share("authority_only"),
    )
    return Sample(design, cases)


def _uniforms(salt: str) -> Callable[[str], Fraction]:
    """Return a function that maps each name to a pseudo-random number in [0, 1).

    With the same salt, a name always gets the same number.
    """

    def uniform(name: str) -> Fraction:
        digest = hashlib.sha256(f"{salt}|{name}".encode()).digest()
        return Fraction(int.from_bytes(digest[:8]), 2**64)

    return uniform


def draw_areas(
    sizes: dict[str, int], count: int, uniform: Callable[[str], Fraction]
) -> dict[str, Fraction]:
    """Draw `count` areas with probability proportional to size; return the probability of each.

    The result has only the drawn areas. An area so large that it is always drawn has probability 1.
    """
    if count >= len(sizes):
        return dict.fromkeys(sizes, Fraction(1))
    certain: set[str] = set()
    while True:
        others = {area: size for area, size in sizes.items() if area not in certain}
        remaining = count - len(certain)
        interval = Fraction(sum(others.values()), remaining) if remaining > 0 else 0
        larger = {area for area, size in others.items() if interval and size >= interval}
        if not larger:
            break
        certain |= larger
    drawn = dict.fromkeys(sorted(certain), Fraction(1))
    if interval:
        point = uniform("areas") * interval
        passed = Fraction(0)
        for area, size in others.items():
            if passed <= point < passed + size:
                drawn[area] = Fraction(size) / interval
                point += interval
            passed += size
    return drawn


def apportion(sizes: dict[str, int], count: int, even: bool = False) -> dict[str, int]:
    """Divide `count` among groups, in proportion to size or evenly.

    Each group gets at least one, and at most its size.
    """
    counts = {name: min(1, size) for name, size in sizes.items()}
    while sum(counts.values()) < min(count, sum(sizes.values())):
        open_groups = [name for name, size in sizes.items() if counts[name] < size]
        smallest = min(
            open_groups,
            key=lambda name: (Fraction(counts[name], 1 if even else sizes[name]), name),
        )
        counts[smallest] += 1
    return counts


def _draw_cases(
    rows: Iterable[FrameRow], count: int, chance: Fraction, uniform: Callable[[str], Fraction]
) -> list[tuple[FrameRow, float]]:
    """Draw the cases of one area with their weights, at least one from each stratum."""
    strata: dict[str, list[FrameRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (uniform(row.agreement_id), row.agreement_id)):
        strata[row.stratum].append(row)
    sizes = Counter({stratum: len(members) for stratum, members in sorted(strata.items())})
    drawn = []
    for stratum, number in apportion(dict(sizes), count).items():
        weight = float(Fraction(sizes[stratum], number) / chance) if number else 0.0
        drawn += [(row, weight) for row in strata[stratum][:number]]
    return drawn
