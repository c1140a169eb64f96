"""The page of checks: is the register fit for use today, what changed, what was delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
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
from interfaces.quality_site.suites_page import suite_counts


@dataclass(frozen=True)
class Verdict:
    """Whether the register may be used, in a word and a sentence, and the results against it."""

    word: str
    style: str
    explanation: str
    failures: list[Result]


def judge_fitness(results: list[Result]) -> Verdict:
    """Not fit on a critical result, fit with care on a warning, else fit."""
    found = list(index_overall_results(results).values())
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
    measured = f"{within} of {len(found)} checks are within tolerance."
    if critical:
        return Verdict(
            "Not fit for use",
            "failed",
            f"{_checks(critical)} of critical severity {_are(critical)} outside tolerance or could "
            f"not be measured. {measured}",
            [*critical, *warnings],
        )
    if warnings:
        return Verdict(
            "Fit for use with care",
            "care",
            f"{_checks(warnings)} of warning severity {_are(warnings)} outside tolerance. "
            f"{measured}",
            warnings,
        )
    return Verdict("Fit for use", "passed", measured, [])


def _checks(results: list[Result]) -> str:
    return f"{len(results)} check{'' if len(results) == 1 else 's'}"


def _are(results: list[Result]) -> str:
    return "is" if len(results) == 1 else "are"


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
            "withdrawn": statuses[feed, "withdrawn"],
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


def checks_page(contents: Contents) -> Page:
    """The page that answers whether the register may be used today, and what stands against it."""
    coverage = contents.coverage.rows
    deliveries = contents.deliveries.rows
    nation = read_simulated_nation(contents.settings)
    content: dict[str, Any] = {
        "verdict": judge_fitness(contents.results),
        "nation": nation.sentence if nation else "",
        "changes": find_changes(
            contents.settings, contents.published, contents.results, deliveries
        ),
        "outcomes": outcomes_by_feed(deliveries),
        "deliveries": contents.deliveries,
        "lateness": lateness_by_feed(coverage),
        "late": late_periods(coverage),
        "coverage": contents.coverage,
        "suites": suite_counts(contents.results),
    }
    path = "checks.html"
    return Page(path, path, "Is the register fit for use today?", path, content)
