"""`register load`: land, build, publish and measure, and show a summary."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import BUSY, FAILED, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.home import prepare_home
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import decision_files, publishing
else:
    decision_files = lazy_module("register.decision_files")
    publishing = lazy_module("register.publishing")

AGREEMENT_TITLES = {
    "both": "both sources",
    "police_only": "police only",
    "authority_only": "authority only",
}
OUTCOME_TITLES = {
    "accepted": "accepted",
    "accepted_with_quarantine": "accepted with quarantined rows",
    "rejected": "rejected",
}


class Engine(StrEnum):
    """What can run the models of a load."""

    DUCKDB = "duckdb"
    SPARK = "spark"


AsKnownAt = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Rebuild the register as it was known at this date or moment (UTC), put it aside,"
        " and leave the current one as it is. Nothing new is landed.",
    ),
]
Refresh = Annotated[
    bool, typer.Option(help="Remove the warehouse first and rebuild it from landing.")
]
EngineOption = Annotated[
    Engine,
    typer.Option(help="What runs the models; Spark needs `make setup-spark` and a Java runtime."),
]
AcceptChurn = Annotated[
    bool,
    typer.Option(
        "--accept-churn",
        help="Let this load change more keys of children than the tolerance allows. Written down"
        " with --by and --reason; it is valid for the load after the last generation.",
    ),
]
AcceptDecisions = Annotated[
    bool,
    typer.Option(
        "--accept-decisions",
        help="Go on with decision files that lost or changed rows and cannot be restored. Written"
        " down with --by and --reason.",
    ),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who accepts, with --accept-….")]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why, with --accept-….")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the summary as JSON.")]


def load(  # noqa: PLR0913, PLR0917 - each is an option of the command
    as_known_at: AsKnownAt = None,
    refresh: Refresh = False,
    engine: EngineOption = Engine.DUCKDB,
    accept_churn: AcceptChurn = False,
    accept_decisions: AcceptDecisions = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Land what is new, build and audit the register, publish it and measure it."""
    from engines.spark import SparkMissingError, check_spark
    from orchestration.dagster_home import BusyError
    from orchestration.dbt import DbtError
    from orchestration.options import LoadOptions
    from orchestration.seed_checks import SeedError, check_seeds

    settings = load_settings()
    prepare_home(settings)
    try:
        if accept_decisions:
            _accept_decisions(settings, by, reason)
        decision_files.check_decision_files(settings)
        decision_files.check_decision_key(settings)
        check_seeds(settings)
    except (
        decision_files.DecisionFilesError,
        decision_files.KeyChangedError,
        SeedError,
    ) as error:
        stop(str(error), FAILED)
    if settings.key_warning:
        notices.print(settings.key_warning, style="bold red", markup=False)
    moment = _moment(as_known_at)
    if accept_churn:
        _accept(settings, moment, by, reason)
    elif (by or reason) and not accept_decisions:
        raise typer.BadParameter(
            "goes with --accept-churn or --accept-decisions", param_hint="--by, --reason"
        )
    try:
        if engine is Engine.SPARK:
            check_spark(settings.spark_remote)
        _run(settings, LoadOptions(as_known_at=moment, refresh=refresh, engine=engine.value))
    except BusyError as error:
        stop(str(error), BUSY)
    except (DbtError, SparkMissingError) as error:
        stop(str(error), FAILED)
    generation = (
        publishing.generations_aside(settings)[0]
        if moment
        else publishing.current_generation(settings)
    )
    assert generation is not None
    summary = publishing.summarise(generation)
    if as_json:
        write_json({**asdict(summary), "folder": str(generation.folder)})
    else:
        show(settings, generation, summary)


def _moment(as_known_at: str | None) -> str | None:
    from orchestration.options import parse_moment

    try:
        return parse_moment(as_known_at) if as_known_at else None
    except ValueError:
        raise typer.BadParameter(
            "write a date or a moment, such as 2026-01-31 or 2026-01-31T23:59:59Z",
            param_hint="--as-known-at",
        ) from None


