"""Everything the pages are made from, read once from one generation and its results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from expectations.docs_site import figures
from expectations.docs_site.changes import Changes, find_changes
from expectations.docs_site.linkage_figures import Linkage, read_linkage
from expectations.docs_site.samples import Samples, read_samples, sample_path
from expectations.docs_site.sections import Cell, To
from expectations.docs_site.sources import Figures, Row, Source
from expectations.docs_site.statistics import Statistics, read_statistics
from expectations.read import Published
from expectations.results import Result
from register.audit import AuditReport, report_audits
from register.settings import Settings

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


@dataclass(frozen=True)
class Contents:
    """The figures, code lists, results and changes of one generation."""

    results: list[Result]
    changes: Changes
    suppliers: list[Row]
    regions: list[Row]
    missing_children: int
    years: Figures
    reports: Figures
    agreement: Figures
    agreement_by_authority: Figures
    agreement_by_force: Figures
    reasons: Figures
    deliveries: Figures
    coverage: Figures
    completeness: Figures
    breaches: Figures
    code_lists: dict[str, Figures]
    statistics: Statistics
    linkage: Linkage
    samples: Samples
    audits: list[AuditReport]

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of every supplier and region by its code."""
        regions = {row["region_code_ons"]: row["region_name"] for row in self.regions}
        return regions | {row["supplier_code"]: row["supplier_name"] for row in self.suppliers}

    @cached_property
    def supplier_codes(self) -> set[str]:
        """The suppliers that have a page."""
        return {row["supplier_code"] for row in self.suppliers}

    @cached_property
    def announced_breaks(self) -> list[str]:
        """Months in which the definitions in force change, oldest first."""
        rows = self.statistics.breaks.rows
        return sorted({row["month"] for row in rows if row["regime_code"]})

    def sampled(self, source: Source, key: str) -> Source:
        """A source that leads to rows behind it, where an area's rows are shown."""
        return replace(source, sample=sample_path(key)) if key in self.samples else source

    def area_name(self, code: str) -> str:
        """An area's name, or its code where it has none."""
        return self.names.get(code, code)

    def supplier_link(self, code: str) -> Cell:
        """A supplier's name that leads to its page."""
        if code not in self.supplier_codes:
            return self.area_name(code)
        return To(self.names[code], f"suppliers/{code}.html", code)

    def titles(self, table: str) -> dict[str, str]:
        """The words for each code of a code list: its first column to its title or name."""
        if table not in self.code_lists:
            return {}
        titles = {}
        for row in self.code_lists[table].rows:
            code, *others = row
            named = [name for name in others if name == "title" or name.endswith("_name")]
            titles[str(row[code])] = str(row[named[0]]) if named else ""
        return titles


def read_contents(settings: Settings, published: Published, results: list[Result]) -> Contents:
    """Read what the pages show; `results` are those of the same generation."""
    deliveries = figures.read_deliveries(published)
    tables = {
        row["table_name"]
        for row in published.records(
            "select table_name from information_schema.tables where table_schema = 'register'"
        )
    }
    statistics = read_statistics(published)
    return Contents(
        results=results,
        changes=find_changes(settings, published, results, deliveries.rows),
        suppliers=figures.read_suppliers(published),
        regions=figures.read_regions(published),
        missing_children=figures.read_missing_children(published),
        years=figures.read_years(published),
        reports=figures.read_reports(published),
        agreement=figures.read_agreement_by_year(published),
        agreement_by_authority=figures.read_agreement_by(published, "authority_code_dfe"),
        agreement_by_force=figures.read_agreement_by(published, "police_force_code"),
        reasons=figures.read_reasons(published),
        deliveries=deliveries,
        coverage=figures.read_coverage(published),
        completeness=figures.read_completeness(published),
        breaches=figures.read_breaches(published),
        code_lists={
            table: figures.read_code_list(published, table)
            for table in CODE_LISTS
            if table in tables
        },
        statistics=statistics,
        linkage=read_linkage(published),
        samples=read_samples(published, statistics.latest),
        audits=report_audits(settings),
    )
