"""The page of checks: whether the register is fit for use, what changed, what was delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from expectations import (
    FAILED,
    NOT_MEASURED,
    PASSED,
    Result,
    index_overall_results,
    read_simulated_nation,
)
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row
from interfaces.quality_site.generation_changes import find_changes
from interfaces.quality_site.sections import Page
from interfaces.quality_site.suites_page import count_suite_results
from register.delivery_gaps import DeliveryGaps


@dataclass(frozen=True)
class Verdict:
    """Whether the register is fit for use: a heading, a sentence, and the checks that failed."""

    heading: str
    style: str
    explanation: str
    failures: list[Result]


def judge_fitness(results: list[Result], gaps: DeliveryGaps) -> Verdict:
    """Judge whether the register is fit for use.

    It is not fit if a critical check fails or if a check could not be measured. It is fit with care
    if a warning fails. What was never delivered is not judged.
    """
    if not gaps.used:
        return Verdict("Not delivered", "care", gaps.describe_loaded(), [])
    verdict = _judge_delivered(results)
    if not gaps.can_compare:
        explanation = f"{verdict.explanation} {gaps.describe_missing()}"
        return replace(verdict, explanation=explanation)
    return verdict


def _judge_delivered(results: list[Result]) -> Verdict:
    overall = list(index_overall_results(results).values())
    against = [result for result in overall if result.status in {FAILED, NOT_MEASURED}]
    critical = [
        result
        for result in against
        if result.severity == "critical" or result.status == NOT_MEASURED
    ]
    warnings = [
        result for result in against if result.severity == "warning" and result not in critical
    ]
    within = sum(result.status == PASSED for result in overall)
    measured = f"{within} of {len(overall)} checks are within tolerance."
    if critical:
        return Verdict(
            "Not fit for use",
            "failed",
            f"{_count_checks(critical, 'critical')} or could not be measured. {measured}",
            [*critical, *warnings],
        )
    if warnings:
        return Verdict(
            "Fit for use with care",
            "care",
            f"{_count_checks(warnings, 'warning')}. {measured}",
            warnings,
        )
    return Verdict("Fit for use", "passed", measured, [])


def _count_checks(results: list[Result], severity: str) -> str:
    checks = "check is" if len(results) == 1 else "checks are"
    return f"{len(results)} {severity} {checks} outside tolerance"


def count_outcomes_by_feed(deliveries: list[Row]) -> list[Row]:
    """Count deliveries by feed and outcome."""
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
            "withdrawn": statuses[feed, "withdrawn"],
            "superseded": statuses[feed, "superseded"],
        }
        for feed in feeds
    ]


def list_late_periods(coverage: list[Row]) -> list[Row]:
    """List late or missing periods of suppliers that have already delivered the feed."""
    delivering = {(row["feed"], row["supplier_code"]) for row in coverage if row["is_delivered"]}
    return [
        row
        for row in coverage
        if (row["is_late"] or not row["is_delivered"])
        and (row["feed"], row["supplier_code"]) in delivering
    ]


def count_lateness_by_feed(coverage: list[Row]) -> list[Row]:
    """Count suppliers and their late or missing periods, by feed."""
    late = list_late_periods(coverage)
    counts = []
    for feed in sorted({row["feed"] for row in coverage}):
        own = [row for row in coverage if row["feed"] == feed]
        expected = {row["supplier_code"] for row in own}
        delivering = {row["supplier_code"] for row in own if row["is_delivered"]}
        periods = [row for row in late if row["feed"] == feed]
        counts.append(
            {
                "feed": feed,
                "expected": len(expected),
                "delivering": len(delivering),
                "never_delivered": len(expected - delivering),
                "late": sum(bool(row["is_late"]) for row in periods),
                "missing": sum(not row["is_delivered"] for row in periods),
            }
        )
    return counts


def build_checks_page(contents: Contents) -> Page:
    """Build the page about whether the register is fit for use today, and why not if it is not."""
    coverage = contents.coverage.rows
    deliveries = contents.deliveries.rows
    nation = read_simulated_nation(contents.settings)
    content: dict[str, Any] = {
        "verdict": judge_fitness(contents.results, contents.gaps),
        "nation": nation.sentence if nation else "",
        "changes": find_changes(
            contents.settings, contents.published, contents.results, deliveries
        ),
        "outcomes": count_outcomes_by_feed(deliveries),
        "deliveries": contents.deliveries,
        "lateness": count_lateness_by_feed(coverage),
        "late": list_late_periods(coverage),
        "coverage": contents.coverage,
        "suites": count_suite_results(contents.results),
    }
    path = "checks.html"
    return Page(path, path, "Is the register fit for use today?", path, content)
