"""The pages that list the rows behind figures, with the deliveries, files and lines of each row."""

from __future__ import annotations

from typing import Any

from interfaces.quality_site.areas import area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import (
    Page,
    PageLink,
    Section,
    build_sections_page,
    build_table,
    format_count,
)
from interfaces.quality_site.source_lines import Absence, Stretch, rows_path

# The number of absences on one page, which makes about 100 kB.
PAGE_ABSENCES = 250
STATUS_TITLES = {
    "both": "Known to both",
    "police_only": "Known to the police only",
    "authority_only": "Known to the authority only",
}


def build_rows_pages(contents: Contents) -> list[Page]:
    """Build the page that links figures to rows, and the pages with each area's rows."""
    if not contents.area_rows:
        return []
    pages = [_build_nation_page(contents)]
    for key, stretches in contents.area_rows.items():
        pages += _build_area_pages(contents, key, stretches)
    return pages


def split_into_pages(stretches: list[Stretch]) -> list[list[tuple[Stretch, list[Absence]]]]:
    """Split the absences of an area into pages. A stretch may continue on later pages."""
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


def _build_nation_page(contents: Contents) -> Page:
    """Build the page that links every figure of every area to the rows behind it."""
    sections = []
    for is_authority, title in ((True, "Local authorities"), (False, "Police forces")):
        rows = [
            row
            for key, stretches in contents.area_rows.items()
            if (len(key) == 3 and key.isdigit()) is is_authority
            for row in _list_stretches(contents, key, stretches)
        ]
        if rows:
            table = build_table("rows.stretches", rows, kind=title, year=contents.latest_year)
            sections.append(Section(title.split()[-1], title, tables=(table,)))
    lead = (
        f"Each row counts the absences of {contents.latest_year} in one area that have the same "
        "status and reason. An absence is counted once for its authority and once for its force. "
        "The link in a row leads to these absences, with the delivery, file and line of every "
        "report."
    )
    title = "Rows behind the figures: England"
    return build_sections_page(rows_path("nation"), title, lead, sections, "areas/index.html")


def _list_stretches(contents: Contents, key: str, stretches: list[Stretch]) -> list[dict[str, Any]]:
    """List the stretches of an area (rows of one status and reason), each with a link."""
    paths: dict[str, str] = {}
    for number, page in enumerate(split_into_pages(stretches), start=1):
        for stretch, _ in page:
            paths.setdefault(stretch.anchor, rows_path(key, number))
    return [
        {
            "area": contents.link_area(key),
            "expected": "yes" if stretch.is_expected else "no",
            "status": STATUS_TITLES[stretch.status],
            "reason": _name_reason(contents, stretch),
            "total": stretch.total,
            "rows": PageLink(
                f"rows of {contents.name_area(key)}", f"{paths[stretch.anchor]}#{stretch.anchor}"
            ),
        }
        for stretch in stretches
        if stretch.absences
    ]


def _name_reason(contents: Contents, stretch: Stretch) -> str:
    if not stretch.reason:
        return ""
    return f"{stretch.reason} {contents.read_code_titles('dim_reasons').get(stretch.reason, '')}"


def _build_area_pages(contents: Contents, key: str, stretches: list[Stretch]) -> list[Page]:
    pages = split_into_pages(stretches)
    name = contents.name_area(key)
    built = []
    for number, page in enumerate(pages, start=1):
        content: dict[str, Any] = {
            "name": name,
            "area": area_path(key) if key in contents.areas.levels else "",
            "year": contents.latest_year,
            "number": number,
            "pages": [PageLink(str(n), rows_path(key, n)) for n in range(1, len(pages) + 1)],
            "shown": sum(len(stretch.absences) for stretch in stretches),
            "total": sum(stretch.total for stretch in stretches),
            "index": _list_stretches(contents, key, stretches) if number == 1 else [],
            "groups": [
                {
                    "anchor": stretch.anchor,
                    "title": _name_stretch(contents, stretch),
                    "caption": _name_table(contents, stretch, len(absences)),
                    "stretch": stretch,
                    "absences": absences,
                }
                for stretch, absences in page
            ],
        }
        title = f"Rows behind the figures: {name}"
        if number > 1:
            title += f", page {number}"
        built.append(Page(rows_path(key, number), "rows.html", title, "areas/index.html", content))
    return built


def _name_stretch(contents: Contents, stretch: Stretch) -> str:
    reason = _name_reason(contents, stretch)
    reason = f" \N{EN DASH} {reason}" if reason else ""
    expected = "" if stretch.is_expected else ", need not be known to both"
    return f"{STATUS_TITLES[stretch.status]}{expected}{reason}"


def _name_table(contents: Contents, stretch: Stretch, listed_count: int) -> str:
    """Name the table of a group, which may have only some of the group's absences."""
    noun = "absence" if stretch.total == 1 else "absences"
    total = format_count(stretch.total)
    count = total if listed_count == stretch.total else f"{format_count(listed_count)} of {total}"
    title = _name_stretch(contents, stretch)
    return f"{title}: {count} {noun}, with one row of this table for each report"
