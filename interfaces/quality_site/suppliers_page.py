"""The pages of suppliers: punctuality, completeness, broken rules, agreement, and earlier months.

Each figure is compared with the nation, with similar suppliers, or with the supplier's own past.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from expectations import Published, Result, index_overall_results
from interfaces.quality_site.areas import BOTH_SHARE, area_path
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.delivery_page import rule_path
from interfaces.quality_site.figures import (
    EXPECTED_OF_BOTH,
    MIN_RANKED_ABSENCES,
    STATUS_COUNTS,
    Figures,
    FiguresByCode,
    Row,
    Source,
    read_counts,
    read_figures,
)
from interfaces.quality_site.sections import (
    Cell,
    Chart,
    Headline,
    Page,
    PageLink,
    Section,
    Table,
    build_table,
    code_to_label,
    format_count,
    format_number,
    format_percent,
    format_share_with_interval,
)
from interfaces.quality_site.site_charts import Month, draw_months
from interfaces.quality_site.source_lines import rows_path

INDEX = "suppliers/index.html"
DRAWN_MONTHS = 60
TYPES = {
    "police": ("Police force", "Police forces"),
    "authority": ("Local authority", "Local authorities"),
    "publisher": ("Publisher of statistics", "Publishers of statistics"),
    "unknown": ("Not in the list of suppliers", "Not in the list of suppliers"),
}
AREA_COLUMNS = ("police_force_code", "authority_code_dfe")
# For each supplier: the number of its persons, and of those whose child the other source also
# reported.
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


@dataclass(frozen=True)
class Card:
    """Figures about one supplier: its deliveries, rules broken, and the share known to both."""

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
    def type_name(self) -> str:
        """Return the kind of supplier in words."""
        return TYPES[self.kind][0] if self.kind in TYPES else self.kind

    @property
    def headline(self) -> list[Headline]:
        """Return the large figures at the top of the supplier's page."""
        both = Headline(
            "Known to both",
            format_percent(self.both_share),
            "of absences that should be known to both",
        )
        return [*self.delivered_headline, both]

    @property
    def delivered_headline(self) -> list[Headline]:
        """Return the large figures about deliveries."""
        return [
            Headline(
                "Periods delivered", format_count(self.delivered), f"of {self.expected} expected"
            ),
            Headline("Late", format_count(self.late), "periods"),
            Headline("Rejected", format_count(self.rejected), "deliveries"),
            Headline(
                "Rows quarantined", format_percent(self.quarantined_share), "of rows received"
            ),
        ]


class SupplierFigures:
    """The figures of all suppliers' pages, read once."""

    def __init__(self, contents: Contents) -> None:
        published = contents.published
        self.coverage = FiguresByCode(contents.coverage)
        self.deliveries = FiguresByCode(contents.deliveries)
        self.completeness = FiguresByCode(_read_completeness(published))
        self.breaches = FiguresByCode(
            _read_breaches(published, contents.read_code_titles("dim_rules"))
        )
        self.by_column = {
            column: FiguresByCode(
                read_counts(published, EXPECTED_OF_BOTH, STATUS_COUNTS, column, "collection_year"),
                column,
            )
            for column in AREA_COLUMNS
        }
        self.areas = FiguresByCode(contents.agreement_by_area, "area_code")
        self.ranks = _rank_areas(contents.agreement_by_area.rows)
        self.links = FiguresByCode(_read_links(published), "issuer_code")
        self.trends = FiguresByCode(_read_trends(published))
        self.breaks = FiguresByCode(contents.recording_breaks)
        self.results: dict[str, list[Result]] = defaultdict(list)
        for result in contents.results:
            if not result.is_overall and result.scope_kind in {"supplier", "authority"}:
                self.results[result.scope.rsplit(" ", 1)[-1]].append(result)

        self.cards = {
            supplier["supplier_code"]: _count_deliveries(supplier, self)
            for supplier in contents.suppliers
        }

    def read_agreement(self, code: str) -> list[Row]:
        """Return agreement by year: in a force's area, or for the children of an authority."""
        forces, authorities = (self.by_column[column].rows_of(code) for column in AREA_COLUMNS)
        return forces or authorities


