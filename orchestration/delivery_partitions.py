"""Dagster's partitions of each feed: its suppliers and periods, and which of them have arrived.

The ledger stays the only record. Events in the Dagster instance follow it, so that a partition is
materialized exactly if the register uses a delivery of this supplier and period.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import dagster as dg

from register.feeds import (
    Delivery,
    load_contracts,
    match_expected_deliveries,
    read_ledger,
    select_used_deliveries,
)
from register.settings import Settings

INBOX = "inbox"


def inbox_key(feed: str) -> dg.AssetKey:
    """Return the key of the asset that stands for a feed's deliveries in the inbox."""
    return dg.AssetKey([INBOX, feed])


def feed_partitions(feed: str) -> dg.DynamicPartitionsDefinition:
    """Return the partitions of a feed, `<supplier>/<period>` as in the inbox."""
    return dg.DynamicPartitionsDefinition(name=f"inbox_{feed}")


def report_deliveries(
    instance: dg.DagsterInstance,
    settings: Settings,
    landed: Iterable[Delivery] = (),
    *,
    today: date | None = None,
) -> None:
    """Make the partitions of all feeds and their materializations follow the ledger.

    A partition that is materialized already gets an event only if its delivery is in `landed`. The
    events belong to no run, so that they remain when runs are removed.
    """
    entries = read_ledger(settings)
    used = select_used_deliveries(settings, entries)
    day = today or datetime.now(UTC).date()
    expected = match_expected_deliveries(settings.seeds, entries, used, day)
    new = {entry.delivery_id for entry in landed}
    for feed in load_contracts():
        key, deliveries = inbox_key(feed), expected.get(feed, {})
        _replace_partitions(instance, feed, deliveries.keys())
        delivered = {name: entry for name, entry in deliveries.items() if entry is not None}
        reported = instance.get_materialized_partitions(key)
        if reported - delivered.keys():
            # A delivery was withdrawn or became held. Dagster removes events of a whole asset only.
            instance.wipe_assets([key])
            reported = set()
        for name, entry in delivered.items():
            if name not in reported or entry.delivery_id in new:
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(
                        key, partition=name, metadata={"delivery": entry.delivery_id}
                    )
                )


def _replace_partitions(instance: dg.DagsterInstance, feed: str, partitions: Iterable[str]) -> None:
    name = str(feed_partitions(feed).name)
    expected, present = set(partitions), set(instance.get_dynamic_partitions(name))
    instance.add_dynamic_partitions(name, sorted(expected - present))
    for partition in present - expected:
        instance.delete_dynamic_partition(name, partition)
