"""Landing as assets: what suppliers delivered, and every table that dbt reads from landing.

One step lands everything new, whatever the feed: a run a delivery would cost more than the
landing. How files are read and judged belongs in `register.feeds`.
"""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.dbt_manifest import load_manifest
from orchestration.defs.ingest.freshness import freshness_policies
from orchestration.owners import DATA_TEAM
from orchestration.retries import retry_on_io_error
from register.decision_files import check_decision_files
from register.feeds import Delivery, land_everything, land_postcodes_in_background
from register.settings import load_settings

# Written by people, not landed.
DECISIONS = "decisions"
PROGRESS_STEP = 20
LEDGER = "ledger"
DELIVERIES_KEY = dg.AssetKey([LEDGER, "deliveries"])
LEVELS = {"conservation": dg.AssetCheckSeverity.ERROR}
CHECKS = {
    "conservation": "Records received = records landed + records quarantined, in every table.",
    "rejected_deliveries": "No delivery was rejected; feedback files say what to put right.",
    "damaged_deliveries": "No landed delivery was damaged; one that was has been landed again.",
    "held_deliveries": "No delivery waits for a person to confirm it.",
    "wrong_layouts": "No delivery waits for its layout to be mended.",
}


def inbox_key(feed: str) -> dg.AssetKey:
    """What suppliers delivered for a feed: the outside of the register."""
    return dg.AssetKey(["inbox", feed])


def source_keys(manifest: Mapping[str, Any]) -> dict[dg.AssetKey, str]:
    """The sources that dbt reads, with their descriptions."""
    return {
        dg.AssetKey([source["source_name"], source["name"]]): source["description"]
        for source in manifest["sources"].values()
    }


def check_results(
    entries: Sequence[Delivery], mended: Sequence[str] = (), waiting: Sequence[str] = ()
) -> Iterator[dg.AssetCheckResult]:
    """The checks of one landing: counts, delivery ids, and places that wait for their layout."""
    failing = {
        "conservation": [
            entry.delivery_id
            for entry in entries
            if entry.received_row_count != entry.landed_row_count + entry.quarantined_row_count
        ],
        "rejected_deliveries": [entry.delivery_id for entry in entries if not entry.is_accepted],
        "damaged_deliveries": list(mended),
        "held_deliveries": [entry.delivery_id for entry in entries if entry.is_held],
        "wrong_layouts": list(waiting),
    }
    for name, deliveries in failing.items():
        yield dg.AssetCheckResult(
            check_name=name,
            asset_key=DELIVERIES_KEY,
            passed=not deliveries,
            severity=LEVELS.get(name, dg.AssetCheckSeverity.WARN),
            metadata={"deliveries": len(deliveries), "which": ", ".join(deliveries[:20])},
        )


def row_counts(entries: Sequence[Delivery]) -> Counter[dg.AssetKey]:
    """Rows landed for each table in these deliveries."""
    counts: Counter[dg.AssetKey] = Counter()
    for entry in entries:
        for table, rows in entry.count_landed_rows_by_table().items():
            counts[dg.AssetKey([entry.feed, table])] += rows
    return counts


def _landing(landed: Mapping[dg.AssetKey, str], feeds: Sequence[str]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            key,
            deps=[inbox_key(key.path[0])] if key.path[0] in feeds else map(inbox_key, feeds),
            description=description or f"{key.path[-1]} of {key.path[0]}, as landed.",
            group_name="landing",
            owners=[DATA_TEAM],
            kinds={"python", "parquet"},
        )
        for key, description in landed.items()
    ]

    @dg.multi_asset(
        name="land_deliveries",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(name, asset=DELIVERIES_KEY, description=text, blocking=name in LEVELS)
            for name, text in CHECKS.items()
        ],
        pool="landing",
    )
    def land_deliveries(context: dg.AssetExecutionContext) -> Iterator[Any]:
        settings = load_settings()
        # Landing judges holds by them.
        check_decision_files(settings)

        def report_progress(done: int, total: int, _: str) -> None:
            if done % PROGRESS_STEP == 0 or done == total:
                context.log.info(f"Land deliveries: {done:,} of {total:,}")

        with retry_on_io_error(times=2, wait_seconds=10), land_postcodes_in_background(settings):
            summary = land_everything(settings, progress=report_progress)
        fresh = summary.landed
        for feed, count in Counter(entry.feed for entry in fresh).items():
            context.log_event(
                dg.AssetMaterialization(inbox_key(feed), metadata={"deliveries": count})
            )
        rows = row_counts(fresh)
        rows[DELIVERIES_KEY] = len(fresh)
        for key in landed:
            yield dg.MaterializeResult(asset_key=key, metadata={"new rows": rows[key]})
        if summary.wrong_layouts:
            context.log.error("\n".join(summary.wrong_layouts))
            count = len(summary.wrong_layouts)
            context.log.info(
                f"Land deliveries: {count:,} wait for a layout that is wrong: see `register doctor`"
            )
        yield from check_results(fresh, summary.mended, summary.wrong_layouts)

    return land_deliveries


@dg.definitions
def defs() -> dg.Definitions:
    """What is delivered and decided outside (external), and what landing makes of it."""
    settings = load_settings()
    manifest = load_manifest(settings)
    sources = source_keys(manifest)
    policies = freshness_policies(settings)
    outside = [
        dg.AssetSpec(
            inbox_key(feed),
            description=f"Deliveries that suppliers put into inbox/{feed}.",
            group_name="suppliers",
            owners=[DATA_TEAM],
            kinds={"file"},
            freshness_policy=policy,
        )
        for feed, policy in policies.items()
    ]
    decided = [
        dg.AssetSpec(
            key,
            description=description,
            group_name="decisions",
            owners=[DATA_TEAM],
            kinds={"csv"},
        )
        for key, description in sources.items()
        if key.path[0] == DECISIONS
    ]
    landed = {key: text for key, text in sources.items() if key.path[0] != DECISIONS}
    landed.setdefault(DELIVERIES_KEY, "One row per delivery: the ledger.")
    return dg.Definitions(assets=[_landing(landed, list(policies)), *outside, *decided])
