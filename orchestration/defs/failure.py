"""Advice for the operator, written to the log of a failed run and to the history of loads."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.steps import choose_sensor_status
from register.load_history import LOAD_JOBS, Load, mark_failure, record_load, start_record
from register.publishing import HOLDING_TEST, read_held_churn
from register.settings import Settings, load_settings
from register.yaml_file import read_yaml

ADVICE: dict[str, str] = read_yaml(Path(__file__).with_name("advice.yaml"))
# What a failing test of dbt says: its name, its number of rows and their deliveries. Nothing else
# of an error goes into the history, since another error may quote a value.
BROKEN_RULE = re.compile(r"[\w.]+ is broken by [\d,]+ rows?(?:, of [^\n]+)?")


def advise_operator(step: str, error: str, settings: Settings) -> str:
    """Return advice for an operator after `step` failed with this error text."""
    churn = read_held_churn(settings) if HOLDING_TEST in error else None
    message = ADVICE.get(step, ADVICE["other_steps"])
    return f"{message}\n{churn.describe_hold()}" if churn is not None else message


def extract_error(event: dg.DagsterEvent) -> str:
    """Return the error text of a failed step: its own description, or that of the inmost cause."""
    data: Any = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return str(data.user_failure_data.description)
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


def begin_record(
    settings: Settings, instance: dg.DagsterInstance, job_name: str, run_id: str
) -> Load:
    """Return the record of a run for the history of loads; it says that the run published."""
    run = instance.get_run_record_by_id(run_id)
    started = run.start_time if run else None
    return start_record(settings, job_name, run_id, started)


def record_failure(
    settings: Settings, load: Load, step: str = "", error: str = "", advice: str = ""
) -> None:
    """Mark a load as failed, and record which step failed, which rules are broken and the advice.

    Failed runs of other jobs than loads leave no trace.
    """
    mark_failure(settings, load.job_name, load.run_id)
    if load.job_name in LOAD_JOBS:
        text = advice or advise_operator(step, error, settings)
        faults = tuple(dict.fromkeys(BROKEN_RULE.findall(error)))
        record_load(
            settings, replace(load, outcome="failed", step=step, advice=text, faults=faults)
        )


@dg.failure_hook(name="say_what_to_do")
def say_what_to_do(context: dg.HookContext) -> None:
    """Mark the load as failed, and log the advice for the step that failed."""
    settings = load_settings()
    error = context.op_exception
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    context.log.error(advise_operator(context.op.name, str(error), settings))
    load = begin_record(settings, context.instance, context.job_name, context.run_id)
    record_failure(settings, load, context.op.name, str(error))


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
        load = begin_record(settings, context.instance, run.job_name, run.run_id)
        step, error = failures[0] if failures else ("", "")
        record_failure(settings, load, step, error, "" if failures else ADVICE["killed"])
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
