"""What to do when a step fails, in plain words, where the operator looks: the run's own log."""

from __future__ import annotations

import dagster as dg

ADVICE = {
    "land_deliveries": (
        "Landing stopped. What had landed stays, and the next load goes on from there. A delivery"
        " that cannot be read is rejected and never stops a load, so this is a fault of ours or of"
        " the surroundings: look for a full disk or a folder that cannot be written (`register"
        " doctor`); a delivery named above can be taken out of the inbox until the fault is mended."
    ),
    "build_register": (
        "The build or its audit failed. Readers stay on the current generation. The failed checks"
        " name what is not true; the build is kept as published/.failed-* for inspection. Correct"
        " the model, the seed or the decision that is wrong, then run `register load` again."
    ),
    "published__generation": (
        "The audited build could not be published. Readers stay on the current generation. Look"
        " for a full disk or a folder that cannot be written (`register doctor`), then start this"
        " run again from its failure: the build is still there."
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
OTHERWISE = "Read the error above; `register doctor` checks the surroundings of a load."
KILLED = (
    "The run ended without a failing step: its process was killed or never started. Nothing is"
    " lost; start it again. If it happens again, look at the memory of the machine."
)


def advice(step: str) -> str:
    """What an operator does after a failure of `step`."""
    return ADVICE.get(step, OTHERWISE)


@dg.failure_hook(name="say_what_to_do")
def say_what_to_do(context: dg.HookContext) -> None:
    """Log the advice for the step that failed."""
    context.log.error(advice(context.op.name))


@dg.run_failure_sensor(
    name="report_failed_runs",
    description="Logs what to do after a run that failed, also when its process was killed.",
    minimum_interval_seconds=60,
)
def report_failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Log the failed steps of a run and what to do about them."""
    steps = [
        event.step_key for event in context.get_step_failure_events() if event.step_key is not None
    ]
    says = "; ".join(f"{step}: {advice(step)}" for step in steps) or KILLED
    context.log.error(
        "run %s of %s failed. %s", context.dagster_run.run_id, context.dagster_run.job_name, says
    )
