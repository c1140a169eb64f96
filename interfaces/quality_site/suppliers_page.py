"""The pages of suppliers: punctuality, completeness, rules broken, agreement, and its own past.

Each figure is shown with the nation's, the peers' or the supplier's own earlier ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from expectations import Published, Result, index_overall_results
from interfaces.quality_site.areas import area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.delivery_page import rule_path
from interfaces.quality_site.figures import (
    JUDGED,
    LEAST_EPISODES,
    STATUS_COUNTS,
    Figures,
    FiguresBySupplier,
    Row,
    Source,
    read_counts,
    read_figures,
)
from interfaces.quality_site.sections import (
    Cell,
    Chart,
    Columns,
    Headline,
    Page,
    Section,
    Table,
    To,
    count_of,
    counted,
    interval,
    number,
    number_of,
    percent,
    table_of,
    text_of,
    words,
    words_of,
)
from interfaces.quality_site.site_charts import Month, months_chart
from interfaces.quality_site.source_lines import rows_path

INDEX = "suppliers/index.html"
SHARE = "both_when_expected_share"
MONTHS_SHOWN = 60
TYPES = {
    "police": ("Police force", "Police forces"),
    "authority": ("Local authority", "Local authorities"),
    "publisher": ("Publisher of statistics", "Publishers of statistics"),
    "unknown": ("Not in the list of suppliers", "Not in the list of suppliers"),
}
AREA_COLUMNS = ("police_force_code", "authority_code_dfe")
# Persons of each supplier, and those of them whose child the other source reported too.
LINKED_COUNTS = """
    count(*) as person_count,
    count(*) filter (
        where child_id_register in (
            select child_id_register
            from register.bridge_child_sources
            group by child_id_register
            having count(distinct source) > 1
        )
    ) as linked_count
"""
MONTHS: Columns = {
    "Month": text_of("month"),
    "#Reports": count_of("report_count"),
    "#Mean of the stretch": number_of("segment_month_mean", 1),
}


@dataclass(frozen=True)
class Card:
    """What is counted for one supplier."""

    code: str
    name: str
    kind: str
    expected: int
    delivered: int
    late: int
    rejected: int
    quarantined_share: float | None
    breaches: int
    both_share: float | None

    @property
    def type_words(self) -> str:
        """What kind of supplier it is."""
        return TYPES[self.kind][0] if self.kind in TYPES else self.kind

    @property
    def headline(self) -> list[Headline]:
        """The figures at the head of the supplier's page."""
        both = Headline("Known to both", percent(self.both_share), "of absences both should know")
        return [*self.delivered_headline, both]

    @property
    def delivered_headline(self) -> list[Headline]:
        """What was delivered, in a figure each."""
        return [
            Headline("Periods delivered", counted(self.delivered), f"of {self.expected} expected"),
            Headline("Late", counted(self.late), "periods"),
            Headline("Rejected", counted(self.rejected), "deliveries"),
            Headline("Rows quarantined", percent(self.quarantined_share), "of rows received"),
        ]


class SupplierFigures:
    """Everything that the pages of suppliers show, read once."""

    def __init__(self, contents: Contents) -> None:
        published = contents.published
        self.coverage = FiguresBySupplier(contents.coverage)
        self.deliveries = FiguresBySupplier(contents.deliveries)
        self.completeness = FiguresBySupplier(_read_completeness(published))
        self.breaches = FiguresBySupplier(_read_breaches(published, contents.titles("dim_rules")))
        self.by_column = {
            column: FiguresBySupplier(
                read_counts(published, JUDGED, STATUS_COUNTS, column, "collection_year"), column
            )
            for column in AREA_COLUMNS
        }
        self.areas = FiguresBySupplier(contents.agreement_by_area, "area_code")
        self.ranks = _ranks(contents.agreement_by_area.rows)
        self.links = FiguresBySupplier(_read_links(published), "issuer_code")
        self.trends = FiguresBySupplier(_read_trends(published))
        self.breaks = FiguresBySupplier(contents.recording_breaks)
        self.results: dict[str, list[Result]] = defaultdict(list)
        for result in contents.results:
            if not result.is_overall and result.scope_kind in {"supplier", "authority"}:
                self.results[result.scope.rsplit(" ", 1)[-1]].append(result)

        self.cards = {
            supplier["supplier_code"]: _card(supplier, self) for supplier in contents.suppliers
        }

    def agreement(self, code: str) -> list[Row]:
        """Agreement by year in a force's area, or of an authority's children."""
        forces, authorities = (self.by_column[column].rows(code) for column in AREA_COLUMNS)
        return forces or authorities


