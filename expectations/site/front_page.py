"""The front page: is the register fit for use today, what changed, what was delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from expectations.results import FAILED, NOT_APPLICABLE, NOT_MEASURED, PASSED, Result, wholes
from expectations.site import charts
from expectations.site.agreement_page import children_section
from expectations.site.contents import Contents
from expectations.site.rendering import Page, counted, percent
from expectations.site.sections import To
from expectations.site.sources import Row
from expectations.suites import SUITES

# What an auditor asks first, and where the answer stands.
QUESTIONS = (
    To("How many children went missing, by each source and by both?", "index.html#children"),
    To("What changed since the last load, and why?", "index.html#changes"),
    To("Where do the sources agree least, and why?", "agreement.html#least"),
    To("How sure are we?", "linkage.html"),
    To("Which suppliers are late?", "index.html#late"),
    To("What was rejected, and why?", "deliveries.html"),
    To("Which line of which file is behind a figure?", "rows/nation.html"),
)


@dataclass(frozen=True)
class Verdict:
    """Whether the register may be used, in a word and a sentence, and what stands against it."""

    word: str
    style: str
    explanation: str
    failures: list[Result]


@dataclass(frozen=True)
class Headline:
    """One large figure."""

    label: str
    text: str
    beside: str


def judge_fitness(results: list[Result]) -> Verdict:
    """Not fit on a critical result, fit with care on a warning, else fit."""
    found = list(wholes(results).values())
    against = [result for result in found if result.status in {FAILED, NOT_MEASURED}]
    critical = [
        result
        for result in against
        if result.severity == "critical" or result.status == NOT_MEASURED
    ]
    warnings = [
        result for result in against if result.severity == "warning" and result not in critical
    ]
    within = sum(result.status == PASSED for result in found)
    measured = f"{within} of {len(found)} expectations are within tolerance."
    if critical:
        return Verdict(
            "Not fit for use",
            "failed",
            f"{_expectations(critical)} of critical severity or not measured must be put right "
            f"first. {measured}",
            [*critical, *warnings],
        )
    if warnings:
        return Verdict(
            "Fit for use with care",
            "care",
            f"{_expectations(warnings)} of warning severity should be read first. {measured}",
            warnings,
        )
    return Verdict("Fit for use", "passed", measured, [])


def _expectations(results: list[Result]) -> str:
    return f"{len(results)} expectation{'' if len(results) == 1 else 's'}"


def outcomes_by_feed(deliveries: list[Row]) -> list[Row]:
    """Deliveries counted by feed and outcome."""
    feeds = sorted({row["feed"] for row in deliveries})
    outcomes = Counter((row["feed"], row["outcome"]) for row in deliveries)
    statuses = Counter((row["feed"], row["status"]) for row in deliveries)
    return [
        {
            "feed": feed,
            "received": sum(row["feed"] == feed for row in deliveries),
            "accepted": outcomes[feed, "accepted"],
            "quarantined": outcomes[feed, "accepted_with_quarantine"],
            "rejected": outcomes[feed, "rejected"],
            "held": statuses[feed, "held"],
            "superseded": statuses[feed, "superseded"],
        }
        for feed in feeds
    ]


def late_periods(coverage: list[Row]) -> list[Row]:
    """Periods late or missing, of suppliers that have delivered the feed at all."""
    delivering = {(row["feed"], row["supplier_code"]) for row in coverage if row["is_delivered"]}
    return [
        row
        for row in coverage
        if (row["is_late"] or not row["is_delivered"])
        and (row["feed"], row["supplier_code"]) in delivering
    ]


def lateness_by_feed(coverage: list[Row]) -> list[Row]:
    """Suppliers expected, delivering and silent, and the periods late or missing, by feed."""
    late = late_periods(coverage)
    found = []
    for feed in sorted({row["feed"] for row in coverage}):
        own = [row for row in coverage if row["feed"] == feed]
        expected = {row["supplier_code"] for row in own}
        delivering = {row["supplier_code"] for row in own if row["is_delivered"]}
        periods = [row for row in late if row["feed"] == feed]
        found.append(
            {
                "feed": feed,
                "expected": len(expected),
                "delivering": len(delivering),
                "silent": len(expected - delivering),
                "late": sum(bool(row["is_late"]) for row in periods),
                "missing": sum(not row["is_delivered"] for row in periods),
            }
        )
    return found


def suite_counts(results: list[Result]) -> list[Row]:
    """Expectations by suite and status."""
    statuses = Counter((result.suite, result.status) for result in wholes(results).values())
    return [
        {
            "name": suite.name,
            "title": suite.title,
            "total": len(suite.expectations),
            "passed": statuses[suite.name, PASSED],
            "failed": statuses[suite.name, FAILED],
            "not_applicable": statuses[suite.name, NOT_APPLICABLE],
            "not_measured": statuses[suite.name, NOT_MEASURED],
        }
        for suite in SUITES
    ]


def _headline(contents: Contents) -> list[Headline]:
    found = wholes(contents.results)
    suppliers = {row["supplier_code"] for row in contents.coverage.rows if row["is_delivered"]}
    expected = {row["supplier_code"] for row in contents.coverage.rows}
    both = found["agreement_both"]
    return [
        Headline(
            "Children missing",
            counted(contents.missing_children),
            f"of {found['coverage_register_children'].observed_text} in the register",
        ),
        Headline("Episodes", found["coverage_register_episodes"].observed_text, "absences"),
        Headline("Reports", found["coverage_register_reports"].observed_text, "of both sources"),
        Headline("Held by both", percent(both.observed_value), "of episodes both should hold"),
        Headline(
            "Suppliers", counted(len(suppliers)), f"have delivered, of {len(expected)} expected"
        ),
    ]


def front_page(contents: Contents) -> Page:
    """The page that answers whether the register may be used today."""
    agreement = contents.agreement.rows
    content: dict[str, Any] = {
        "verdict": judge_fitness(contents.results),
        "headline": _headline(contents),
        "questions": [link for link in QUESTIONS if contents.samples or "rows/" not in link.path],
        "children": children_section(contents),
        "years": contents.years,
        "reports": contents.reports,
        "agreement": contents.agreement,
        "agreement_source": contents.sampled(contents.agreement.source, "nation"),
        "agreement_chart": charts.agreement_shares(agreement, "collection_year"),
        "changes": contents.changes,
        "outcomes": outcomes_by_feed(contents.deliveries.rows),
        "deliveries": contents.deliveries,
        "lateness": lateness_by_feed(contents.coverage.rows),
        "late": late_periods(contents.coverage.rows),
        "coverage": contents.coverage,
        "suites": suite_counts(contents.results),
    }
    return Page(
        "index.html", "index.html", "Is the register fit for use today?", "index.html", content
    )
