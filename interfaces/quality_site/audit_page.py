"""The page of the audit sample, which compares auditors' findings with the register's figures."""

from __future__ import annotations

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import (
    EMPTY_CELL,
    Page,
    Section,
    Table,
    build_sections_page,
    format_count,
    format_percent,
    format_range,
)
from register.audit import AuditReport, report_audits

METHOD = (
    "`register audit draw` draws 105 cases in 10 authorities of the last collection year "
    "that has ended. Larger authorities are more likely to be drawn. Within each authority, "
    "cases are drawn by status and care. The same seed draws the same cases from the same "
    "generation.",
    "Each case has a worksheet in the operations zone. It shows both sources' versions, the times "
    "as a picture, the links between records, and the delivered lines. Auditors look into the "
    "sources' own systems and fill in `results.csv`. `register audit enter results.csv` stores "
    "what they found. This page shows it after the next measurement.",
    "Estimates are weighted by the number of cases that each case represents. Their "
    "intervals allow for drawing whole authorities (Korn and Graubard 1998). A child whom "
    "neither source reported cannot be in a sample of records.",
)


def build_audit_page(contents: Contents) -> Page:
    """Build the page of auditors' findings, with a section for each sample."""
    sections = [_build_sample_section(report) for report in report_audits(contents.settings)] or [
        Section("none", "No results yet", ("No audit sample has been entered in this home.",))
    ]
    path = "audit.html"
    lead = (
        "Auditors look up randomly drawn cases in the sources' own systems, as inspectors do. "
        "This check does not depend on the register's own methods."
    )
    sections.append(Section("how", "How a sample is drawn and estimated", METHOD))
    return build_sections_page(path, "Audit sample", lead, sections)


def _build_sample_section(report: AuditReport) -> Section:
    design = report.design
    rows = [
        [
            line.question,
            format_percent(line.found.share) if line.found else EMPTY_CELL,
            format_range(line.found.lower, line.found.upper, format_percent)
            if line.found
            else EMPTY_CELL,
            format_percent(line.register_share),
            _describe_consistency(line.is_consistent),
            format_count(line.found.case_count) if line.found else "0",
        ]
        for line in report.lines
    ]
    headings = ["Question", "#Found", "#95% interval", "#The register", "Consistent", "#Cases"]
    text = (
        f"{report.answered_count} of {design.case_count} cases in {design.area_count} authorities "
        f"are answered, drawn with seed {design.seed} from {design.frame_count:,} absences of "
        f"{design.collection_year} in generation {design.generation_id}."
    )
    table = Table("Auditors' findings beside the register's own figures", headings, rows)
    return Section(
        f"sample-{design.sample_id}", f"Sample {design.sample_id}", (text,), tables=(table,)
    )


def _describe_consistency(is_consistent: bool | None) -> str:
    if is_consistent is None:
        return EMPTY_CELL
    return "Yes" if is_consistent else "No: outside the interval"