def _read_completeness(published: Published) -> Figures:
    """Return how completely each supplier fills each field, and the median of all suppliers."""
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
    # Two feeds of a supplier may fill the same field differently, so keep a share for each.
    shares: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in figures.rows:
        if row["share"] is not None:
            shares[_field_key(row)].append(row["share"])
    medians = {field: median(values) for field, values in shares.items()}
    rows = [{**row, "peers": medians.get(_field_key(row))} for row in figures.rows]
    return replace(figures, rows=rows)


def _field_key(row: Row) -> tuple[str, ...]:
    return row["feed"], row["table_name"], row["field_name"]


def _read_breaches(published: Published, titles: dict[str, str]) -> Figures:
    """Count rule breaches by supplier and rule, with the meaning of each rule."""
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
    """Count the persons of each supplier, and how many are linked to the other source."""
    source = Source("register.bridge_child_sources", trace="child_id_register")
    return read_counts(published, source, LINKED_COUNTS, "issuer_code")


def _read_trends(published: Published) -> Figures:
    """Return monthly counts of reports by supplier and feed, with the level of recording."""
    return read_figures(
        published,
        Source("agreement.agg_trends_by_supplier_month", "category_code = 'every'"),
        "*, strftime(start_month, '%Y-%m') as month",
        "order by supplier_code, feed, start_month",
    )


def _rank_areas(areas: list[Row]) -> dict[str, tuple[int, int]]:
    """Return each authority's and force's rank by agreement, and the number of ranked areas.

    The area with the most agreement has rank 1. Areas with few absences have no rank.
    """
    ranks = {}
    for level in ("authority", "police_force"):
        ranked = [
            row
            for row in areas
            if row["area_level_code"] == level and row["both_expected_count"] >= MIN_RANKED_ABSENCES
        ]
        ranked.sort(key=lambda row: -row[BOTH_SHARE])
        for place, row in enumerate(ranked, start=1):
            ranks[row["area_code"]] = (place, len(ranked))
    return ranks


def build_suppliers_pages(contents: Contents, figures: SupplierFigures) -> list[Page]:
    """Build the page that lists all suppliers, then a page for each supplier."""
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
            EXPECTED_OF_BOTH,
        ],
    }
    index = Page(INDEX, "suppliers.html", "Suppliers", INDEX, content)
    return [index, *(_build_page(contents, figures, card) for card in cards)]


def _count_deliveries(supplier: Row, figures: SupplierFigures) -> Card:
    """Count what one supplier delivered."""
    code = supplier["supplier_code"]
    coverage = figures.coverage.rows_of(code)
    deliveries = figures.deliveries.rows_of(code)
    agreement = figures.read_agreement(code)
    received = _sum_column(deliveries, "received_row_count")
    total = _sum_column(agreement, "total_count")
    return Card(
        code=code,
        name=supplier["supplier_name"],
        kind=supplier["supplier_type"],
        expected=len(coverage),
        delivered=sum(bool(row["is_delivered"]) for row in coverage),
        late=sum(bool(row["is_late"]) for row in coverage),
        rejected=sum(row["outcome"] == "rejected" for row in deliveries),
        quarantined_share=_sum_column(deliveries, "quarantined_row_count") / received
        if received
        else None,
        breaches=_sum_column(figures.breaches.rows_of(code), "breach_count"),
        both_share=_sum_column(agreement, "both_count") / total if total else None,
    )


