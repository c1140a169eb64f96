"""The page of reconciliation, which compares the register's counts with the department's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Figures, Row, Source, read_figures
from interfaces.quality_site.sections import (
    Page,
    Section,
    build_section,
    build_sections_page,
    build_table,
    format_count,
    format_number,
)

SHOWN_DIFFERENCES = 100
# A table is folded if it has more rows than this.
UNFOLDED_ROWS = 20


def build_reconciliation_page(contents: Contents) -> Page:
    """Build the page of differences from the department's counts, each with its reason."""
    figures = read_figures(
        contents.published,
        Source("agreement.agg_reconciliation_by_area_year", "published_figure is not null"),
        ending="order by collection_year desc, area_level_code, area_code, measure_code",
    )
    if figures.rows:
        compared = [
            row
            for row in figures.rows
            if row["area_level_code"] == "authority" and row["is_equal_within_rounding"] is not None
        ]
        different = [row for row in compared if not row["is_equal_within_rounding"]]
        sections = [
            _build_nation_section(figures),
            _build_summary_section(compared),
            _build_reasons_section(different),
            _build_differences_section(contents, different),
        ]
    else:
        empty = build_section("reconciliation.nation", figures)
        sections = [replace(empty, anchor="reconciliation", title="Reconciliation")]
    sections.append(_build_characteristics_section(contents))
    lead = (
        "The department publishes counts of looked-after children who went missing. The "
        "register counts the same children by the department's rules, and gives the reason "
        "if the two counts differ."
    )
    return build_sections_page("reconciliation.html", "Reconciliation", lead, sections)


def _add_figure_texts(row: Row) -> Row:
    """Add two figures and their difference as text: counts, or rates with 1 decimal."""

    def format_figure(value: float | None) -> str:
        if row["statistic_code"] == "count":
            return format_count(value)
        return format_number(value, 1)

    return {
        **row,
        "published": row.get("published_symbol_code") or format_figure(row["published_figure"]),
        "register": format_figure(row["register_figure"]),
        "difference_text": format_figure(row["difference"]),
    }


def _build_nation_section(figures: Figures) -> Section:
    rows = []
    for row in figures.rows:
        if row["area_level_code"] == "nation":
            complete, known = (
                format_count(row[column]) for column in ("full_year_count", "authority_count")
            )
            rows.append({**_add_figure_texts(row), "delivered_whole": f"{complete} of {known}"})
    tables = [build_table("reconciliation.nation", rows)]
    return build_section("reconciliation.nation", figures, tables=tables)


def _build_characteristics_section(contents: Contents) -> Section:
    """Show England by characteristic, in the latest year with published and own figures."""
    figures = read_figures(
        contents.published,
        Source(
            "agreement.agg_reconciliation_by_characteristic_year",
            "characteristic_code not in ('every', 'ethnicity')",
        ),
        ending="order by collection_year desc, category_code desc, characteristic_code,"
        " value_code = 'every', value_code",
    )
    known = [row for row in figures.rows if row["register_figure"] is not None] or figures.rows
    rows = [
        _add_figure_texts(row)
        for row in figures.rows
        if row["collection_year"] == known[0]["collection_year"]
    ]
    return build_section(
        "reconciliation.characteristics",
        replace(figures, rows=rows),
        is_folded=len(rows) > UNFOLDED_ROWS,
    )


def _build_summary_section(compared: list[Row]) -> Section:
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
        }
        for (year, measure), equal in years.items()
    ]
    table = build_table("reconciliation.authorities", rows)
    return Section("authorities", "Authority by authority", tables=(table,))


def _build_reasons_section(different: list[Row]) -> Section:
    reasons = Counter(row["reason_code"] for row in different)
    rows = [
        {"reason_code": reason, "figure_count": count} for reason, count in reasons.most_common()
    ]
    table = build_table("reconciliation.reasons", rows)
    return Section("reasons", "Why they differ", tables=(table,))


def _build_differences_section(contents: Contents, different: list[Row]) -> Section:
    counts = [row for row in different if row["statistic_code"] == "count"]
    counts.sort(key=lambda row: -abs(row["difference"]))
    rows = [
        {**row, "link": contents.link_supplier(row["area_code"])}
        for row in counts[:SHOWN_DIFFERENCES]
    ]
    text = f"All {len(rows)} counts that differ, the largest difference first."
    if len(rows) < len(counts):
        text = (
            f"Of {len(counts):,} counts that differ, the {len(rows)} with the largest difference."
        )
    table = build_table("reconciliation.differences", rows, len(rows) > UNFOLDED_ROWS)
    return Section("differences", "Largest differences", (text,), tables=(table,))