def _read_completeness(published: Published) -> Figures:
    """How far each supplier fills each field of its feed, with the median of all suppliers."""
    figures = read_figures(
        published,
        Source("quality.agg_completeness_by_supplier"),
        """
        supplier_code, feed, table_name, field_name,
        row_count, valid_count, other_count, default_count, invalid_count, missing_count,
        (valid_count + other_count) / nullif(row_count, 0) as share
        """,
        "order by supplier_code, feed, table_name, field_name",
    )
    # The same field of two feeds is filled differently.
    shares: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in figures.rows:
        if row["share"] is not None:
            shares[_field(row)].append(row["share"])
    peers = {field: median(found) for field, found in shares.items()}
    return replace(figures, rows=[{**row, "peers": peers.get(_field(row))} for row in figures.rows])


def _field(row: Row) -> tuple[str, ...]:
    return row["feed"], row["table_name"], row["field_name"]


def _read_breaches(published: Published, titles: dict[str, str]) -> Figures:
    """Rules broken, by supplier and rule, with what each rule means."""
    figures = read_counts(
        published,
        Source("register.fct_rule_breaches", trace="rule_breach_id"),
        "count(*) as breach_count",
        *("supplier_code", "feed", "rule_code"),
        order="supplier_code, breach_count desc, rule_code",
    )
    rows = [{**row, "title": titles.get(row["rule_code"], "")} for row in figures.rows]
    return replace(figures, rows=rows)


def _read_links(published: Published) -> Figures:
    """Persons of each supplier, and those linked to the other source."""
    source = Source("register.bridge_child_sources", trace="child_id_register")
    return read_counts(published, source, LINKED_COUNTS, "issuer_code")


def _read_trends(published: Published) -> Figures:
    """Reports of each supplier and feed by month, with the level of recording."""
    return read_figures(
        published,
        Source("agreement.agg_trends_by_supplier_month", "category_code = 'every'"),
        "*, strftime(start_month, '%Y-%m') as month",
        "order by supplier_code, feed, start_month",
    )


def _ranks(areas: list[Row]) -> dict[str, tuple[int, int]]:
    """The place of each authority and force by agreement, of how many; few absences have none."""
    ranks = {}
    for level in ("authority", "police_force"):
        ranked = [
            row
            for row in areas
            if row["area_level_code"] == level and row["both_expected_count"] >= LEAST_EPISODES
        ]
        ranked.sort(key=lambda row: -row[SHARE])
        for place, row in enumerate(ranked, start=1):
            ranks[row["area_code"]] = (place, len(ranked))
    return ranks


def suppliers_pages(contents: Contents, figures: SupplierFigures) -> list[Page]:
    """The list of suppliers, then a page for each."""
    cards = list(figures.cards.values())
    groups = [
        {"kind": kind, "title": title, "cards": [card for card in cards if card.kind == kind]}
        for kind, (_, title) in TYPES.items()
    ]
    content = {
        "groups": [group for group in groups if group["cards"]],
        "sources": [
            contents.coverage.source,
            contents.deliveries.source,
            figures.breaches.source,
            JUDGED,
        ],
    }
    index = Page(INDEX, "suppliers.html", "Suppliers", INDEX, content)
    return [index, *(_supplier_page(contents, figures, card) for card in cards)]


def _card(supplier: Row, figures: SupplierFigures) -> Card:
    """Count what one supplier delivered."""
    code = supplier["supplier_code"]
    coverage = figures.coverage.rows(code)
    deliveries = figures.deliveries.rows(code)
    agreement = figures.agreement(code)
    received = _total(deliveries, "received_row_count")
    total = _total(agreement, "total_count")
    return Card(
        code=code,
        name=supplier["supplier_name"],
        kind=supplier["supplier_type"],
        expected=len(coverage),
        delivered=sum(bool(row["is_delivered"]) for row in coverage),
        late=sum(bool(row["is_late"]) for row in coverage),
        rejected=sum(row["outcome"] == "rejected" for row in deliveries),
        quarantined_share=_total(deliveries, "quarantined_row_count") / received
        if received
        else None,
        breaches=_total(figures.breaches.rows(code), "breach_count"),
        both_share=_total(agreement, "both_count") / total if total else None,
    )


