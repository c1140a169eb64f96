"""`register load`: land, build, publish and measure, and show a summary."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import (
    decision_files,
    delivery_gaps,
    feeds,
    load_history,
    publishing,
)
from interfaces.command_line.recorded_output import check_author
from register.home import prepare_home
from register.settings import Settings, load_settings

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
    """Database engine that runs the models of a load."""

    DUCKDB = "duckdb"
    SPARK = "spark"


AsKnownAt = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Rebuild the register as it was known at this date or time (UTC), and keep it beside"
        " the current one, which does not change. Nothing new is landed.",
    ),
]
Refresh = Annotated[
    bool, typer.Option(help="Remove the warehouse first and rebuild it from landing.")
]
EngineOption = Annotated[
    Engine,
    typer.Option(
        help="The engine that runs the dbt models; Spark needs `make setup-spark` and Java."
    ),
]
AcceptChurn = Annotated[
    bool,
    typer.Option(
        "--accept-churn",
        help="Let this load change more children's keys than the tolerance allows. Needs --by "
        "and --reason, which are recorded. Valid only for the load that follows the latest "
        "generation.",
    ),
]
AcceptDecisions = Annotated[
    bool,
    typer.Option(
        "--accept-decisions",
        help="Continue although decision files lost or changed rows and cannot be restored. "
        "Needs --by and --reason, which are recorded.",
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Name of the person who accepts, with --accept-….",
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="Reason for accepting, with --accept-….")
]


def load(  # noqa: PLR0913, PLR0917 - each is an option of the command
    as_known_at: AsKnownAt = None,
    refresh: Refresh = False,
    engine: EngineOption = Engine.DUCKDB,
    accept_churn: AcceptChurn = False,
    accept_decisions: AcceptDecisions = False,
    by: By = "",
    reason: Reason = "",
    as_json: console.AsJson = False,
) -> None:
    """Land new deliveries, build and test the register, publish it and measure it."""
    from orchestration.seed_checks import SeedError, check_seeds

    settings = load_settings()
    if (by or reason) and not (accept_churn or accept_decisions):
        raise typer.BadParameter(
            "goes with --accept-churn or --accept-decisions", param_hint="--by, --reason"
        )
    by = check_author(by) or ""
    prepare_home(settings)
    with console.stop_on(
        decision_files.DecisionFilesError, decision_files.KeyChangedError, SeedError
    ):
        if accept_decisions:
            names = decision_files.accept_lost_decisions(settings, by, reason)
            console.notices.print(f"Recorded: {', '.join(names)} accepted without the lost rows.")
        decision_files.check_decision_files(settings)
        decision_files.check_decision_key(settings)
        check_seeds(settings)
    if settings.key_warning:
        console.notices.print(settings.key_warning, style="bold red", markup=False)
    moment = _parse_time(as_known_at)
    _refuse_empty_home(settings)
    if accept_churn:
        _accept_churn(settings, moment, by, reason)
    job = "look_back" if moment else _choose_job(settings, refresh or engine is Engine.SPARK)
    if job is not None:
        run_load(settings, job, as_known_at=moment, refresh=refresh, engine=engine.value)
    generation = (
        publishing.generations_aside(settings)[0]
        if moment
        else publishing.current_generation(settings)
    )
    assert generation is not None
    summary = publishing.summarise(generation)
    if as_json:
        console.write_json({**asdict(summary), "folder": str(generation.folder)})
    elif job is not None:
        _show_summary(settings, generation, summary)
        if publishing.kept_generations(settings) == [generation]:
            _show_first_look(settings, generation)


def _refuse_empty_home(settings: Settings) -> None:
    """End the command if there is nothing to load, and say what to do."""
    if publishing.current_generation(settings) or feeds.list_landed_folders(settings.landing):
        return
    inbox = feeds.read_inbox_state(settings)
    if inbox.new:
        return
    _name_waiting(inbox)
    place = settings.inbox_settings.place or settings.inbox
    console.stop(
        f"there is nothing to load: the inbox {place} has no delivery."
        f" {delivery_gaps.HOW_TO_DELIVER} `register simulate` fills a new home with an invented"
        " nation instead.",
        console.NOT_FOUND,
    )


def _name_waiting(inbox: feeds.InboxState) -> None:
    for item in inbox.waiting:
        console.notices.print(f"A file is still being sent to {item.safe_place}.", markup=False)


def _choose_job(settings: Settings, is_rebuild: bool) -> str | None:
    """Return the Dagster job that does what remains to be done, or builds anew for `is_rebuild`.

    If nothing remains, remove the mark of a failed load and return None.
    """
    if is_rebuild:
        return "load_register"
    work = publishing.find_remaining_work(settings)
    if work.reasons_to_build:
        console.notices.print(f"Building: {', '.join(work.reasons_to_build)}.", markup=False)
        return "load_register"
    if work.unfinished_stages:
        names = ", ".join(work.unfinished_stages)
        console.notices.print(f"The register is up to date; completing: {names}.", markup=False)
        return "complete_load"
    # Nothing is left to load. So if an earlier load failed, the deliveries or decisions that made
    # it fail have been taken back.
    load_history.clear_failure(settings)
    _name_waiting(feeds.read_inbox_state(settings))
    console.notices.print(
        "Nothing to do: the current generation has every delivery and decision of this home, and"
        " was built by this program. `--refresh` builds it anyway."
    )
    return None


def _parse_time(as_known_at: str | None) -> str | None:
    from orchestration.options import parse_moment

    try:
        return parse_moment(as_known_at) if as_known_at else None
    except ValueError:
        raise typer.BadParameter(
            "write a date or a time, such as 2026-01-31 or 2026-01-31T23:59:59Z",
            param_hint="--as-known-at",
        ) from None


def _accept_churn(settings: Settings, moment: str | None, by: str, reason: str) -> None:
    from register.publishing import ChurnError, accept_churn

    if moment is not None:
        raise typer.BadParameter(
            ("--as-known-at changes no keys, so there is nothing to accept"),
            param_hint="--accept-churn",
        )
    try:
        generation_id = accept_churn(settings, by, reason)
    except ChurnError as error:
        raise typer.BadParameter(str(error), param_hint="--accept-churn") from None
    console.notices.print(f"Recorded: all changes of keys since {generation_id} are accepted.")


def run_load(settings: Settings, job: str, **choices: Any) -> None:
    """Run a job of Dagster, and end the command if it fails or another one runs."""
    from engines.spark import SparkMissingError, check_spark
    from interfaces.command_line.progress import open_progress
    from orchestration.dbt import DbtError
    from orchestration.defs.failure import advise_operator
    from orchestration.locks import BusyError
    from orchestration.options import EngineError, LoadOptions
    from orchestration.runner import run_job

    options = LoadOptions(**choices)
    with (
        console.stop_on(BusyError, code=console.BUSY),
        console.stop_on(DbtError, EngineError, SparkMissingError),
        open_progress(settings) as progress,
    ):
        options.check_engine(settings)
        if options.is_on_spark:
            check_spark(settings.spark_remote)
        outcome = run_job(settings, job, options, progress)
    if outcome.is_interrupted:
        console.stop(
            "The load was interrupted. What had landed stays, and readers stay on the current"
            f" generation. Start it again. Its log: {outcome.log_file}"
        )
    if not outcome.is_success:
        for step, error in outcome.failed_steps.items():
            console.notices.print(error, style="red", markup=False, highlight=False)
            console.notices.print(advise_operator(step, error, settings), markup=False)
        console.stop(f"The load failed. Its log: {outcome.log_file}")
    if outcome.failed_checks:
        count = len(outcome.failed_checks)
        console.notices.print(
            f"[yellow]{count} critical check{'' if count == 1 else 's'} failed;"
            " the quality site shows which and why.[/yellow]"
        )


def _show_summary(
    settings: Settings, generation: publishing.Generation, summary: publishing.Summary
) -> None:
    facts = [
        (f"Deliveries {title}", f"{summary.delivery_outcomes.get(outcome, 0):,}")
        for outcome, title in OUTCOME_TITLES.items()
    ]
    facts += [
        ("Deliveries held", f"{summary.delivery_statuses.get('held', 0):,}"),
        ("Deliveries withdrawn", f"{summary.delivery_statuses.get('withdrawn', 0):,}"),
        ("Reports", f"{summary.report_count:,}"),
        ("Episodes", f"{summary.episode_count:,}"),
        ("Children", f"{summary.child_count:,}"),
        ("Rule breaches", f"{summary.rule_breach_count:,}"),
        *_list_agreement("Episodes known to", summary.agreement),
        *_list_agreement(
            "Of those that should be known to both:", summary.agreement_where_both_expected
        ),
    ]
    console.show_facts(f"Generation {summary.generation_id}", facts)
    folder = settings.published / "current" if generation.is_current else generation.folder
    console.output.print("\nWhere to look", style="bold")
    console.write_line(f"  register: {folder / 'national_register.duckdb'}")
    console.write_line(f"  case lists: {folder / 'case_lists.duckdb'}")
    if generation.is_current:
        console.write_line(f"  quality site: {settings.quality / 'site' / 'index.html'}")
    else:
        console.output.print("  kept beside the current generation, which readers continue to get")
    console.output.print("  rejected or held deliveries: register deliveries --outcome rejected")


def _show_first_look(settings: Settings, generation: publishing.Generation) -> None:
    """Say in three sentences what was loaded, what to deliver next and where to look."""
    gaps = delivery_gaps.read_delivery_gaps(settings, generation)
    site = settings.quality / "site" / "index.html"
    console.output.print("\nYour first load", style="bold")
    console.write_line(f"  1. {gaps.describe_loaded()}")
    console.write_line(f"  2. {' '.join(gaps.steps[:1]) or gaps.describe_missing()}")
    console.write_line(f"  3. Open {site} in a browser: it has the figures and what is missing.")


def _list_agreement(title: str, counts: dict[str, int]) -> list[tuple[str, str]]:
    """List numbers and shares of episodes by the sources that recorded them."""
    total = sum(counts.values())
    facts = []
    for status, known_to in AGREEMENT_TITLES.items():
        count = counts.get(status, 0)
        share = f" ({count / total:.0%})" if total else ""
        facts.append((f"{title} {known_to}", f"{count:,}{share}"))
    return facts
