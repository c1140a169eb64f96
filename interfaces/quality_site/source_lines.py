"""Every row behind the figures of the last year, with the lines of files behind each row.

Places are shown and no ids: delivery, file and line identify no person. Rows are put together by
area, and within an area by what they count as, so that a figure is one stretch of rows. The pages
that show them are in `rows_page`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from expectations import BOTH_EXPECTED, MartUnreadableError, Published
from interfaces.quality_site.figures import Row, Source
from register.audit import STATUSES
from register.queries import read_query

# How many absences all lists of the site show together: some 15 MB. Of a larger year each area
# shows its part of every figure, and the rest is listed on demand.
SITE_ABSENCES = 50_000
LEAST_OF_AN_AREA = 100
Line = Row


@dataclass(frozen=True)
class Absence:
    """One row of agreement: its place in the list, its month, and the lines as delivered."""

    place: int
    month: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Stretch:
    """The absences of an area that count alike; `total` is how many there are, shown or not."""

    is_expected: bool
    status: str
    reason: str
    total: int
    source: Source
    absences: tuple[Absence, ...]

    @property
    def anchor(self) -> str:
        """The place of these rows on their page."""
        expected = "both" if self.is_expected else "one"
        return f"{expected}-{self.status}{'-' + self.reason if self.reason else ''}"


AreaRows = dict[str, list[Stretch]]


def rows_path(key: str, page: int = 1) -> str:
    """A page of an area's rows; the key of the nation is `nation`."""
    return f"rows/{key}.html" if page == 1 else f"rows/{key}-{page}.html"


def read_area_rows(published: Published, year: str) -> AreaRows:
    """The absences of one collection year by area and stretch. Empty where lines are not published.

    The key is an authority's or a force's code.
    """
    source = Source("agreement.fct_agreement", f"collection_year = '{year}'", "agreement_id")
    try:
        lists = published.read_records(
            "select count(distinct authority_code_dfe) + count(distinct police_force_code) "
            f"as lists from {source.mart} where {source.filter}"
        )[0]["lists"]
        most = max(LEAST_OF_AN_AREA, SITE_ABSENCES // max(1, lists))
        lines = published.read_records(_query(source, most))
    except MartUnreadableError:
        return {}
    return _by_area(source, lines)


def _by_area(source: Source, lines: list[Line]) -> AreaRows:
    """Lines put together to absences, absences to stretches, stretches to areas."""
    found: dict[tuple[str, bool, str, str], dict[str, list[Line]]] = defaultdict(dict)
    totals: dict[tuple[str, bool, str, str], int] = {}
    for line in lines:
        key = (line["area_code"], line["is_expected"], line["status"], line["reason_code"] or "")
        totals[key] = line["total"]
        found[key].setdefault(line["agreement_id"], []).append(line)
    areas: AreaRows = defaultdict(list)
    places: dict[str, int] = defaultdict(int)
    for key in sorted(found, key=_place):
        area, is_expected, status, reason = key
        absences = []
        for rows in found[key].values():
            places[area] += 1
            delivered = tuple(row for row in rows if row["delivery_id"] is not None)
            absences.append(Absence(places[area], rows[0]["month"] or "", delivered))
        narrowed = _source(source, key)
        areas[area].append(
            Stretch(is_expected, status, reason, totals[key], narrowed, tuple(absences))
        )
    return dict(areas)


def _place(key: tuple[str, bool, str, str]) -> tuple[str, bool, int, int, str]:
    """Areas by code; what both should know first; statuses in their order, reasons by number."""
    area, is_expected, status, reason = key
    return area, not is_expected, STATUSES.index(status), len(reason), reason


def _source(source: Source, key: tuple[str, bool, str, str]) -> Source:
    """The mart and filter of a stretch. Codes of authorities are three figures."""
    area, is_expected, status, reason = key
    column = "authority_code_dfe" if len(area) == 3 and area.isdigit() else "police_force_code"
    expected = BOTH_EXPECTED if is_expected else f"not ({BOTH_EXPECTED})"
    because = f"reason_code = '{reason}'" if reason else "reason_code is null"
    return source.narrowed(f"{column} = '{area}' and {expected} and status = '{status}'").narrowed(
        because
    )


def _query(source: Source, most: int) -> str:
    """The lines of the absences of every area, those of each stretch in the order of their ids."""
    return read_query(
        __package__,
        "lines_of_absences",
        both_expected=BOTH_EXPECTED,
        mart=source.mart,
        filter=source.filter,
        most=most,
    )