def _total(rows: list[Row], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def _supplier_page(contents: Contents, figures: SupplierFigures, card: Card) -> Page:
    code = card.code
    sections = [
        _peers(figures, code),
        _own_past(figures, code),
        _lines(contents, code),
    ]
    content: dict[str, Any] = {
        "card": card,
        "headline": card.headline,
        "judged": _judged(contents, figures.results.get(code, [])),
        "coverage": figures.coverage.of(code),
        "deliveries": figures.deliveries.of(code),
        "completeness": figures.completeness.of(code),
        "breaches": figures.breaches.of(code),
        "rule_path": rule_path,
        "area": To(card.name, area_path(code)) if code in contents.areas.levels else None,
        "sections": [section for section in sections if section is not None],
    }
    return Page(f"suppliers/{code}.html", "supplier.html", card.name, INDEX, content)


def _judged(contents: Contents, results: list[Result]) -> list[dict[str, Any]]:
    """What was judged for one supplier, with the result of the nation."""
    nation = index_overall_results(contents.results)
    return [
        {
            "result": result,
            "feed": result.scope.split(" ")[0] if " " in result.scope else "",
            "nation": nation[result.expectation].observed_text,
        }
        for result in results
    ]


def _peers(figures: SupplierFigures, code: str) -> Section | None:
    """Agreement and links of one supplier, with its rank among its peers."""
    rows: list[list[Cell]] = []
    sources = []
    for area in figures.areas.rows(code):
        place, count = figures.ranks.get(code, (0, 0))
        rank = f"{place} of {count}, the most agreement first" if place else "too few to rank"
        rows.append([f"Known to both in {area['collection_year']}", interval(area, SHARE), rank])
        rows.append(
            ["Same category, where both recorded it", interval(area, "category_equal_share"), ""]
        )
        rows.append(["Category beyond chance (AC1)", number(area["category_ac1"]), ""])
        sources.append(figures.areas.of(code).source)
    for link in figures.links.rows(code):
        share = percent(link["linked_count"] / link["person_count"])
        persons = f"of {counted(link['person_count'])}"
        rows.append(["Persons linked to the other source", share, persons])
        sources.append(figures.links.of(code).source)
    if not rows:
        return None
    headings = ["Measure", "#This supplier", "Beside its peers"]
    table = Table("Agreement and links beside peers", headings, rows)
    return Section("peers", "Beside its peers", tables=(table,), sources=sources)


def _own_past(figures: SupplierFigures, code: str) -> Section | None:
    """Reports by month with the breaks in recording: of the return only if it is the one feed."""
    trends = figures.trends.of(code)
    if not trends.rows:
        return None
    feeds = {row["feed"] for row in trends.rows}
    feed = min(feeds, key=lambda name: (name == "authority_return", name))
    months = [row for row in trends.rows if row["feed"] == feed][-MONTHS_SHOWN:]
    values = [Month(row["month"], row["report_count"], bool(row["is_break"])) for row in months]
    drawn = months_chart(values, "Reports a month", 190, "a new level begins")
    tables = [table_of("Reports by month, newest first", MONTHS, months[::-1], is_folded=True)]
    breaks = [row for row in figures.breaks.rows(code) if row["feed"] == feed]
    if breaks:
        tables.insert(0, table_of("Breaks in recording", BREAKS, breaks))
    text = f"{words(feed)}. Broken lines mark months with which a new level of recording begins."
    chart = Chart("Reports that start in each month", drawn)
    return Section("trend", "Its own past", (text,), (chart,), tables, (trends.source,))


def _announced(row: Row) -> str:
    """By whom a break is announced: a change of definitions, or the supplier."""
    if row["change_code"]:
        return f"By the supplier: {words(row['change_code'])}"
    return "Yes" if row["is_announced"] else "No: a question to the supplier"


BREAKS: Columns = {
    "From": text_of("month"),
    "Category": words_of("category_code"),
    "Announced": _announced,
    "#A month before": number_of("month_mean_before", 1),
    "#After": number_of("month_mean_after", 1),
}


def _lines(contents: Contents, code: str) -> Section | None:
    """The link to the rows behind the area's figures."""
    if code not in contents.area_rows:
        return None
    text = "Every absence of the last year, with the delivery, file and line of every report."
    link = To("Rows behind the figures", rows_path(code))
    return Section("lines", "From figure to file", (text,), links=(link,))
