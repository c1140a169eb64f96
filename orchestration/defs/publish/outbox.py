"""The outbox as an asset: after each load, what is new for each supplier to put right."""

# Annotations are not postponed here: Dagster reads them when it defines a step.

import dagster as dg

from orchestration.defs.publish.generation import GENERATION_KEY
from orchestration.owners import DATA_TEAM
from orchestration.retries import retry_on_io_error
from register.feeds import fill_outbox
from register.publishing import (
    PublishError,
    current_generation,
    read_breaches,
    read_statuses,
)
from register.settings import load_settings

FEEDBACK_KEY = dg.AssetKey(["outbox", "feedback"])


@dg.asset(
    key=FEEDBACK_KEY,
    deps=[GENERATION_KEY],
    group_name="suppliers",
    owners=[DATA_TEAM],
    kinds={"file"},
    pool="outbox",
    description=(
        "What is new for a supplier to put right: `outbox/<supplier>/<generation>.csv`, with the"
        " rules of the statutory return that only the built register can judge."
    ),
)
def feedback_to_suppliers(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Tell each supplier what the current generation found in its deliveries."""
    settings = load_settings()
    generation = current_generation(settings)
    if generation is None:
        raise PublishError("nothing is published yet: run the job load_register")
    with retry_on_io_error(times=2, wait_seconds=5):
        counts = fill_outbox(
            settings,
            generation.generation_id,
            read_breaches(generation),
            read_statuses(generation),
        )
    context.log.info(f"new feedback for {len(counts):,} suppliers")
    return dg.MaterializeResult(
        metadata={"suppliers": len(counts), "new lines": sum(counts.values())}
    )
