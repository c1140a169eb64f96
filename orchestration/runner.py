"""Running of one Dagster job in this process, for a person at a terminal.

The run is recorded in the home's Dagster instance, so it also appears in the web interface. The
output of commands belongs in `interfaces.command_line.commands`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import dagster as dg

from orchestration.dagster_home import (
    COMMAND_TAG,
    COMMAND_VALUE,
    dagster_instance,
    prepare_dagster_home,
    prune_runs,
    release_dead_runs,
    wait_for_other_runs,
)
from orchestration.dbt import prepare_manifest
from orchestration.defs.failure import (
    ADVICE,
    begin_record,
    extract_error,
    is_interruption,
    record_failure,
)
from orchestration.locks import command_lock
from orchestration.options import LoadOptions
from register.load_history import clear_failure
from register.settings import Settings


class RunListener(Protocol):
    """A listener that receives the events of a run as they happen."""

    def on_event(self, event: dg.DagsterEvent) -> None:
        """Receive a Dagster event."""

    def on_message(self, step: str, message: str) -> None:
        """Receive a line that a step logged."""

    def on_wait(self) -> None:
        """Receive a single notice if the run must wait for another run."""


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run: failed steps with their errors, failed checks, and the log's path.

    If a signal ended the run, `is_interrupted` is true.
    """

    run_id: str
    is_success: bool
    failed_steps: dict[str, str]
    failed_checks: tuple[str, ...]
    is_interrupted: bool
    log_file: Path


def run_job(
    settings: Settings, job_name: str, options: LoadOptions, listener: RunListener
) -> RunOutcome:
    """Run a job to its end, and pass each event to `listener`. A failing step raises no error.

    Raises `BusyError` if another command is running a load in this home.
    """
    with (
        command_lock(settings),
        _redirect_output(settings, job_name) as log_file,
        dagster_instance(settings) as instance,
    ):
        release_dead_runs(instance)
        # Parse the project first, because dbt's own error is clearer than Dagster's.
        prepare_manifest(settings)
        job = _resolve_job(job_name, listener)
        wait_for_other_runs(instance, listener.on_wait)
        result = job.execute_in_process(
            run_config={
                "resources": {"options": {"config": options.model_dump()}},
                "loggers": {"console": {"config": {"log_level": "INFO"}}, "progress": {}},
            },
            instance=instance,
            tags={COMMAND_TAG: COMMAND_VALUE},
            raise_on_error=False,
        )
        if result.success:
            clear_failure(settings)
        elif not any(event.is_step_failure for event in result.all_events):
            load = begin_record(settings, instance, job_name, result.run_id)
            record_failure(settings, load, advice=ADVICE["killed"])
        prune_runs(instance, settings)
    return RunOutcome(
        run_id=result.run_id,
        is_success=result.success,
        failed_steps={
            str(event.step_key): extract_error(event)
            for event in result.all_events
            if event.is_step_failure
        },
        failed_checks=tuple(
            f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}"
            for evaluation in result.get_asset_check_evaluations()
            if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
        ),
        is_interrupted=any(is_interruption(event) for event in result.all_events),
        log_file=log_file,
    )


def _resolve_job(job_name: str, listener: RunListener) -> dg.JobDefinition:
    from orchestration.definitions import defs

    loggers = {"console": dg.colored_console_logger, "progress": _define_progress_logger(listener)}
    definitions = dg.Definitions.merge(defs(), dg.Definitions(loggers=loggers))
    return definitions.resolve_job_def(job_name)


class _EventHandler(logging.Handler):
    """A handler that passes Dagster's events to a listener as they happen."""

    def __init__(self, listener: RunListener) -> None:
        super().__init__()
        self._listener = listener

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_event", None)
        if event is not None:
            self._listener.on_event(event)
            return
        meta = getattr(record, "dagster_meta", None) or {}
        if meta.get("step_key") and record.levelno == logging.INFO:
            self._listener.on_message(meta["step_key"], str(meta.get("orig_message", "")))


def _define_progress_logger(listener: RunListener) -> dg.LoggerDefinition:
    @dg.logger
    def progress(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("progress")
        logger.addHandler(_EventHandler(listener))
        return logger

    return progress


@contextmanager
def _redirect_output(settings: Settings, job_name: str) -> Iterator[Path]:
    """Redirect the output of Dagster and dbt to a file for the block, and yield its path."""
    folder = prepare_dagster_home(settings) / "logs"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{job_name}.log"
    with (
        path.open("a", encoding="utf-8") as stream,
        redirect_stdout(stream),
        redirect_stderr(stream),
    ):
        yield path
