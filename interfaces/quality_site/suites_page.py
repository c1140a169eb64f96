"""The pages of suites, of runs and of their history: what was compared with which tolerance.

A suite's page shows this generation; a run's page shows every result of one generation measured.
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
    SuiteSpec,
    all_specs,
    index_overall_results,
)
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Row, Source
from interfaces.quality_site.sections import (
    NOTHING,
    Cell,
    Chart,
    Columns,
    Page,
    Section,
    Table,
    To,
    count_of,
    counted,
    moment,
    sections_page,
    table_of,
)
from interfaces.quality_site.site_charts import SMALL, Month, shares_chart

SUITES_PATH = "suites/index.html"
GENERATIONS_SHOWN = 6
STATUS_WORDS = {
    PASSED: "Within tolerance",
    NOT_APPLICABLE: "Nothing to judge",
    NOT_MEASURED: "Could not be measured",
}
SUITE_COLUMNS: Columns = {
    "Suite": lambda row: To(row["title"], f"suites/{row['name']}.html"),
    "#Expectations": count_of("total"),
    "#Within": count_of("passed"),
    "#Outside": count_of("failed"),
    "#Nothing to judge": count_of("not_applicable"),
    "#Not measured": count_of("not_measured"),
}
RUN_COLUMNS: Columns = {
    "Generation": lambda row: To(row["generation"], f"runs/{row['generation']}.html"),
    "#Expectations": count_of("total"),
    "#Within": count_of("passed"),
    "#Outside": count_of("failed"),
    "#Not measured": count_of("not_measured"),
}
Wholes = dict[str, Result]


def suite_counts(results: list[Result]) -> list[Row]:
    """Expectations by suite and status."""
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


def suites_pages(contents: Contents) -> list[Page]:
    """The list of suites and runs, a page for each of them, and the history."""
    history = {
        generation: index_overall_results(results) for generation, results in contents.runs.items()
    }
    return [
        _index(contents, history),
        *(_suite_page(contents, suite) for suite in SUITES),
        *(_run_page(generation, found) for generation, found in history.items()),
        _history_page(history),
    ]


def _index(contents: Contents, history: dict[str, Wholes]) -> Page:
    """Every suite with its counts, and every run."""
    suites = table_of("Suites of this generation", SUITE_COLUMNS, suite_counts(contents.results))
    runs = [
        {
            "generation": generation,
            "total": len(found),
            "passed": _count(found, PASSED),
            "failed": _count(found, FAILED),
            "not_measured": _count(found, NOT_MEASURED),
        }
        for generation, found in reversed(history.items())
    ]
    sections = [
        Section("suites", "Suites", tables=(suites,)),
        Section(
            "runs",
            "Runs",
            tables=(table_of("Generations measured, newest first", RUN_COLUMNS, runs),),
        ),
    ]
    lead = (
        "Each expectation holds a figure of the published marts to a tolerance that somebody "
        "agreed. A result outside is reported and never stops a load."
    )
    return sections_page(SUITES_PATH, "Suites and runs", lead, sections)


def _count(found: Wholes, status: str, severity: str | None = None) -> int:
    return sum(
        result.status == status and severity in {None, result.severity} for result in found.values()
    )


def _suite_page(contents: Contents, suite: SuiteSpec) -> Page:
    """Every expectation as a sentence, with what was observed, tolerated and why."""
    results: dict[str, list[Result]] = defaultdict(list)
    for result in contents.results:
        results[result.expectation].append(result)
    content: dict[str, Any] = {
        "suite": suite,
        "items": [
            _item(spec, results[spec.name]) for spec in suite.expectations if results[spec.name]
        ],
    }
    return Page(f"suites/{suite.name}.html", "suite.html", suite.title, SUITES_PATH, content)


def _item(spec: ExpectationSpec, results: list[Result]) -> dict[str, Any]:
    whole, *scopes = results
    # The nation as the one scope adds nothing to the whole.
    scopes = [result for result in scopes if result.scope_kind != "nation"]
    outside = [result for result in scopes if result.status == FAILED]
    return {
        "whole": whole,
        "scopes": scopes,
        "kind": scopes[0].scope_kind if scopes else "",
        "outside": sorted(outside, key=lambda result: -result.unexpected_count),
        "too_small": sum(result.status == NOT_APPLICABLE for result in scopes),
        "source": Source(whole.mart, whole.filter, whole.trace, spec.relation),
    }


def _run_page(generation: str, found: Wholes) -> Page:
    """Every expectation of one generation measured, as it was then."""
    titles = {suite.name: suite.title for suite in SUITES}
    suites: dict[str, list[Result]] = defaultdict(list)
    for result in found.values():
        suites[result.suite].append(result)
    sections = []
    for suite, results in suites.items():
        title = titles.get(suite, suite.capitalize())
        sections.append(Section(suite, title, tables=(_run_table(title, results),)))
    lead = "As it was measured, with the tolerances in force at the time."
    return Page(
        f"runs/{generation}.html",
        "sections.html",
        f"Run of generation {generation}",
        SUITES_PATH,
        {"lead": lead, "sections": sections},
    )


def _run_table(title: str, results: list[Result]) -> Table:
    headings = ["Expectation", "Result", "#Observed", "Tolerance then", "#Outside"]
    rows: list[list[Cell]] = [
        [
            result.sentence,
            STATUS_WORDS.get(result.status, f"Outside ({result.severity})"),
            result.observed_text,
            result.tolerance,
            f"{counted(result.unexpected_count)} of {counted(result.element_count)}",
        ]
        for result in results
    ]
    return Table(f"{title} as measured then", headings, rows)


def _history_page(history: dict[str, Wholes]) -> Page:
    """What every generation contained and how it was judged."""
    shown = list(history)[-GENERATIONS_SHOWN:]
    content: dict[str, Any] = {
        "rows": [_history_row(name, found) for name, found in history.items()][::-1],
        "charts": _history_charts(history),
        "shown": shown,
        "headings": [f"#{name}" for name in shown],
        "expectations": [
            {
                "suite": spec.suite,
                "name": spec.name,
                "sentence": spec.sentence,
                "observed": [_text(history[name], spec.name) for name in shown],
            }
            for spec in all_specs()
        ],
    }
    path = "history.html"
    return Page(path, path, "History", path, content)


def _text(found: Wholes, name: str) -> str:
    return found[name].observed_text if name in found else NOTHING


def _history_row(generation: str, found: Wholes) -> dict[str, Any]:
    return {
        "generation": generation,
        "children": _text(found, "coverage_register_children"),
        "episodes": _text(found, "coverage_register_episodes"),
        "reports": _text(found, "coverage_register_reports"),
        "both": _text(found, "agreement_both"),
        "passed": _count(found, PASSED),
        "critical": _count(found, FAILED, "critical"),
        "warning": _count(found, FAILED, "warning"),
        "not_measured": _count(found, NOT_MEASURED),
    }


def _history_charts(history: dict[str, Wholes]) -> list[Chart]:
    """Every share over time that is not all or nothing in every run, oldest first."""
    drawn = []
    for spec in all_specs():
        shares = {
            name: share
            for name, found in history.items()
            if (share := _share(found.get(spec.name))) is not None
        }
        if len(shares) > 1 and any(0 < share < 1 for share in shares.values()):
            runs = [Month(moment(name), share) for name, share in shares.items()]
            drawn.append(Chart(spec.sentence, shares_chart(runs, spec.sentence, 150, SMALL)))
    return drawn


def _share(result: Result | None) -> float | None:
    """What was observed, where it is a share."""
    return result.observed_value if result is not None and result.measure == "share" else None