def _sum_column(rows: list[Row], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def _build_page(contents: Contents, figures: SupplierFigures, card: Card) -> Page:
    code = card.code
    sections = [
        _build_peers_section(figures, code),
        _build_months_section(figures, code),
        _build_rows_section(contents, code),
    ]
    content: dict[str, Any] = {
        "card": card,
        "headline": card.headline,
        "judged": _list_results(contents, figures.results.get(code, [])),
        "coverage": figures.coverage.figures_of(code),
        "deliveries": figures.deliveries.figures_of(code),
        "completeness": figures.completeness.figures_of(code),
        "breaches": figures.breaches.figures_of(code),
        "rule_path": rule_path,
        "area": PageLink(card.name, area_path(code)) if code in contents.areas.levels else None,
        "sections": [section for section in sections if section is not None],
    }
    return Page(f"suppliers/{code}.html", "supplier.html", card.name, INDEX, content)


def _list_results(contents: Contents, results: list[Result]) -> list[dict[str, Any]]:
    """List the checks of one supplier, each beside the result for the nation."""
    nation = index_overall_results(contents.results)
    return [
        {
            "result": result,
            "feed": result.scope.split(" ")[0] if " " in result.scope else "",
            "nation": nation[result.expectation].observed_text,
        }
        for result in results
    ]


def _build_peers_section(figures: SupplierFigures, code: str) -> Section | None:
    """Show agreement and links of one supplier, with its rank among suppliers of its kind."""
    rows: list[list[Cell]] = []
    sources = []
    for area in figures.areas.rows_of(code):
        place, count = figures.ranks.get(code, (0, 0))
        rank = f"{place} of {count}, the most agreement first" if place else "too few to rank"
        both = format_share_with_interval(area, BOTH_SHARE)
        equal = format_share_with_interval(area, "category_equal_share")
        rows += [
            [f"Known to both in {area['collection_year']}", both, rank],
            ["Same category, if both sources recorded the absence", equal, ""],
            ["Category beyond chance (AC1)", format_number(area["category_ac1"]), ""],
        ]
        sources.append(figures.areas.figures_of(code).source)
    for link in figures.links.rows_of(code):
        share = format_percent(link["linked_count"] / link["person_count"])
        persons = f"of {format_count(link['person_count'])}"
        rows.append(["Persons linked to a record of the other source", share, persons])
        sources.append(figures.links.figures_of(code).source)
    if not rows:
        return None
    headings = ["Measure", "#This supplier", "Compared with its peers"]
    table = Table("Agreement and links of this supplier, compared with its peers", headings, rows)
    return Section("peers", "Compared with its peers", tables=(table,), sources=sources)


def _build_months_section(figures: SupplierFigures, code: str) -> Section | None:
    """Show the monthly reports of one feed, and the months from which counts change.

    The return is shown only if there is no other feed.
    """
    trends = figures.trends.figures_of(code)
    if not trends.rows:
        return None
    feeds = {row["feed"] for row in trends.rows}
    feed = min(feeds, key=lambda name: (name == "authority_return", name))
    months = [row for row in trends.rows if row["feed"] == feed][-DRAWN_MONTHS:]
    values = [Month(row["month"], row["report_count"], bool(row["is_break"])) for row in months]
    drawn = draw_months(values, "Reports a month", 190, "a new level begins")
    tables = [build_table("suppliers.months", months[::-1], is_folded=True)]
    breaks = [
        {**row, "announced": _describe_announcement(row)}
        for row in figures.breaks.rows_of(code)
        if row["feed"] == feed
    ]
    if breaks:
        tables.insert(0, build_table("suppliers.breaks", breaks))
    text = (
        f"Counts of one feed: {code_to_label(feed)}. A dashed line marks a month from which the "
        "supplier records clearly more or fewer absences."
    )
    chart = Chart("Reports of absences that began in each month", drawn)
    return Section("trend", "Earlier months", (text,), (chart,), tables, (trends.source,))


def _describe_announcement(row: Row) -> str:
    """Describe how a change in recording was announced, or say that it was not."""
    if row["change_code"]:
        return f"By the supplier: {code_to_label(row['change_code'])}"
    return "Yes" if row["is_announced"] else "No: ask the supplier"


def _build_rows_section(contents: Contents, code: str) -> Section | None:
    """Link to the rows behind the area's figures."""
    if code not in contents.area_rows:
        return None
    text = "Every absence of the last year, with the delivery, file and line of every report."
    link = PageLink("Rows behind the figures", rows_path(code))
    return Section("lines", "From figure to file", (text,), links=(link,))
