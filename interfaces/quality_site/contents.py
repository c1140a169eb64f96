"""Data of one generation that several pages show: results, names, code lists and figures.

Everything is read only once, when a page first needs it. Data for a single page are read by that
page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from expectations import Published, Result, list_measured_generations, read_results
from interfaces.quality_site.areas import AreaFigures, area_path
from interfaces.quality_site.figures import (
    EXPECTED_OF_BOTH,
    STATUS_COUNTS,
    Figures,
    FiguresByCode,
    Row,
    Source,
    read_counts,
    read_figures,
    read_nation,
)
from interfaces.quality_site.sections import Cell, PageLink
from interfaces.quality_site.source_lines import AreaRows, read_area_rows, rows_path
from register.audit import LATEST_YEAR
from register.delivery_gaps import DeliveryGaps, find_delivery_gaps
from register.settings import Settings

SHOWN_RUNS = 24
# Only this many deliveries, the newest, have their own page: about two years of England.
DELIVERY_PAGES = 3000
CODE_LISTS = {
    "dim_reasons": "Reasons for disagreement",
    "dim_rules": "Rules",
    "dim_categories": "Categories",
    "dim_risk_levels": "Risk levels",
    "dim_ethnicities": "Ethnicities",
    "dim_legal_statuses": "Legal statuses",
    "dim_placement_types": "Types of placement",
    "dim_placement_providers": "Providers of placements",
}
DELIVERIES = Source(
    "register.dim_deliveries",
    trace="delivery_id",
    relation="""
        register.dim_deliveries as deliveries
        left join quality.agg_rows_by_delivery as counted
            on deliveries.delivery_id = counted.delivery_id
    """,
)


@dataclass(frozen=True)
class Contents:
    """The data of one generation, open for reading, with the results of its checks."""

    settings: Settings
    published: Published
    results: list[Result]

    @cached_property
    def runs(self) -> dict[str, list[Result]]:
        """The results of the last measured generations, by generation id, oldest first."""
        names = list_measured_generations(self.settings)[-SHOWN_RUNS:]
        return {name: read_results(self.settings, name) for name in names}

    @cached_property
    def suppliers(self) -> list[Row]:
        """Every supplier, by type and name."""
        return self.published.read_records(
            """
            select supplier_code, supplier_name, supplier_type
            from register.dim_suppliers
            order by supplier_type desc, supplier_name, supplier_code
            """
        )

    @cached_property
    def supplier_codes(self) -> set[str]:
        """The codes of suppliers that have a page."""
        return {row["supplier_code"] for row in self.suppliers}

    @cached_property
    def gaps(self) -> DeliveryGaps:
        """What is delivered, and what to deliver next so that the sources can be compared."""
        return find_delivery_gaps(self.settings.seeds, self.delivery_details.values())

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of every supplier and region by its code."""
        regions = self.published.read_records(
            """
            select distinct region_code_ons, region_name
            from register.dim_authorities
            where region_code_ons is not null
            """
        )
        return {row["region_code_ons"]: row["region_name"] for row in regions} | {
            row["supplier_code"]: row["supplier_name"] for row in self.suppliers
        }

    def name_area(self, code: str) -> str:
        """Return an area's name, or its code if it has no name."""
        return self.names.get(code, code)

    def link_supplier(self, code: str) -> Cell:
        """Link a supplier's name to its page."""
        if code not in self.supplier_codes:
            return self.name_area(code)
        return PageLink(self.names[code], f"suppliers/{code}.html")

    @cached_property
    def areas(self) -> AreaFigures:
        """The figures of every area."""
        return AreaFigures(self.published, self.latest_year, self.names, self.settings.seeds)

    def link_area(self, code: str) -> Cell:
        """Link an area's name to its page, or to the supplier's page if the area has no page."""
        if code in self.areas.levels:
            return PageLink(self.areas.name_area(code), area_path(code))
        return self.link_supplier(code)

    @cached_property
    def code_lists(self) -> dict[str, Figures]:
        """The published code lists, with all their columns."""
        lists = {}
        for table in CODE_LISTS:
            codes = read_figures(self.published, Source(f"register.{table}"), ending="order by 1")
            if codes.is_published:
                codes.rows.sort(key=lambda row: row.get("sort_order") or 0)
                lists[table] = codes
        return lists

    def read_code_titles(self, table: str) -> dict[str, str]:
        """Return the title or name of each code in a code list (the codes are its first column)."""
        if table not in self.code_lists:
            return {}
        titles = {}
        for row in self.code_lists[table].rows:
            code, *others = row
            names = [name for name in others if name == "title" or name.endswith("_name")]
            titles[str(row[code])] = str(row[names[0]]) if names else ""
        return titles

    @cached_property
    def latest_year(self) -> str:
        """The last collection year that had ended when the latest delivery was received.

        If no year with absences had ended, or nobody delivered that year, it is the year in
        progress. An extract's old absences alone do not make a year that somebody delivered.
        """
        ended = Source(f"({LATEST_YEAR}) as latest (collection_year)")
        for row in read_figures(self.published, ended, "*").rows:
            if row["collection_year"] and self.read_delivering_suppliers(row["collection_year"]):
                return str(row["collection_year"])
        counted = Source("agreement.agg_measures_by_area_year")
        last = "max(collection_year) as collection_year"
        for row in read_figures(self.published, counted, last).rows:
            if row["collection_year"]:
                return str(row["collection_year"])
        return ""

    def read_delivering_suppliers(self, year: str) -> set[str]:
        """Return the codes of forces and authorities that delivered a period of a year."""
        first = int(year[:4])
        source = Source(
            "quality.agg_supplier_coverage_by_period",
            "is_delivered and feed <> 'published_statistics'"
            f" and period_end >= '{first}-04-01' and period_start < '{first + 1}-04-01'",
        )
        delivering = read_figures(self.published, source, "distinct supplier_code")
        return {row["supplier_code"] for row in delivering.rows}

    @cached_property
    def area_rows(self) -> AreaRows:
        """Rows behind figures of the latest year, by area (up to a limit), with lines of files."""
        return read_area_rows(self.published, self.latest_year)

    def add_rows_link(self, source: Source, key: str) -> Source:
        """Return a source with the path of the page of its rows, if the site has that page."""
        has_rows = bool(self.area_rows) if key == "nation" else key in self.area_rows
        return replace(source, rows_path=rows_path(key)) if has_rows else source

    @cached_property
    def breaches(self) -> FiguresByCode:
        """The lines that break a rule, by delivery, in the order of their files."""
        breaches = read_figures(
            self.published,
            Source("register.fct_rule_breaches", trace="rule_breach_id"),
            "*",
            "order by delivery_id, file_name, row_number, rule_code",
        )
        for row in breaches.rows:
            row.setdefault("column_name", "")
        return FiguresByCode(breaches, "delivery_id")

    @cached_property
    def rules(self) -> dict[str, Row]:
        """Every rule by its code, even broken rules that the list of rules lacks."""
        listed = self.code_lists["dim_rules"].rows if "dim_rules" in self.code_lists else []
        rules = {row["rule_code"]: row for row in listed}
        broken = {row["rule_code"] for row in (*self.breaches.all_rows, *self.deliveries.rows)}
        for code in sorted(code for code in broken if code and code not in rules):
            rules[code] = {"rule_code": code, "title": "", "outcome": None, "what_to_fix": ""}
        return {code: {"outcome": None, "what_to_fix": "", **row} for code, row in rules.items()}

    @cached_property
    def delivery_ids(self) -> set[str]:
        """The deliveries that have a page: only the newest, to bound the size of the site."""
        return {row["delivery_id"] for row in self.deliveries.rows[:DELIVERY_PAGES]}

    def link_delivery(self, delivery_id: str) -> Cell:
        """Link a delivery to its page, if it has one."""
        if delivery_id not in self.delivery_ids:
            return delivery_id
        return PageLink(delivery_id, f"deliveries/{delivery_id}.html")

    @cached_property
    def deliveries(self) -> Figures:
        """Every delivery with its outcome, the reason and counts of its rows, newest first."""
        deliveries = read_figures(
            self.published,
            DELIVERIES,
            """
            deliveries.delivery_id,
            deliveries.supplier_code,
            deliveries.feed,
            deliveries.period,
            deliveries.period_start,
            deliveries.period_end,
            strftime(deliveries.received_at, '%Y-%m-%d') as received_on,
            strftime(deliveries.received_at, '%Y-%m-%d %H:%M UTC') as received_at_text,
            deliveries.outcome,
            deliveries.status,
            coalesce(deliveries.reject_rule_code, deliveries.hold_rule_code) as rule_code,
            counted.received_row_count,
            counted.landed_row_count,
            counted.quarantined_row_count
            """,
            "order by deliveries.received_at desc, deliveries.delivery_id",
        )
        rules = self.read_code_titles("dim_rules")
        for row in deliveries.rows:
            code = row["rule_code"]
            row["reason"] = rules.get(code, code) if code else ""
        return replace(deliveries, source=replace(DELIVERIES, relation=""))

    @cached_property
    def delivery_details(self) -> dict[str, Row]:
        """The file format and content of each delivery by delivery id, as in the ledger."""
        details = read_figures(self.published, Source("register.dim_deliveries"))
        return {row["delivery_id"]: row for row in details.rows}

    @cached_property
    def coverage(self) -> Figures:
        """The periods that calendars expect, newest first, and whether each was delivered."""
        return read_figures(
            self.published,
            Source("quality.agg_supplier_coverage_by_period", "is_expected"),
            """
            supplier_code,
            feed,
            period,
            strftime(due_date, '%Y-%m-%d') as due_on,
            is_delivered,
            is_late
            """,
            "order by period desc, feed, supplier_code",
        )

    @cached_property
    def _delivered_years(self) -> dict[str, Row]:
        years = read_nation(
            self.published,
            "agg_measures_by_area_year",
            "population_code = 'every_child' and basis_code = 'register'",
            "collection_year",
        )
        return {row["collection_year"]: row for row in years.rows}

    def read_delivery_progress(self, year: str) -> Row:
        """Return a row about how much of a collection year each source has delivered nationally."""
        progress = self._delivered_years.get(year, {"is_year_delivered": False})
        columns = ("police_delivered_to_date", "authority_delivered_to_date", "is_year_delivered")
        return {"collection_year": year, **{column: progress.get(column) for column in columns}}

    @cached_property
    def agreement_by_year(self) -> Figures:
        """Absences that both sources should have recorded, by year and by the recording sources."""
        return read_counts(self.published, EXPECTED_OF_BOTH, STATUS_COUNTS, "collection_year")

    @cached_property
    def agreement_by_area(self) -> Figures:
        """Agreement by area for all children in the latest year, the lowest first."""
        year = f"collection_year = '{self.latest_year}'"
        source = Source(
            "agreement.agg_agreement_by_area_year",
            f"population_code = 'every_child' and {year} and both_expected_count > 0",
            counts=EXPECTED_OF_BOTH.narrow(year),
        )
        order = "area_level_code, both_when_expected_share, area_code"
        return read_figures(self.published, source, ending=f"order by {order}")

    @cached_property
    def recording_breaks(self) -> Figures:
        """Months from which a supplier's counts are much higher or lower, newest first."""
        return read_figures(
            self.published,
            Source("agreement.agg_recording_breaks_by_supplier"),
            "*, strftime(break_month, '%Y-%m') as month,"
            " strftime(changed_from_date, '%Y-%m-%d') as changed_from",
            "order by break_month desc, supplier_code, feed, category_code",
        )

    @cached_property
    def certain_steps(self) -> set[tuple[str, str]]:
        """The months from which suppliers certainly record differently, each with the supplier."""
        return {
            (row["month"], row["supplier_code"])
            for row in self.recording_breaks.rows
            if row["is_certain_step"]
        }

    @cached_property
    def announced_breaks(self) -> list[str]:
        """The months from which definitions change, oldest first."""
        rows = self.recording_breaks.rows
        return sorted({row["month"] for row in rows if row["regime_code"]})
