"""The outbox as an asset: after each load, what each supplier has to correct."""

# Annotations are not postponed here: Dagster reads them when it defines a step.

import dagster as dg

from orchestration.defs.publish.generation import GENERATION_KEY
from orchestration.steps import DATA_TEAM, require_generation, retry_on_io_error
from register.feeds import fill_outbox
from register.publishing import read_breaches, read_statuses
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
    """Write for each supplier the faults of its deliveries in the current generation."""
    settings = load_settings()
    generation = require_generation(settings)
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
