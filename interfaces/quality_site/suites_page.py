"""The pages of suites, measured generations (runs) and history.

They compare each figure with its tolerance. A suite's page shows the current generation. A run's
page shows the overall result of each expectation as it was stored for one generation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from expectations import (
    FAILED,
    NOT_APPLICABLE,
    NOT_MEASURED,
    PASSED,
    SUITES,
    ExpectationSpec,
    Result,
    ScopedMeasure,
    SuiteSpec,
    all_specs,
    index_overall_results,
)
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row, Source
from interfaces.quality_site.sections import (
    EMPTY_CELL,
    Cell,
    Chart,
    Page,
    PageLink,
    Section,
    Table,
    build_sections_page,
    build_table,
    format_count,
    format_generation_time,
)
from interfaces.quality_site.site_charts import SMALL, Month, draw_shares

SUITES_PATH = "suites/index.html"
SHOWN_GENERATIONS = 6
STATUS_LABELS = {
    PASSED: "Within tolerance",
    NOT_APPLICABLE: "Nothing to judge",
    NOT_MEASURED: "Could not be measured",
}
RunResults = dict[str, Result]


def count_suite_results(results: list[Result]) -> list[Row]:
    """Count the expectations of each suite by status."""
    statuses = Counter(
        (result.suite, result.status) for result in index_overall_results(results).values()
    )
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


def build_suites_pages(contents: Contents) -> list[Page]:
    """Build the list of suites and runs, a page for each suite and each run, and the history."""
    history = {
        generation: index_overall_results(results) for generation, results in contents.runs.items()
    }
    return [
        _build_index(contents, history),
        *(_build_suite_page(contents, suite) for suite in SUITES),
        *(_build_run_page(generation, results) for generation, results in history.items()),
        _build_history_page(history),
    ]


def _build_index(contents: Contents, history: dict[str, RunResults]) -> Page:
    """Build the page that lists all suites and runs, with counts of their results."""
    suites = [
        {**row, "link": PageLink(row["title"], f"suites/{row['name']}.html")}
        for row in count_suite_results(contents.results)
    ]
    runs = [
        {
            "link": PageLink(generation, f"runs/{generation}.html"),
            "total": len(results),
            "passed": _count_results(results, PASSED),
            "failed": _count_results(results, FAILED),
            "not_measured": _count_results(results, NOT_MEASURED),
        }
        for generation, results in reversed(history.items())
    ]
    sections = [
        Section("suites", "Groups of checks", tables=(build_table("suites.suites", suites),)),
        Section("runs", "Generations", tables=(build_table("suites.runs", runs),)),
    ]
    lead = (
        "Each check compares a figure of the published tables with an agreed tolerance. A result "
        "outside the tolerance is reported and never stops a load."
    )
    return build_sections_page(SUITES_PATH, "All checks, by group", lead, sections)


def _count_results(results: RunResults, status: str, severity: str | None = None) -> int:
    return sum(
        result.status == status and severity in {None, result.severity}
        for result in results.values()
    )


def _build_suite_page(contents: Contents, suite: SuiteSpec) -> Page:
    """Build the page of a suite: each expectation's observed value, tolerance and reason."""
    results: dict[str, list[Result]] = defaultdict(list)
    for result in contents.results:
        results[result.expectation].append(result)
    content: dict[str, Any] = {
        "suite": suite,
        "items": [
            _describe_expectation(spec, results[spec.name])
            for spec in suite.expectations
            if results[spec.name]
        ],
    }
    return Page(f"suites/{suite.name}.html", "suite.html", suite.title, SUITES_PATH, content)


def _describe_expectation(spec: ExpectationSpec, results: list[Result]) -> dict[str, Any]:
    overall, *scopes = results
    # If the nation is the only scope, its result is the same as the overall result.
    scopes = [result for result in scopes if result.scope_kind != "nation"]
    outside = [result for result in scopes if result.status == FAILED]
    return {
        "overall": overall,
        "scopes": scopes,
        "kind": scopes[0].scope_kind if scopes else "",
        "outside": sorted(outside, key=lambda result: -result.unexpected_count),
        "statement": _describe_method(spec, overall),
        "too_small": sum(result.status == NOT_APPLICABLE for result in scopes),
        "source": Source(overall.mart, overall.filter, overall.trace, spec.relation),
    }


