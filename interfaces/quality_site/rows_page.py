"""The pages of rows behind figures: from a figure to all its rows, deliveries, files and lines."""

from __future__ import annotations

from typing import Any

from interfaces.quality_site.areas import area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import Columns, Page, Section, To, counted, table_of, text_of
from interfaces.quality_site.source_lines import Absence, Stretch, rows_path

# Absences on one page: some 100 kB.
PAGE_ABSENCES = 250
STATUS_TITLES = {
    "both": "Known to both",
    "police_only": "Known to the police only",
    "authority_only": "Known to the authority only",
}
STRETCHES: Columns = {
    "Area": lambda row: row["area"],
    "Both should know": text_of("expected"),
    "Known to": text_of("status"),
    "Reason": text_of("reason"),
    "#Absences": lambda row: counted(row["total"]),
    "Rows": lambda row: row["rows"],
}


def rows_pages(contents: Contents) -> list[Page]:
    """A page of all figures of the nation, and the rows of each area, page by page."""
    if not contents.area_rows:
        return []
    pages = [_nation(contents)]
    for key, stretches in contents.area_rows.items():
        pages += _area_pages(contents, key, stretches)
    return pages


def paged(stretches: list[Stretch]) -> list[list[tuple[Stretch, list[Absence]]]]:
    """The absences of an area cut into pages; a stretch may go on over several."""
    pages: list[list[tuple[Stretch, list[Absence]]]] = [[]]
    room = PAGE_ABSENCES
    for stretch in stretches:
        rest = list(stretch.absences)
        while rest:
            if not room:
                pages.append([])
                room = PAGE_ABSENCES
            pages[-1].append((stretch, rest[:room]))
            rest, room = rest[room:], max(0, room - len(rest))
    return pages


def _nation(contents: Contents) -> Page:
    """Every authority's stretches of rows, each with a link to them: what the nation's count."""
    sections = []
    for kind, title in ((True, "Local authorities"), (False, "Police forces")):
        rows = [
            row
            for key, stretches in contents.area_rows.items()
            if (len(key) == 3 and key.isdigit()) is kind
            for row in _stretch_rows(contents, key, stretches)
        ]
        if rows:
            caption = f"{title}: absences of {contents.latest} by what they count as"
            sections.append(
                Section(title.split()[-1], title, tables=(table_of(caption, STRETCHES, rows),))
            )
    lead = (
        f"Every absence of {contents.latest} is in one row here for its authority and in one for "
        "its force. A link leads to the rows, each with the delivery, file and line of every "
        "report in it."
    )
    content = {"lead": lead, "sections": sections}
    return Page(
        rows_path("nation"),
        "sections.html",
        "Rows behind the figures: England",
        "areas/index.html",
        content,
    )


def _stretch_rows(contents: Contents, key: str, stretches: list[Stretch]) -> list[dict[str, Any]]:
    where: dict[str, str] = {}
    for number, page in enumerate(paged(stretches), start=1):
        for stretch, _ in page:
            where.setdefault(stretch.anchor, rows_path(key, number))
    return [
        {
            "area": contents.area_link(key),
            "expected": "yes" if stretch.is_expected else "no",
            "status": STATUS_TITLES[stretch.status],
            "reason": _reason(contents, stretch),
            "total": stretch.total,
            "rows": To(
                f"rows of {contents.area_name(key)}", f"{where[stretch.anchor]}#{stretch.anchor}"
            ),
        }
        for stretch in stretches
        if stretch.absences
    ]


def _reason(contents: Contents, stretch: Stretch) -> str:
    if not stretch.reason:
        return ""
    return f"{stretch.reason} {contents.titles('dim_reasons').get(stretch.reason, '')}"


def _area_pages(contents: Contents, key: str, stretches: list[Stretch]) -> list[Page]:
    pages = paged(stretches)
    shown = sum(len(stretch.absences) for stretch in stretches)
    total = sum(stretch.total for stretch in stretches)
    name = contents.area_name(key)
    made = []
    for number, page in enumerate(pages, start=1):
        content: dict[str, Any] = {
            "key": key,
            "name": name,
            "area": area_path(key) if key in contents.areas.levels else "",
            "year": contents.latest,
            "number": number,
            "pages": [To(str(place + 1), rows_path(key, place + 1)) for place in range(len(pages))],
            "shown": shown,
            "total": total,
            "index": _stretch_rows(contents, key, stretches) if number == 1 else [],
            "groups": [
                {
                    "anchor": stretch.anchor,
                    "title": _title(contents, stretch),
                    "stretch": stretch,
                    "absences": absences,
                }
                for stretch, absences in page
            ],
        }
        title = f"Rows behind the figures: {name}"
        if number > 1:
            title += f", page {number}"
        made.append(Page(rows_path(key, number), "rows.html", title, "areas/index.html", content))
    return made


def _title(contents: Contents, stretch: Stretch) -> str:
    reason = _reason(contents, stretch)
    expected = "" if stretch.is_expected else ", not expected of both"
    return f"{STATUS_TITLES[stretch.status]}{expected}{': ' + reason if reason else ''}"
