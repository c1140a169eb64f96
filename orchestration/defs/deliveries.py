"""Landing as Dagster assets: deliveries from suppliers, and the landed tables that dbt reads.

In a load, one step lands everything new of all feeds. A feed is partitioned by supplier and period,
and a run of one partition lands only its delivery. A feed's freshness policy comes from the
delivery calendars of its suppliers. Reading and checking files belongs in `register.feeds`.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.dbt_manifest import load_manifest
from orchestration.delivery_partitions import feed_partitions, inbox_key, report_deliveries
from orchestration.steps import DATA_TEAM, retry_on_io_error, retry_unreachable_inbox
from register.decision_files import check_decision_files
from register.feeds import (
    Delivery,
    land_everything,
    land_postcodes_in_background,
)
from register.settings import Settings, load_settings

# The dbt source whose files people write.
DECISIONS = "decisions"
# For each calendar, the longest time in days between two deliveries of a punctual supplier.
CALENDAR_DAYS = {"monthly": 31, "quarterly": 92, "yearly": 366}
GRACE_DAYS = 7
PROGRESS_STEP = 20
# How often a step is repeated after a fault of a disk or network, and how long it waits before.
RETRIES = 2
WAIT_SECONDS = 10
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


def describe_sources(manifest: Mapping[str, Any]) -> dict[dg.AssetKey, str]:
    """Return the descriptions of dbt's sources by asset key."""
    return {
        dg.AssetKey([source["source_name"], source["name"]]): source["description"]
        for source in manifest["sources"].values()
    }


def _check_landing(
    entries: Sequence[Delivery], repaired: Sequence[str], waiting: Sequence[str]
) -> Iterator[dg.AssetCheckResult]:
    """Yield the result of each check of landing, with the ids of up to 20 deliveries that fail it.

    `repaired` are deliveries that were damaged and have landed again. `waiting` are places in the
    inbox whose layout cannot be used.
    """
    failing = {
        "conservation": [
            entry.delivery_id
            for entry in entries
            if entry.received_row_count
            != entry.landed_row_count + entry.quarantined_row_count + entry.erased_row_count
        ],
        "rejected_deliveries": [entry.delivery_id for entry in entries if not entry.is_accepted],
        "damaged_deliveries": list(repaired),
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


def _count_rows(entries: Sequence[Delivery]) -> Counter[dg.AssetKey]:
    """Count the rows that these deliveries added to each table."""
    counts: Counter[dg.AssetKey] = Counter()
    for entry in entries:
        for table, rows in entry.count_landed_rows_by_table().items():
            counts[dg.AssetKey([entry.feed, table])] += rows
    return counts


def _define_landing(tables: Mapping[dg.AssetKey, str], feeds: Sequence[str]) -> dg.AssetsDefinition:
    """Define the step that lands all new deliveries. `tables` has descriptions by asset key."""
    specs = [
        dg.AssetSpec(
            key,
            deps=[inbox_key(key.path[0])] if key.path[0] in feeds else map(inbox_key, feeds),
            description=description or f"{key.path[-1]} of {key.path[0]}, as landed.",
            group_name="landing",
            owners=[DATA_TEAM],
            kinds={"python", "parquet"},
        )
        for key, description in tables.items()
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
        # Landing needs the decision files, which say which deliveries are held, so check them
        # first.
        check_decision_files(settings)

        def report_progress(done: int, total: int, _: str) -> None:
            if done % PROGRESS_STEP == 0 or done == total:
                context.log.info(f"Land deliveries: {done:,} of {total:,}")

        with (
            retry_on_io_error(RETRIES, WAIT_SECONDS),
            retry_unreachable_inbox(context, RETRIES, WAIT_SECONDS),
            land_postcodes_in_background(settings),
        ):
            summary = land_everything(settings, progress=report_progress)
        fresh = summary.landed
        report_deliveries(context.instance, settings, fresh)
        rows = _count_rows(fresh)
        rows[DELIVERIES_KEY] = len(fresh)
        for key in tables:
            yield dg.MaterializeResult(asset_key=key, metadata={"new rows": rows[key]})
        if summary.wrong_layouts:
            context.log.error("\n".join(summary.wrong_layouts))
            count = len(summary.wrong_layouts)
            context.log.info(
                f"Land deliveries: {count:,} wait for a layout that is wrong: see `register doctor`"
            )
        yield from _check_landing(fresh, summary.mended, summary.wrong_layouts)

    return land_deliveries


def _define_feed(feed: str, policy: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    """Define the step that lands the delivery of one supplier and period of a feed."""

    @dg.asset(
        key=inbox_key(feed),
        description=(
            f"Deliveries in inbox/{feed}, by supplier and period. A partition is missing until the"
            " register uses a delivery of it."
        ),
        partitions_def=feed_partitions(feed),
        group_name="suppliers",
        owners=[DATA_TEAM],
        kinds={"file"},
        freshness_policy=policy,
        output_required=False,
        pool="landing",
    )
    def land_delivery(context: dg.AssetExecutionContext) -> Iterator[Any]:
        settings = load_settings()
        check_decision_files(settings)
        with (
            retry_on_io_error(RETRIES, WAIT_SECONDS),
            retry_unreachable_inbox(context, RETRIES, WAIT_SECONDS),
        ):
            summary = land_everything(settings, only=f"{feed}/{context.partition_key}")
        report_deliveries(context.instance, settings, summary.landed)
        used = context.instance.get_materialized_partitions(inbox_key(feed))
        if context.partition_key not in used:
            context.log.warning(
                f"The register uses no delivery of inbox/{feed}/{context.partition_key}: see"
                " `register status`"
            )
        elif summary.landed:
            yield dg.MaterializeResult(metadata={"new deliveries": len(summary.landed)})

    return land_delivery


def _read_freshness_policies(settings: Settings) -> dict[str, dg.FreshnessPolicy]:
    """Return a freshness policy for each feed, from the longest calendar of its suppliers.

    The policy warns if this time has passed without a delivery, and fails a week later.
    """
    longest: dict[str, int] = {}
    with (settings.seeds / "ref__suppliers.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            days = CALENDAR_DAYS[row["delivery_calendar"]] + int(row["due_days"])
            longest[row["feed"]] = max(days, longest.get(row["feed"], 0))
    return {
        feed: dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=days + GRACE_DAYS), warn_window=timedelta(days=days)
        )
        for feed, days in sorted(longest.items())
    }


@dg.definitions
def defs() -> dg.Definitions:
    """Define the feeds, the landed tables, and external assets for what people write."""
    settings = load_settings()
    manifest = load_manifest(settings)
    sources = describe_sources(manifest)
    policies = _read_freshness_policies(settings)
    delivered = [_define_feed(feed, policy) for feed, policy in policies.items()]
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
    return dg.Definitions(assets=[_define_landing(landed, list(policies)), *delivered, *decided])
