"""The page of reconciliation: the register's own count beside the department's published one."""

from __future__ import annotations

from collections import Counter

from expectations.site.contents import Contents
from expectations.site.rendering import NOTHING, Page, counted, percent, words
from expectations.site.sections import Section, Table, absent, number, sections_page
from expectations.site.sources import Figures, Row

DIFFERENCES_SHOWN = 100


def reconciliation_page(contents: Contents) -> Page:
    """Does the register count what was published, and if not, why."""
    figures = contents.statistics.reconciliation
    if not figures.rows:
        sections = [absent("reconciliation", "Reconciliation", figures)]
    else:
        sections = [_nation(figures), _summary(figures), _reasons(figures), _differences(contents)]
    sections.append(_characteristics(contents.statistics.reconciliation_by_characteristic))
    lead = (
        "The department publishes counts of looked-after children who went missing. The register "
        "counts the same by the department's rules, and says why where the two differ."
    )
    return sections_page("reconciliation.html", "Reconciliation", lead, sections)


def _compared(figures: Figures) -> list[Row]:
    """Figures of authorities that can be compared."""
    return [
        row
        for row in figures.rows
        if row["area_level_code"] == "authority" and row["is_equal_within_rounding"] is not None
    ]


def _figure(row: Row, value: float | None) -> str:
    if value is None:
        return NOTHING
    return counted(value) if row["statistic_code"] == "count" else number(value, 1)


def _nation(figures: Figures) -> Section:
    rows = [
        [
            row["collection_year"],
            words(row["measure_code"]),
            _figure(row, row["published_figure"]),
            _figure(row, row["register_figure"]),
            _figure(row, row["difference"]),
            f"{counted(row['full_year_count'])} of {counted(row['authority_count'])}",
            words(row["reason_code"]),
        ]
        for row in figures.rows
        if row["area_level_code"] == "nation"
    ]
    headings = [
        "Collection year",
        "Measure",
        "#Published",
        "#The register",
        "#Difference",
        "#Authorities delivered whole",
        "Reason",
    ]
    table = Table("England, published and counted", headings, rows)
    return Section("nation", "England", tables=(table,), sources=(figures.source,))


def _characteristics(figures: Figures) -> Section:
    """England by characteristic, in the last year of which both have figures."""
    title = "England by characteristic"
    if not figures.rows:
        return absent("characteristics", title, figures)
    told = [row for row in figures.rows if row["register_figure"] is not None] or figures.rows
    year = told[0]["collection_year"]
    rows = [
        [
            words(row["measure_code"]),
            words(row["characteristic_code"]),
            words(row["value_code"]),
            row["published_symbol_code"] or _figure(row, row["published_figure"]),
            _figure(row, row["register_figure"]),
            _figure(row, row["difference"]),
            words(row["reason_code"]),
        ]
        for row in figures.rows
        if row["collection_year"] == year
    ]
    headings = [
        "Measure",
        "Characteristic",
        "Value",
        "#Published",
        "#The register",
        "#Difference",
        "Reason",
    ]
    text = f"Figures of {year}; symbols as published. Every value without a reason agrees."
    table = Table(f"England by characteristic in {year}", headings, rows, is_folded=len(rows) > 20)
    return Section("characteristics", title, (text,), tables=(table,), sources=(figures.source,))


def _summary(figures: Figures) -> Section:
    years: dict[tuple[str, str], list[Row]] = {}
    for row in _compared(figures):
        years.setdefault((row["collection_year"], row["measure_code"]), []).append(row)
    rows = [
        [
            year,
            words(measure),
            counted(len(members)),
            counted(equal := sum(bool(row["is_equal_within_rounding"]) for row in members)),
            percent(equal / len(members)),
        ]
        for (year, measure), members in years.items()
    ]
    headings = ["Collection year", "Measure", "#Compared", "#Equal but for rounding", "#Share"]
    table = Table("Figures of authorities", headings, rows)
    return Section("authorities", "Authority by authority", tables=(table,))


def _reasons(figures: Figures) -> Section:
    reasons = Counter(
        row["reason_code"] for row in _compared(figures) if not row["is_equal_within_rounding"]
    )
    rows = [[words(reason), counted(count)] for reason, count in reasons.most_common()]
    table = Table("Figures of authorities that differ, by reason", ["Reason", "#Figures"], rows)
    return Section("reasons", "Why they differ", tables=(table,))


def _differences(contents: Contents) -> Section:
    figures = contents.statistics.reconciliation
    found = [
        row
        for row in _compared(figures)
        if not row["is_equal_within_rounding"] and row["statistic_code"] == "count"
    ]
    found.sort(key=lambda row: -abs(row["difference"]))
    rows = [
        [
            contents.supplier_link(row["area_code"]),
            row["collection_year"],
            words(row["measure_code"]),
            counted(row["published_figure"]),
            counted(row["register_figure"]),
            words(row["reason_code"]),
        ]
        for row in found[:DIFFERENCES_SHOWN]
    ]
    headings = [
        "Authority",
        "Collection year",
        "Measure",
        "#Published",
        "#The register",
        "Reason",
    ]
    text = f"The {len(rows)} largest of {len(found):,} counts that differ."
    table = Table("Largest differences", headings, rows, is_folded=len(rows) > 20)
    return Section("differences", "Largest differences", (text,), tables=(table,))
