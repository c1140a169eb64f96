"""The page of reconciliation: the register's own count and the department's published one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Figures, Row, Source, read_figures
from interfaces.quality_site.sections import (
    NOTHING,
    Columns,
    Page,
    Section,
    absent,
    count_of,
    counted,
    number,
    sections_page,
    share_of,
    table_of,
    text_of,
    words_of,
)

DIFFERENCES_SHOWN = 100
FOLDED_FROM = 20


def reconciliation_page(contents: Contents) -> Page:
    """Does the register count what was published, and if not, why."""
    figures = read_figures(
        contents.published,
        Source("agreement.agg_reconciliation_by_area_year", "published_figure is not null"),
        ending="order by collection_year desc, area_level_code, area_code, measure_code",
    )
    # Figures of authorities that can be compared.
    compared = [
        row
        for row in figures.rows
        if row["area_level_code"] == "authority" and row["is_equal_within_rounding"] is not None
    ]
    if not figures.rows:
        sections = [absent("reconciliation", "Reconciliation", figures)]
    else:
        different = [row for row in compared if not row["is_equal_within_rounding"]]
        sections = [
            _nation(figures),
            _summary(compared),
            _reasons(different),
            _differences(contents, different),
        ]
    sections.append(_characteristics(contents))
    lead = (
        "The department publishes counts of looked-after children who went missing. The register "
        "counts the same by the department's rules, and says why where the two differ."
    )
    return sections_page("reconciliation.html", "Reconciliation", lead, sections)


def _figure(row: Row, value: float | None) -> str:
    if value is None:
        return NOTHING
    return counted(value) if row["statistic_code"] == "count" else number(value, 1)


def _figure_of(column: str) -> Callable[[Row], str]:
    """A cell that shows a count or a rate."""
    return lambda row: _figure(row, row[column])


NATION: Columns = {
    "Collection year": text_of("collection_year"),
    "Measure": words_of("measure_code"),
    "#Published": _figure_of("published_figure"),
    "#The register": _figure_of("register_figure"),
    "#Difference": _figure_of("difference"),
    "#Authorities delivered whole": lambda row: (
        f"{counted(row['full_year_count'])} of {counted(row['authority_count'])}"
    ),
    "Reason": words_of("reason_code"),
}
CHARACTERISTICS: Columns = {
    "Measure": words_of("measure_code"),
    "Characteristic": words_of("characteristic_code"),
    "Value": words_of("value_code"),
    "#Published": lambda row: row["published_symbol_code"] or _figure(row, row["published_figure"]),
    "#The register": _figure_of("register_figure"),
    "#Difference": _figure_of("difference"),
    "Reason": words_of("reason_code"),
}
SUMMARY: Columns = {
    "Collection year": text_of("collection_year"),
    "Measure": words_of("measure_code"),
    "#Compared": count_of("compared_count"),
    "#Equal but for rounding": count_of("equal_count"),
    "#Share": share_of("equal_share"),
}
REASONS: Columns = {"Reason": words_of("reason_code"), "#Figures": count_of("figure_count")}


def _nation(figures: Figures) -> Section:
    rows = [row for row in figures.rows if row["area_level_code"] == "nation"]
    table = table_of("England, published and counted", NATION, rows)
    return Section("nation", "England", tables=(table,), sources=(figures.source,))


def _characteristics(contents: Contents) -> Section:
    """England by characteristic, in the last year of which both have figures."""
    figures = read_figures(
        contents.published,
        Source(
            "agreement.agg_reconciliation_by_characteristic_year",
            "characteristic_code not in ('every', 'ethnicity')",
        ),
        ending="order by collection_year desc, category_code desc, characteristic_code,"
        " value_code = 'every', value_code",
    )
    title = "England by characteristic"
    if not figures.rows:
        return absent("characteristics", title, figures)
    known = [row for row in figures.rows if row["register_figure"] is not None] or figures.rows
    year = known[0]["collection_year"]
    rows = [row for row in figures.rows if row["collection_year"] == year]
    text = f"Figures of {year}; symbols as published. Every value without a reason agrees."
    table = table_of(
        f"England by characteristic in {year}", CHARACTERISTICS, rows, len(rows) > FOLDED_FROM
    )
    return Section("characteristics", title, (text,), tables=(table,), sources=(figures.source,))


def _summary(compared: list[Row]) -> Section:
    years: dict[tuple[str, str], list[bool]] = {}
    for row in compared:
        key = (row["collection_year"], row["measure_code"])
        years.setdefault(key, []).append(bool(row["is_equal_within_rounding"]))
    rows = [
        {
            "collection_year": year,
            "measure_code": measure,
            "compared_count": len(equal),
            "equal_count": sum(equal),
            "equal_share": sum(equal) / len(equal),
        }
        for (year, measure), equal in years.items()
    ]
    table = table_of("Figures of authorities", SUMMARY, rows)
    return Section("authorities", "Authority by authority", tables=(table,))


def _reasons(different: list[Row]) -> Section:
    reasons = Counter(row["reason_code"] for row in different)
    rows = [
        {"reason_code": reason, "figure_count": count} for reason, count in reasons.most_common()
    ]
    table = table_of("Figures of authorities that differ, by reason", REASONS, rows)
    return Section("reasons", "Why they differ", tables=(table,))


def _differences(contents: Contents, different: list[Row]) -> Section:
    found = [row for row in different if row["statistic_code"] == "count"]
    found.sort(key=lambda row: -abs(row["difference"]))
    rows = found[:DIFFERENCES_SHOWN]
    columns: Columns = {
        "Authority": lambda row: contents.supplier_link(row["area_code"]),
        "Collection year": text_of("collection_year"),
        "Measure": words_of("measure_code"),
        "#Published": count_of("published_figure"),
        "#The register": count_of("register_figure"),
        "Reason": words_of("reason_code"),
    }
    text = f"The {len(rows)} largest of {len(found):,} counts that differ."
    table = table_of("Largest differences", columns, rows, len(rows) > FOLDED_FROM)
    return Section("differences", "Largest differences", (text,), tables=(table,))