def _accept(settings: Settings, moment: str | None, by: str, reason: str) -> None:
    from register.publishing import ChurnError, accept_churn

    if moment is not None:
        raise typer.BadParameter(
            "a rebuild as known at a moment changes no keys", param_hint="--accept-churn"
        )
    try:
        generation_id = accept_churn(settings, by, reason)
    except ChurnError as error:
        raise typer.BadParameter(str(error), param_hint="--accept-churn") from None
    notices.print(f"Written down: whatever changes since {generation_id} is accepted.")


def _accept_decisions(settings: Settings, by: str, reason: str) -> None:
    names = decision_files.accept_lost_decisions(settings, by, reason)
    notices.print(f"Written down: {', '.join(names)} as found, without the rows of before.")


def _run(settings: Settings, options: object) -> None:
    from interfaces.command_line.progress import load_progress
    from orchestration.defs.failure import advise_operator
    from orchestration.options import LoadOptions
    from orchestration.runner import run_job

    assert isinstance(options, LoadOptions)
    job = "look_back" if options.as_known_at else "load_register"
    with load_progress(settings) as progress:
        outcome = run_job(settings, job, options, progress)
    if outcome.is_interrupted:
        stop(
            "The load was interrupted. What had landed stays, and readers stay on the current"
            f" generation. Start it again. Its log: {outcome.log_file}"
        )
    if not outcome.is_success:
        for step, error in outcome.failed_steps.items():
            notices.print(error, style="red", markup=False, highlight=False)
            notices.print(advise_operator(step, error, settings), markup=False)
        stop(f"The load failed. Its log: {outcome.log_file}")
    if outcome.failed_checks:
        count = len(outcome.failed_checks)
        notices.print(
            f"[yellow]{count} critical check{'' if count == 1 else 's'} failed;"
            " the quality site shows which and why.[/yellow]"
        )


def show(
    settings: Settings, generation: publishing.Generation, summary: publishing.Summary
) -> None:
    """The summary of a load, for a person."""
    table = Table(title=f"Generation {summary.generation_id}", show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for outcome, title in OUTCOME_TITLES.items():
        table.add_row(f"Deliveries {title}", f"{summary.delivery_outcomes.get(outcome, 0):,}")
    table.add_row("Deliveries held", f"{summary.delivery_statuses.get('held', 0):,}")
    table.add_row("Deliveries withdrawn", f"{summary.delivery_statuses.get('withdrawn', 0):,}")
    table.add_row("Reports", f"{summary.report_count:,}")
    table.add_row("Episodes", f"{summary.episode_count:,}")
    table.add_row("Children", f"{summary.child_count:,}")
    table.add_row("Rule breaches", f"{summary.rule_breach_count:,}")
    _add_agreement(table, summary)
    output.print(table)
    folder = settings.published / "current" if generation.is_current else generation.folder
    output.print("\nWhere to look", style="bold")
    _place("register", folder / "national_register.duckdb")
    _place("case lists", folder / "case_lists.duckdb")
    if generation.is_current:
        _place("quality site", settings.quality / "site" / "index.html")
    else:
        output.print("  put aside: readers still get the current generation")
    output.print("  rejected or held deliveries: register deliveries --outcome rejected")


def _add_agreement(table: Table, summary: publishing.Summary) -> None:
    """All episodes by the sources that recorded them, then those in scope of both sources."""
    parts = (
        ("Episodes known to", summary.agreement),
        ("Of those both should know:", summary.agreement_where_both_expected),
    )
    for title, counts in parts:
        total = sum(counts.values())
        for status, known_to in AGREEMENT_TITLES.items():
            count = counts.get(status, 0)
            share = f" ({count / total:.0%})" if total else ""
            table.add_row(f"{title} {known_to}", f"{count:,}{share}")


def _place(title: str, path: object) -> None:
    output.print(f"  {title}: {path}", markup=False, highlight=False, soft_wrap=True)
