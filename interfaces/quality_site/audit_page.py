"""The page of the audit sample: what inspectors found, with the register's own figures."""

from __future__ import annotations

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.sections import (
    NOTHING,
    Page,
    Section,
    Table,
    counted,
    percent,
    sections_page,
)
from register.audit import AuditLine, AuditReport, report_audits

HOW = (
    "`register audit draw` draws 105 cases in 10 authorities of the last collection year that "
    "has ended. Authorities are drawn by their size, then cases of each by status and care. The "
    "same seed draws the same cases of a generation.",
    "Each case has a worksheet in the operations zone, with both sources' versions, the times as a "
    "picture, the links and the lines behind them. Auditors look into the sources' own systems and "
    "fill in `results.csv`. `register audit enter results.csv` keeps what they found. This page "
    "shows it from the next measurement on.",
    "Estimates are weighted by what each case stands for. Their intervals allow for drawing whole "
    "authorities (Korn and Graubard 1998). A child that neither source reported is in no sample of "
    "records.",
)


def audit_page(contents: Contents) -> Page:
    """What auditors found, sample by sample."""
    sections = [_section(report) for report in report_audits(contents.settings)] or [
        Section("none", "No results yet", ("No audit sample has been entered in this home.",))
    ]
    path = "audit.html"
    lead = (
        "Cases drawn as inspectors draw them and looked up in the sources' own systems. This check "
        "of the register does not rest on its own methods."
    )
    sections.append(Section("how", "How a sample is drawn and estimated", HOW))
    return sections_page(path, "Audit sample", lead, sections)


def _section(report: AuditReport) -> Section:
    design = report.design
    rows = [
        [
            line.question,
            percent(line.found.share) if line.found else NOTHING,
            _interval(line),
            percent(line.register_share),
            _verdict(line.is_consistent),
            counted(line.found.case_count) if line.found else "0",
        ]
        for line in report.lines
    ]
    headings = ["Question", "#Found", "#95% interval", "#The register", "Consistent", "#Cases"]
    words = (
        f"{report.answered_count} of {design.case_count} cases in {design.area_count} authorities "
        f"are answered, drawn with seed {design.seed} from {design.frame_count:,} absences of "
        f"{design.collection_year} in generation {design.generation_id}.",
    )
    table = Table("What was found, beside the register's own figures", headings, rows)
    return Section(
        f"sample-{design.sample_id}", f"Sample {design.sample_id}", words, tables=(table,)
    )


def _interval(line: AuditLine) -> str:
    found = line.found
    return NOTHING if found is None else f"{percent(found.lower)} to {percent(found.upper)}"


def _verdict(is_consistent: bool | None) -> str:
    if is_consistent is None:
        return NOTHING
    return "Yes" if is_consistent else "No: outside the interval"
