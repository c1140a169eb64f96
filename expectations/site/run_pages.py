"""Pages of suites and runs: the list of suites, and every result of each generation measured."""

from __future__ import annotations

from collections import defaultdict

from expectations.results import Result, measured_generations, read_results, wholes
from expectations.site import statistic_charts
from expectations.site.contents import Contents
from expectations.site.front_page import suite_counts
from expectations.site.rendering import Page, counted, moment
from expectations.site.sections import Cell, Chart, Section, Table, To
from expectations.suites import SUITES, all_specs
from register.settings import Settings

RUNS_SHOWN = 24
STATUS_WORDS = {
    "passed": "Within tolerance",
    "not applicable": "Nothing to judge",
    "not measured": "Could not be measured",
}
Runs = dict[str, list[Result]]


def read_runs(settings: Settings) -> Runs:
    """The kept results of the latest generations measured, oldest first."""
    names = measured_generations(settings)[-RUNS_SHOWN:]
    return {name: read_results(settings, name) for name in names}


def suites_page(contents: Contents, runs: Runs) -> Page:
    """Every suite with how it stands, and every run."""
    rows: list[list[Cell]] = [
        [
            To(row["title"], f"suites/{row['name']}.html"),
            *(
                counted(row[name])
                for name in ("total", "passed", "failed", "not_applicable", "not_measured")
            ),
        ]
        for row in suite_counts(contents.results)
    ]
    headings = ["Suite", "#Expectations", "#Within", "#Outside", "#Nothing to judge"]
    sections = [
        Section(
            "suites",
            "Suites",
            tables=(Table("Suites of this generation", [*headings, "#Not measured"], rows),),
        ),
        Section("runs", "Runs", tables=(_runs_table(runs),)),
    ]
    lead = (
        "Each expectation holds a figure of the published marts to a tolerance that somebody "
        "agreed. A result outside is reported and never stops a load."
    )
    path = "suites/index.html"
    return Page(
        path, "sections.html", "Suites and runs", path, {"lead": lead, "sections": sections}
    )


def _runs_table(runs: Runs) -> Table:
    rows: list[list[Cell]] = []
    for name, results in reversed(runs.items()):
        found = list(wholes(results).values())
        rows.append(
            [
                To(name, f"runs/{name}.html"),
                counted(len(found)),
                counted(sum(result.status == "passed" for result in found)),
                counted(sum(result.status == "failed" for result in found)),
                counted(sum(result.status == "not measured" for result in found)),
            ]
        )
    headings = ["Generation", "#Expectations", "#Within", "#Outside", "#Not measured"]
    return Table("Generations measured, newest first", headings, rows)


def run_pages(runs: Runs) -> list[Page]:
    """A page for each generation measured, with every expectation as it was then."""
    return [_run_page(name, results) for name, results in runs.items()]


def _run_page(generation: str, results: list[Result]) -> Page:
    suites: dict[str, list[Result]] = defaultdict(list)
    for result in wholes(results).values():
        suites[result.suite].append(result)
    titles = {suite.name: suite.title for suite in SUITES}
    headings = ["Expectation", "Result", "#Observed", "Tolerance then", "#Outside"]
    sections = [
        Section(
            suite,
            titles.get(suite, suite.capitalize()),
            tables=(
                Table(
                    f"{titles.get(suite, suite.capitalize())} as measured then",
                    headings,
                    [
                        [
                            result.sentence,
                            status_words(result),
                            result.observed_text,
                            result.tolerance,
                            f"{counted(result.unexpected_count)} of "
                            f"{counted(result.element_count)}",
                        ]
                        for result in found
                    ],
                ),
            ),
        )
        for suite, found in suites.items()
    ]
    lead = "As it was measured, with the tolerances in force at the time."
    return Page(
        f"runs/{generation}.html",
        "sections.html",
        f"Run of generation {generation}",
        "suites/index.html",
        {"lead": lead, "sections": sections},
    )


def status_words(result: Result) -> str:
    """A result's status as it is read."""
    return STATUS_WORDS.get(result.status, f"Outside ({result.severity})")


def history_charts(runs: Runs) -> list[Chart]:
    """Every share over time that is not all or nothing in every run, oldest first."""
    charts = []
    history = {name: wholes(results) for name, results in runs.items()}
    for spec in all_specs():
        shares = {
            name: share
            for name, found in history.items()
            if (share := _share(found.get(spec.name))) is not None
        }
        if len(shares) > 1 and any(0 < share < 1 for share in shares.values()):
            values = [{"name": moment(name), "share": share} for name, share in shares.items()]
            charts.append(
                Chart(spec.sentence, statistic_charts.series(values, "Observed", height=110))
            )
    return charts


def _share(result: Result | None) -> float | None:
    """What was observed, where it is a share."""
    return result.observed_value if result is not None and result.measure == "share" else None
