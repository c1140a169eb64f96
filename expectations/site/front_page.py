"""The front page: is the register fit for use today, what changed, what was delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from expectations.published import Published
from expectations.results import FAILED, NOT_MEASURED, PASSED, Result, wholes
from expectations.site import charts
from expectations.site.agreement_page import children_section
from expectations.site.contents import Contents
from expectations.site.figures import Figures, Row, Source, read_counts, read_figures
from expectations.site.generation_changes import find_changes
from expectations.site.sections import Headline, Page, To, counted, delivered_of, percent
from expectations.site.suites_page import suite_counts

# What an auditor asks first, and where the answer is.
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
    """Whether the register may be used, in a title and a sentence, and the results against it."""

    word: str
    style: str
    explanation: str
    failures: list[Result]


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


def _years(contents: Contents) -> Figures:
    """Children and episodes of the statistics by collection year."""
    return read_figures(
        contents.published,
        Source("register.fct_episodes", "is_in_scope", "episode_id_register"),
        """
        collection_year,
        count(distinct child_id_register) as child_count,
        count(*) as episode_count,
        count(*) filter (where care_status_code = 'looked_after') as looked_after_count,
        count(*) filter (where care_status_code = 'home') as home_count,
        count(*) filter (where is_open) as open_count
        """,
        "group by collection_year order by collection_year desc",
    )


def _missing_children(published: Published) -> int:
    """Children with at least one episode that the statistics count."""
    query = """
        select count(distinct child_id_register) as child_count
        from register.fct_episodes
        where is_in_scope
    """
    return int(published.records(query)[0]["child_count"])


def _reports(published: Published) -> Figures:
    """Reports by source."""
    return read_counts(
        published,
        Source("register.fct_reports", trace="report_id_register"),
        """
        count(*) as report_count,
        count(distinct child_id_register) as child_count,
        count(distinct supplier_code) as supplier_count
        """,
        "source",
    )


def _headline(contents: Contents) -> list[Headline]:
    found = wholes(contents.results)
    suppliers = {row["supplier_code"] for row in contents.coverage.rows if row["is_delivered"]}
    expected = {row["supplier_code"] for row in contents.coverage.rows}
    both = found["agreement_both"]
    return [
        Headline(
            "Children missing",
            counted(_missing_children(contents.published)),
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
    published = contents.published
    agreement = contents.agreement_by_year
    coverage = contents.coverage.rows
    deliveries = contents.deliveries.rows
    has_rows = bool(contents.sampled_rows)
    content: dict[str, Any] = {
        "verdict": judge_fitness(contents.results),
        "headline": _headline(contents),
        "questions": [link for link in QUESTIONS if has_rows or "rows/" not in link.path],
        "children": children_section(contents),
        "years": _years(contents),
        "delivered": contents.delivered,
        "delivered_of": delivered_of,
        "reports": _reports(published),
        "agreement": agreement,
        "agreement_source": contents.sampled(agreement.source, "nation"),
        "agreement_chart": charts.agreement_shares(agreement.rows, "collection_year"),
        "changes": find_changes(contents.settings, published, contents.results, deliveries),
        "outcomes": outcomes_by_feed(deliveries),
        "deliveries": contents.deliveries,
        "lateness": lateness_by_feed(coverage),
        "late": late_periods(coverage),
        "coverage": contents.coverage,
        "suites": suite_counts(contents.results),
    }
    path = "index.html"
    return Page(path, path, "Is the register fit for use today?", path, content)
