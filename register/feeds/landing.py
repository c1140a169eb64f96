"""Landing: everything new in the inbox, each delivery on its own, committed one by one.

A delivery is committed by renaming its finished folder, data and ledger entry together: a load
that is killed at any moment leaves whole deliveries only, and the next load completes the rest.
What a delivery contains is read by `register.feeds.preparing`.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from register.feeds.delivery import Delivery, write_entry
from register.feeds.feedback import add_to_feedback
from register.feeds.fingerprints import Fingerprints, read_fingerprints
from register.feeds.holds import LastDeliveries
from register.feeds.inbox import InboxDelivery, scan_inbox
from register.feeds.landed_files import write_schema_files
from register.feeds.ledger import decided_deliveries, read_ledger
from register.feeds.preparing import PARTIAL, Prepared
from register.feeds.rules import Finding, Rule
from register.feeds.working import Failure, prepare_all
from register.feeds.workplace import Workplace
from register.settings import Settings

__all__ = [
    "LandingFailedError",
    "LandingSummary",
    "Progress",
    "land_delivery",
    "land_everything",
    "write_schema_files",
]

LOGGER = logging.getLogger(__name__)
LOCK_NAME = ".lock"
PACKAGE = "national-register"

# Called after each delivery: how many are done, of how many, and the last one's id.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LandingSummary:
    """What one load did: deliveries landed, and ids of those recognised as landed before.

    `unchanged_count` counts deliveries that were seen before and need not even be read.
    """

    landed: tuple[Delivery, ...]
    recognised: tuple[str, ...]
    unchanged_count: int

    def count(self, outcome: str) -> int:
        """How many of the landed deliveries have an outcome."""
        return sum(delivery.outcome == outcome for delivery in self.landed)


class LandingFailedError(RuntimeError):
    """Faults of ours stopped some deliveries; every other one was landed (see `summary`)."""

    def __init__(self, failures: list[Failure], summary: LandingSummary) -> None:
        places = "; ".join(f"{failure.place} ({failure.kind})" for failure in failures)
        super().__init__(f"{len(failures)} deliveries could not be landed: {places}")
        self.failures = failures
        self.summary = summary


@dataclass
class _Load:
    """What one load keeps track of."""

    settings: Settings
    last: LastDeliveries
    known: Fingerprints
    landed: list[Delivery] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def land_everything(
    settings: Settings, *, progress: Progress | None = None, now: datetime | None = None
) -> LandingSummary:
    """Land every delivery in the inbox that is not in landing yet.

    Waits for another load to end. Raises `LandingFailedError` at the end if faults of ours
    stopped a delivery; a supplier's faults are outcomes in the ledger.
    """
    return _land(settings, None, progress, now)


def land_delivery(
    settings: Settings, item: InboxDelivery, *, now: datetime | None = None
) -> LandingSummary:
    """Land one delivery of the inbox, as `land_everything` does all of them."""
    return _land(settings, item, None, now)


def _land(
    settings: Settings,
    only: InboxDelivery | None,
    progress: Progress | None,
    now: datetime | None,
) -> LandingSummary:
    moment = now or datetime.now(UTC)
    with _locked(settings.landing):
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
        write_schema_files(settings.landing)
        present = scan_inbox(settings.inbox) if settings.inbox.is_dir() else []
        known = read_fingerprints(settings.landing)
        fresh = [item for item in present if not known.holds(item) and only in (None, item)]
        # In order of receipt, so that each is compared with what the supplier sent before.
        fresh.sort(key=lambda item: (item.received_at(moment), item.place))
        decisions = decided_deliveries(settings.decisions)
        load = _Load(settings, LastDeliveries.of(read_ledger(settings), decisions), known)
        place = Workplace(
            inbox=settings.inbox,
            landing=settings.landing,
            seeds=settings.seeds,
            zip_passwords=dict(settings.zip_passwords),
            now=moment,
            code_version=metadata.version(PACKAGE),
        )
        for done, result in enumerate(prepare_all(place, fresh), start=1):
            name = _finish(load, result)
            if progress:
                progress(done, len(fresh), name)
        known.save(present)
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
    unchanged = 0 if only else len(present) - len(fresh)
    summary = LandingSummary(tuple(load.landed), tuple(load.recognised), unchanged)
    LOGGER.info("landed %d, recognised %d", len(summary.landed), len(summary.recognised))
    if load.failures:
        raise LandingFailedError(load.failures, summary)
    return summary


def _finish(load: _Load, result: Prepared | Failure) -> str:
    """Commit what was prepared; returns its name for progress."""
    if isinstance(result, Failure):
        LOGGER.error("%s could not be landed: %s\n%s", result.place, result.kind, result.trace)
        load.failures.append(result)
        return result.place
    target = load.settings.landing / result.folder
    if result.delivery is None or result.partial is None or target.exists():
        LOGGER.info("%s is in landing already", result.delivery_id)
        load.recognised.append(result.delivery_id)
    else:
        delivery = _commit(load, result.delivery, result.partial, target)
        load.landed.append(delivery)
        load.last.add(delivery)
    load.known.add(result.item, result.folder)
    return result.delivery_id


def _commit(load: _Load, delivery: Delivery, partial: Path, target: Path) -> Delivery:
    share = load.settings.hold_shrink_share
    if delivery.is_accepted and load.last.has_shrunk(delivery, share):
        held = {"is_held": True, "hold_rule_code": Rule.SHRUNK_DELIVERY.value}
        delivery = delivery.model_copy(update=held)
        finding = Finding(Rule.SHRUNK_DELIVERY)
        add_to_feedback(delivery.delivery_id, finding, load.settings.seeds, partial)
    write_entry(delivery, partial)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.rename(target)
    LOGGER.info(
        "%s %s: received %d, landed %d, quarantined %d, flagged %d%s",
        delivery.delivery_id,
        delivery.outcome,
        delivery.received_row_count,
        delivery.landed_row_count,
        delivery.quarantined_row_count,
        delivery.flag_count,
        ", held" if delivery.is_held else "",
    )
    return delivery


@contextmanager
def _locked(landing: Path) -> Iterator[None]:
    """Hold the lock of landing; it is released with the process, however that ends."""
    landing.mkdir(parents=True, exist_ok=True)
    with (landing / LOCK_NAME).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            LOGGER.info("another load is landing deliveries: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
