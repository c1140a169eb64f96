"""Advice for the operator, written to the log of a failed run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.locks import mark_failure
from orchestration.steps import choose_sensor_status
from register.publishing import HOLDING_TEST, read_held_churn
from register.settings import Settings, load_settings
from register.yaml_file import read_yaml

ADVICE: dict[str, str] = read_yaml(Path(__file__).with_name("advice.yaml"))


def advise_operator(step: str, error: str, settings: Settings) -> str:
    """Return advice for an operator after `step` failed with this error text."""
    churn = read_held_churn(settings) if HOLDING_TEST in error else None
    message = ADVICE.get(step, ADVICE["other_steps"])
    return f"{message}\n{churn.describe_hold()}" if churn is not None else message


def extract_error(event: dg.DagsterEvent) -> str:
    """Return the error text of a failed step, taken from the innermost cause."""
    data: Any = event.step_failure_data
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else ""


def is_interruption(event: dg.DagsterEvent) -> bool:
    """Return whether an event says that a person or the machine interrupted a run."""
    if event.event_type != dg.DagsterEventType.RUN_FAILURE:
        return False
    error = event.job_failure_data.error
    return error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__


@dg.failure_hook(name="say_what_to_do")
def say_what_to_do(context: dg.HookContext) -> None:
    """Mark the load as failed, and log the advice for the step that failed."""
    settings = load_settings()
    mark_failure(settings, context.job_name, context.run_id)
    error = context.op_exception
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    context.log.error(advise_operator(context.op.name, str(error), settings))


def report_failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Log the failed steps of a run and what to do about them."""
    failures = [
        (event.step_key, extract_error(event))
        for event in context.get_step_failure_events()
        if event.step_key is not None
    ]
    settings = load_settings()
    advice = [f"{step}: {advise_operator(step, error, settings)}" for step, error in failures]
    run, message = context.dagster_run, "; ".join(advice) or ADVICE["killed"]
    latest = context.instance.get_runs(dg.RunsFilter(job_name=run.job_name), limit=1)
    # A later load may already have succeeded.
    if [item.run_id for item in latest] == [run.run_id]:
        mark_failure(settings, run.job_name, run.run_id)
    context.log.error("run %s of %s failed. %s", run.run_id, run.job_name, message)


@dg.definitions
def defs() -> dg.Definitions:
    """Define the sensor that reacts to failed runs."""
    sensor = dg.run_failure_sensor(
        name="report_failed_runs",
        description="Logs what to do after a run that failed, also when its process was killed.",
        minimum_interval_seconds=60,
        default_status=choose_sensor_status(load_settings()),
    )
    return dg.Definitions(sensors=[sensor(report_failed_runs)])