def _describe_method(spec: ExpectationSpec, overall: Result) -> str:
    """Describe how a check was made, or why it could not be made.

    The text is empty for a judged check without scopes. The check's sentence says enough there, and
    Great Expectations would only name internal columns.
    """
    is_judged = overall.status in {PASSED, FAILED}
    return "" if is_judged and not isinstance(spec.measure, ScopedMeasure) else overall.statement


def _build_run_page(generation: str, results: RunResults) -> Page:
    """Build the page of a run: the overall results of one generation, as they were stored."""
    titles = {suite.name: suite.title for suite in SUITES}
    suites: dict[str, list[Result]] = defaultdict(list)
    for result in results.values():
        suites[result.suite].append(result)
    sections = []
    for suite, suite_results in suites.items():
        title = titles.get(suite, suite.capitalize())
        sections.append(
            Section(suite, title, tables=(_build_run_table(title, suite_results, generation),))
        )
    path, title = f"runs/{generation}.html", f"Checks of generation {generation}"
    lead = "The results and the tolerances as they were when this generation was measured."
    return build_sections_page(path, title, lead, sections, SUITES_PATH)


def _build_run_table(title: str, results: list[Result], generation: str) -> Table:
    headings = ["Check", "Result", "#Observed", "Tolerance then", "#Outside"]
    rows: list[list[Cell]] = [
        [
            result.sentence,
            STATUS_LABELS.get(result.status, f"Outside ({result.severity})"),
            result.observed_text,
            result.tolerance,
            f"{format_count(result.unexpected_count)} of {format_count(result.element_count)}",
        ]
        for result in results
    ]
    return Table(f"{title}, as measured for generation {generation}", headings, rows)


def _build_history_page(history: dict[str, RunResults]) -> Page:
    """Build the page of the history: each generation's size and the results of its checks."""
    names = list(history)[-SHOWN_GENERATIONS:]
    content: dict[str, Any] = {
        "rows": [_build_history_row(name, history[name]) for name in reversed(history)],
        "charts": _draw_history_charts(history),
        "shown": names,
        "headings": [f"#{name}" for name in names],
        "expectations": [
            {
                "suite": spec.suite,
                "name": spec.name,
                "sentence": spec.sentence,
                "observed": [_read_observed_text(history[name], spec.name) for name in names],
            }
            for spec in all_specs()
        ],
    }
    path = "history.html"
    return Page(path, path, "History", path, content)


def _read_observed_text(results: RunResults, name: str) -> str:
    return results[name].observed_text if name in results else EMPTY_CELL


def _build_history_row(generation: str, results: RunResults) -> dict[str, Any]:
    return {
        "generation": generation,
        "children": _read_observed_text(results, "coverage_register_children"),
        "episodes": _read_observed_text(results, "coverage_register_episodes"),
        "reports": _read_observed_text(results, "coverage_register_reports"),
        "both": _read_observed_text(results, "agreement_both"),
        "passed": _count_results(results, PASSED),
        "critical": _count_results(results, FAILED, "critical"),
        "warning": _count_results(results, FAILED, "warning"),
        "not_measured": _count_results(results, NOT_MEASURED),
    }


def _draw_history_charts(history: dict[str, RunResults]) -> list[Chart]:
    """Draw the share of each check over time. Shares that are 0 or 1 in every run are left out."""
    charts = []
    for spec in all_specs():
        shares = {
            name: share
            for name, results in history.items()
            if (share := _read_share(results.get(spec.name))) is not None
        }
        if len(shares) > 1 and any(0 < share < 1 for share in shares.values()):
            runs = [Month(format_generation_time(name), share) for name, share in shares.items()]
            charts.append(Chart(spec.sentence, draw_shares(runs, spec.sentence, 150, SMALL)))
    return charts


def _read_share(result: Result | None) -> float | None:
    """Return the observed value if it is a share, and otherwise None."""
    return result.observed_value if result is not None and result.measure == "share" else None
