"""Landing: everything new in the inbox, each delivery on its own, committed one by one.

A delivery is committed by renaming its finished folder, data and ledger entry together: a load
that is killed at any moment leaves whole deliveries only, and the next load completes the rest.
Deciding and committing stay in one process; where a delivery is staged is the matter of
`register.feeds.workers`, and what it contains that of `register.feeds.stage_delivery`.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from register.durable import flush
from register.feeds.dates import as_instant
from register.feeds.delivery import Delivery, LandingContext
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.feedback import add_to_feedback
from register.feeds.holds import Holds
from register.feeds.inbox import Fingerprints, read_fingerprints, scan_inbox
from register.feeds.integrity import (
    DAMAGED,
    Damage,
    end_mending,
    examine_landing,
    kept_copies,
    put_aside,
)
from register.feeds.ledger import judge, write_entry, write_history
from register.feeds.stage_delivery import PARTIAL
from register.feeds.tables import write_schema_files
from register.feeds.workers import Failure, Result, Waiting, WrongLayout, stage_all
from register.settings import Settings

LOGGER = logging.getLogger(__name__)
LOCK_NAME = ".lock"
# Called after each delivery: how many are done, of how many, and the last one's id.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LandingSummary:
    """What one load did: deliveries landed, and ids of those recognised as landed before.

    `unchanged_count` counts deliveries that were seen before and need not even be read; `mended`
    are ids of those that were damaged in landing and are landed again; `waiting` are places of
    deliveries of which a file is still being sent, `wrong_layouts` those of deliveries whose layout
    cannot be used, each with why: the next load tries both again. `superseded` are ids of those
    that took no place on arrival, since a later one was there already.
    """

    landed: tuple[Delivery, ...]
    recognised: tuple[str, ...]
    unchanged_count: int
    mended: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    wrong_layouts: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()

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
    holds: Holds
    known: Fingerprints
    landed: list[Delivery] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    wrong_layouts: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)


def land_everything(
    settings: Settings, *, progress: Progress | None = None, now: datetime | None = None
) -> LandingSummary:
    """Land every delivery in the inbox that is not in landing yet.

    Waits for another load to end. Raises `LandingFailedError` at the end if faults of ours
    stopped a delivery; a supplier's faults are outcomes in the ledger.
    """
    moment = now or datetime.now(UTC)
    with _locked(settings.landing):
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
        write_schema_files(settings.landing)
        present = scan_inbox(settings.inbox) if settings.inbox.is_dir() else []
        known = read_fingerprints(settings.landing)
        found = examine_landing(settings.landing)
        damaged = put_aside(settings.landing, found.damaged)
        hours = settings.limits.unfinished_hours
        unfinished = [item for item in present if item.is_waiting(moment, hours)]
        fresh = [i for i in present if not known.has_landed(i) and i not in unfinished]
        # In order of receipt, so that each is told by what it is superseded.
        fresh.sort(key=lambda item: (item.received_at(moment), item.place))
        holds = judge(settings, found.entries)
        load = _Load(settings, holds, known, waiting=[item.told_place for item in unfinished])
        context = _context(settings, moment, found.entries, known)
        _land_again(load, context, damaged)
        for done, result in enumerate(stage_all(context, fresh), start=1):
            name = _finish(load, result)
            if progress:
                progress(done, len(fresh), name)
        _end_mending(load, damaged)
        write_history(settings, load.holds.by_id.values())
        known.save(present)
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
    summary = LandingSummary(
        landed=tuple(load.landed),
        recognised=tuple(load.recognised),
        unchanged_count=len(present) - len(fresh) - len(unfinished),
        mended=tuple(load.mended),
        waiting=tuple(load.waiting),
        wrong_layouts=tuple(load.wrong_layouts),
        superseded=tuple(load.superseded),
    )
    LOGGER.info(
        "landed %d, recognised %d, waiting for %d that are still being sent",
        len(summary.landed),
        len(summary.recognised),
        len(summary.waiting),
    )
    if load.failures:
        raise LandingFailedError(load.failures, summary)
    return summary


def _context(
    settings: Settings, now: datetime, entries: Sequence[Delivery], known: Fingerprints
) -> LandingContext:
    # By a clock that was set back, what comes now would be older than what came before it.
    last_received = max((entry.received for entry in entries), default=now)
    not_before = as_instant(last_received + timedelta(seconds=1)) if last_received > now else ""
    landed_as = {place: folder for place, (_, folder) in known.seen.items()}
    context = LandingContext.of(settings, now)
    return replace(context, not_before=not_before, landed_as=landed_as)


def _land_again(load: _Load, context: LandingContext, damaged: Sequence[Damage]) -> None:
    """Land damaged deliveries from their raw copies, each with its own time of receipt."""
    landing = load.settings.landing
    copies = replace(context, inbox=landing / DAMAGED, not_before="")
    for result in stage_all(copies, kept_copies(landing, damaged)):
        _finish(load, result)


def _end_mending(load: _Load, damaged: Sequence[Damage]) -> None:
    """Say what was landed again, and fail for what could not be."""
    for damage in damaged:
        if end_mending(load.settings.landing, damage):
            LOGGER.warning("%s was damaged (%s): landed again", damage.folder, damage.reason)
            load.mended.append(damage.folder.split("/")[1])
        else:
            advice = "restore its folder from the backup, or deliver it again"
            load.failures.append(
                Failure(f"landing/{damage.folder}", f"damaged, {damage.reason}: {advice}", "")
            )


def _finish(load: _Load, result: Result) -> str:
    """Commit what was staged; returns its name for progress."""
    if isinstance(result, Failure):
        LOGGER.error("%s could not be landed: %s\n%s", result.place, result.kind, result.trace)
        load.failures.append(result)
        return result.place
    if isinstance(result, WrongLayout):
        LOGGER.error("%s waits for its layout to be mended: %s", result.place, result.fault)
        load.wrong_layouts.append(f"{result.place}: {result.fault}")
        return result.place
    if isinstance(result, Waiting):
        load.waiting.append(result.item.told_place)
        return result.item.told_place
    target = load.settings.landing / result.folder
    if result.delivery is None or result.partial is None or target.exists():
        LOGGER.info("%s is in landing already", result.delivery_id)
        load.recognised.append(result.delivery_id)
    else:
        delivery = _judged(load, result.delivery, result.partial, bool(result.item.delivery_id))
        _commit(delivery, result.partial, target)
        load.landed.append(delivery)
    if not result.is_unread:
        load.known.add(result.item, result.folder)
    return result.delivery_id


def _commit(delivery: Delivery, partial: Path, target: Path) -> None:
    write_entry(delivery, partial)
    target.parent.mkdir(parents=True, exist_ok=True)
    flush(partial)
    partial.rename(target)
    # Accepted only now: a power cut leaves the delivery whole, or in the inbox alone.
    flush(target.parent)
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


def _judged(load: _Load, delivery: Delivery, partial: Path, is_mended: bool) -> Delivery:
    """The delivery as it is judged on arrival; its supplier is told what came of comparing it."""
    holds = load.holds
    overlaps = holds.overlaps_of(delivery, partial)
    delivery = delivery.model_copy(update={"overlaps": overlaps})
    holds.add(delivery)
    found = holds.finding(delivery)
    told = [found] if found and not delivery.is_held else []
    if delivery.is_accepted and not is_mended and holds.is_superseded(delivery):
        told.append(Finding(Rule.SUPERSEDED_ON_ARRIVAL))
        LOGGER.warning("%s is superseded on arrival", delivery.delivery_id)
        load.superseded.append(delivery.delivery_id)
    for finding in told:
        add_to_feedback(delivery.delivery_id, finding, load.settings.seeds, partial)
    return holds.judged(delivery)


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
