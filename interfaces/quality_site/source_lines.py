"""Rows behind the figures of the latest year, with the lines of files behind each row.

Each row shows delivery, file and line, which identify no person, and has no id. Rows are grouped by
area. Within an area they are grouped by status, reason, and whether both sources should have
recorded the absence. So each figure has one group of rows, called a stretch. The pages that show
the rows are in `rows_page`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from expectations import BOTH_EXPECTED, MartUnreadableError, Published
from interfaces.quality_site.figures import Row, Source
from register.audit import STATUSES
from register.queries import read_query

# The site lists about this many absences in all (15 MB), in equal shares for the areas. If an area
# has more, the site lists some absences of each of its figures, and a command lists the rest.
SITE_ABSENCES = 50_000
MIN_AREA_ABSENCES = 100
Line = Row
# A stretch is a part of an area's list whose rows agree in these four: the area, whether both
# sources should have recorded the absence, the status, and the reason.
StretchKey = tuple[str, bool, str, str]


@dataclass(frozen=True)
class Absence:
    """One absence from the table of agreement: its place in the list, month and delivered lines."""

    place: int
    month: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Stretch:
    """The absences of an area with one status and reason; `total` also counts those not shown.

    If `is_expected`, both sources should have recorded these absences.
    """

    is_expected: bool
    status: str
    reason: str
    total: int
    source: Source
    absences: tuple[Absence, ...]

    @property
    def anchor(self) -> str:
        """Return the anchor of these rows on their page."""
        expected = "both" if self.is_expected else "one"
        return f"{expected}-{self.status}{'-' + self.reason if self.reason else ''}"


AreaRows = dict[str, list[Stretch]]


def rows_path(key: str, page: int = 1) -> str:
    """Return the path of a page of an area's rows; the key of the nation is `nation`."""
    return f"rows/{key}.html" if page == 1 else f"rows/{key}-{page}.html"


def read_area_rows(published: Published, year: str) -> AreaRows:
    """Return a collection year's absences by area and stretch; empty if no lines are published.

    The keys are codes of local authorities and police forces. A limited number of absences is
    returned for each area, to bound the size of the site.
    """
    source = Source("agreement.fct_agreement", f"collection_year = '{year}'", "agreement_id")
    try:
        lists = published.read_records(
            "select count(distinct authority_code_dfe) + count(distinct police_force_code) "
            f"as lists from {source.mart} where {source.filter}"
        )[0]["lists"]
        limit = max(MIN_AREA_ABSENCES, SITE_ABSENCES // max(1, lists))
        lines = published.read_records(_build_query(source, limit))
    except MartUnreadableError:
        return {}
    return _group_by_area(source, lines)


def _group_by_area(source: Source, lines: list[Line]) -> AreaRows:
    """Group lines into absences, absences into stretches, and stretches by area."""
    stretches: dict[StretchKey, dict[str, list[Line]]] = defaultdict(dict)
    totals: dict[StretchKey, int] = {}
    for line in lines:
        key = (line["area_code"], line["is_expected"], line["status"], line["reason_code"] or "")
        totals[key] = line["total"]
        stretches[key].setdefault(line["agreement_id"], []).append(line)
    areas: AreaRows = defaultdict(list)
    places: dict[str, int] = defaultdict(int)
    for key in sorted(stretches, key=_sort_stretch):
        area, is_expected, status, reason = key
        absences = []
        for rows in stretches[key].values():
            places[area] += 1
            delivered = tuple(row for row in rows if row["delivery_id"] is not None)
            absences.append(Absence(places[area], rows[0]["month"] or "", delivered))
        narrowed = _narrow_source(source, key)
        areas[area].append(
            Stretch(is_expected, status, reason, totals[key], narrowed, tuple(absences))
        )
    return dict(areas)


def _sort_stretch(key: StretchKey) -> tuple[str, bool, int, int, str]:
    """Return a stretch's sort key.

    Stretches are sorted by area, by whether both sources should have recorded the absences, by
    status, and by the number of the reason.
    """
    area, is_expected, status, reason = key
    return area, not is_expected, STATUSES.index(status), len(reason), reason


def _narrow_source(source: Source, key: StretchKey) -> Source:
    """Return the mart and filter of a stretch's rows. An authority's code is three digits."""
    area, is_expected, status, reason = key
    column = "authority_code_dfe" if len(area) == 3 and area.isdigit() else "police_force_code"
    expected = BOTH_EXPECTED if is_expected else f"not ({BOTH_EXPECTED})"
    has_reason = f"reason_code = '{reason}'" if reason else "reason_code is null"
    return source.narrow(f"{column} = '{area}' and {expected} and status = '{status}'").narrow(
        has_reason
    )


def _build_query(source: Source, limit: int) -> str:
    """Build the query for the lines behind absences, of at most `limit` absences for each area."""
    return read_query(
        __package__,
        "lines_of_absences",
        both_expected=BOTH_EXPECTED,
        mart=source.mart,
        filter=source.filter,
        most=limit,
    )
