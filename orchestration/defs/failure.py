"""Writes advice to the operator into the log of a run that failed."""

from __future__ import annotations

from typing import Any

import dagster as dg

from orchestration.steps import choose_sensor_status
from register.publishing import HOLDING_TEST, held_churn
from register.settings import Settings, load_settings

ADVICE = {
    "land_deliveries": (
        "Landing stopped. What had landed stays, and the next load goes on from there. A delivery"
        " that cannot be read is rejected and never stops a load, so this is a fault of the code"
        " or the machine: look for a full disk or a folder that cannot be written (`register"
        " doctor`); a delivery named above can be taken out of the inbox until the fault is mended."
    ),
    "build_register": (
        "The build or its audit failed. Readers stay on the current generation. The message above"
        " names each broken rule, and whose rows they are; the build is kept as published/.failed-*"
        " for inspection. Where one supplier's delivery is at fault, set it aside and publish the"
        ' rest: `register deliveries withdraw <delivery> --by "…" --reason "…"` (`register'
        " deliveries --supplier <code>` lists what a supplier sent). Else correct the model, the"
        " seed or the decision that is wrong."
        " Then run `register load` again."
    ),
    "published__generation": (
        "The audited build could not be published. Readers stay on the current generation. Look"
        " for a full disk or a folder that cannot be written (`register doctor`), then start this"
        " run again from its failure: the build is still there."
    ),
    "served__parquet": (
        "The generation is published; its Parquet package is not. Readers of `published/parquet`"
        " stay on the one before. Look for a full disk or a folder that cannot be written"
        " (`register doctor`), then run `register serve parquet`."
    ),
    "served__postgres": (
        "The generation is published; PostgreSQL has the one before, whole. Put right what the"
        " error says, then run `register serve postgres`."
    ),
    "measure_register": (
        "The generation is published and good to read; only its measurement failed. Start this run"
        " again from its failure, or run the job `measure`."
    ),
    "hold_marts_to_tolerances": (
        "The generation is published and measured; only showing the results as checks failed."
        " Start this run again from its failure."
    ),
}
OTHER_STEPS = "Read the error above; `register doctor` checks the surroundings of a load."
KILLED = (
    "The run ended without a failing step: its process was killed or never started. Nothing is"
    " lost; start it again. If it happens again, look at the memory of the machine."
)


def advise_operator(step: str, error: str, settings: Settings) -> str:
    """Return what an operator can do after a failure of `step`, given its error text."""
    churn = held_churn(settings) if HOLDING_TEST in error else None
    message = ADVICE.get(step, OTHER_STEPS)
    return f"{message}\n{churn.describe_hold()}" if churn is not None else message


def extract_error(event: dg.DagsterEvent) -> str:
    """Return the error text of a failed step: that of the innermost cause."""
    data: Any = event.step_failure_data
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else ""


def is_interruption(event: dg.DagsterEvent) -> bool:
    """Return whether an event says that a person, or the machine, ended a run."""
    if event.event_type != dg.DagsterEventType.RUN_FAILURE:
        return False
    error = event.job_failure_data.error
    return error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__


@dg.failure_hook(name="say_what_to_do")
def say_what_to_do(context: dg.HookContext) -> None:
    """Log the advice for the step that failed."""
    error = context.op_exception
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    context.log.error(advise_operator(context.op.name, str(error), load_settings()))


def report_failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Log the failed steps of a run and what to do about them."""
    failures = [
        (event.step_key, extract_error(event))
        for event in context.get_step_failure_events()
        if event.step_key is not None
    ]
    settings = load_settings()
    message = (
        "; ".join(f"{step}: {advise_operator(step, error, settings)}" for step, error in failures)
        or KILLED
    )
    context.log.error(
        "run %s of %s failed. %s", context.dagster_run.run_id, context.dagster_run.job_name, message
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Define the sensor of failed runs."""
    sensor = dg.run_failure_sensor(
        name="report_failed_runs",
        description="Logs what to do after a run that failed, also when its process was killed.",
        minimum_interval_seconds=60,
        default_status=choose_sensor_status(load_settings()),
    )
    return dg.Definitions(sensors=[sensor(report_failed_runs)])
