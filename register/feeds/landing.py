"""Landing: each new delivery in the inbox is staged, judged and committed, one by one.

A delivery is committed by renaming its finished folder, which contains its data and its ledger
entry. So a killed load leaves only complete deliveries, and the next load lands the rest. Choosing
a process for staging belongs in `register.feeds.workers`, and staging in
`register.feeds.stage_delivery`.
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

from register.access_record import record_ledger
from register.durable import flush
from register.erased_persons import read_erased_persons
from register.feeds.dates import format_instant
from register.feeds.delivery import (
    Delivery,
    InboxDelivery,
    LandingContext,
    folder_in_landing,
)
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.feedback import add_to_feedback
from register.feeds.holds import Holds
from register.feeds.inbox import (
    DAMAGED,
    LandedFingerprints,
    list_waiting,
    read_fingerprints,
    scan_inbox,
)
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import LocalInbox
from register.feeds.integrity import (
    Damage,
    examine_landing,
    finish_repair,
    hash_landed_files,
    list_raw_copies,
    set_damaged_aside,
)
from register.feeds.ledger import (
    ENTRY_NAME,
    LedgerError,
    judge_deliveries,
    read_entry,
    read_ledger,
    write_entry,
    write_history,
)
from register.feeds.receipts import write_receipts
from register.feeds.stage_delivery import PARTIAL
from register.feeds.tables import write_schema_files
from register.feeds.workers import (
    StagingFailure,
    StagingResult,
    UnfinishedDelivery,
    UnusableLayout,
    stage_deliveries,
)
from register.generation_ids import list_published_ids, parse_build_time
from register.settings import Settings
from register.storage_settings import InboxUnreachableError

LOGGER = logging.getLogger(__name__)
LOCK_NAME = ".lock"
# A function called after each delivery with the number done, the total and the delivery's id.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LandingSummary:
    """The result of landing: landed deliveries, and the ids or places of all others.

    `recognised` deliveries had landed before, and `unchanged_count` others did not need reading.
    `mended` deliveries were damaged in landing and have landed again. Of `waiting` deliveries, a
    file is still being uploaded. For `wrong_layouts`, the layout cannot be used; each is listed
    with the layout's fault. The next load tries `waiting` and `wrong_layouts` again. `superseded`
    deliveries arrived after a later delivery of their period.
    """

    landed: tuple[Delivery, ...]
    recognised: tuple[str, ...]
    unchanged_count: int
    mended: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    wrong_layouts: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()


class LandingFailedError(RuntimeError):
    """Faults of this program stopped some deliveries. `summary` is about all other deliveries."""

    def __init__(self, failures: list[StagingFailure], summary: LandingSummary) -> None:
        places = "; ".join(f"{failure.place} ({failure.kind})" for failure in failures)
        super().__init__(f"{len(failures)} deliveries could not be landed: {places}")
        self.failures = failures
        self.summary = summary


@dataclass
class _Load:
    """The state and the results of one load in progress."""

    settings: Settings
    holds: Holds
    known: LandedFingerprints
    landed: list[Delivery] = field(default_factory=list)
    recognised: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    wrong_layouts: list[str] = field(default_factory=list)
    failures: list[StagingFailure] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)


def land_everything(
    settings: Settings,
    *,
    only: str | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> LandingSummary:
    """Land every delivery in the inbox that is not in landing yet.

    If `only` is set, only the delivery of this `<feed>/<supplier>/<period>` lands; damaged ones are
    repaired in any case. Waits until no other load is landing. Faults of suppliers become outcomes
    in the ledger. If a fault of this program stopped a delivery, raises `LandingFailedError` at the
    end; if the inbox does not answer, `InboxUnreachableError`.
    """
    moment = now or _read_clock(settings)
    with lock_landing(settings.landing):
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
        write_schema_files(settings.landing, settings.data_keys)
        present = scan_inbox(open_inbox(settings))
        known = read_fingerprints(settings)
        state = examine_landing(settings.landing, ring=settings.data_keys)
        damaged = set_damaged_aside(settings.landing, state.damaged)
        unfinished = list_waiting(settings, present, known, moment, is_asked_for=bool(only))
        new = [i for i in present if not known.has_landed(i) and i not in unfinished]
        fresh = [item for item in new if only in (None, item.safe_place)]
        # Land deliveries in order of receipt, so that a delivery lands after the one that it
        # replaces.
        fresh.sort(key=lambda item: (item.received_at(moment), item.place))
        holds = judge_deliveries(settings, state.entries)
        load = _Load(settings, holds, known, waiting=[item.safe_place for item in unfinished])
        context = _build_context(settings, moment, state.entries, known)
        _land_again(load, context, damaged)
        unreachable = _land_fresh(load, context, fresh, progress)
        _finish_repairs(load, damaged)
        write_history(settings, load.holds.by_id.values())
        record_ledger(settings)
        known.save(present)
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
        write_receipts(settings, [*state.entries, *load.landed], load.recognised)
    summary = LandingSummary(
        landed=tuple(load.landed),
        recognised=tuple(load.recognised),
        unchanged_count=len(present) - len(new) - len(unfinished),
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
    if unreachable is not None:
        raise unreachable
    return summary


def reread_delivery(settings: Settings, delivery_id: str) -> Delivery:
    """Land a delivery again from its raw copy, as with a layout that has been corrected.

    It keeps its id and its time of receipt. Nothing else lands. Returns its new entry. Raises
    `LedgerError` if there is no such delivery, and `LandingFailedError` if its raw copy is gone:
    then it stays as it was.
    """
    entry = next((e for e in read_ledger(settings) if e.delivery_id == delivery_id), None)
    if entry is None:
        raise LedgerError(f"there is no delivery {delivery_id}")
    folder = folder_in_landing(entry.feed, delivery_id)
    with lock_landing(settings.landing):
        set_damaged_aside(settings.landing, [Damage(folder, "it is read again")])
    land_everything(settings, only="")
    return read_entry(settings.landing / folder / ENTRY_NAME)


def _land_fresh(
    load: _Load,
    context: LandingContext,
    fresh: Sequence[InboxDelivery],
    progress: Progress | None,
) -> InboxUnreachableError | None:
    """Land deliveries until the inbox does not answer any more; return the error, if any."""
    try:
        for done, result in enumerate(stage_deliveries(context, fresh), start=1):
            name = _commit_result(load, result)
            if progress:
                progress(done, len(fresh), name)
    except InboxUnreachableError as error:
        return error
    return None


def _read_clock(settings: Settings) -> datetime:
    """Return the present time, or the time of the last published build if the clock is behind it.

    A delivery cannot have been received after this moment. With a clock that is behind, it would
    seem to be received long ago, and what it reports of the time since would be in the future.
    """
    builds = [parse_build_time(name) for name in list_published_ids(settings.published)[:1]]
    return max([datetime.now(UTC), *builds])


def _build_context(
    settings: Settings, now: datetime, entries: Sequence[Delivery], known: LandedFingerprints
) -> LandingContext:
    # If the clock was set back, new deliveries would seem older than landed ones. So they get a
    # time of receipt after that of the last landed delivery.
    last_received = max((entry.received for entry in entries), default=now)
    not_before = format_instant(last_received + timedelta(seconds=1)) if last_received > now else ""
    landed_as = {place: folder for place, (_, folder) in known.folders_by_place.items()}
    context = LandingContext.from_settings(settings, now)
    erased = read_erased_persons(settings)
    return replace(context, not_before=not_before, landed_as=landed_as, erased=erased)


def _land_again(load: _Load, context: LandingContext, damaged: Sequence[Damage]) -> None:
    """Land damaged deliveries again from their raw copies, and keep their time of receipt."""
    landing = load.settings.landing
    copies = replace(context, inbox=LocalInbox(landing / DAMAGED), not_before="")
    for result in stage_deliveries(
        copies, list_raw_copies(landing, damaged, load.settings.data_keys)
    ):
        _commit_result(load, result)


def _finish_repairs(load: _Load, damaged: Sequence[Damage]) -> None:
    """Record which damaged deliveries have landed again, and count the others as failures."""
    for damage in damaged:
        if finish_repair(load.settings.landing, damage):
            LOGGER.warning("%s was damaged (%s): landed again", damage.folder, damage.reason)
            load.mended.append(damage.folder.split("/")[1])
        else:
            advice = "restore its folder from the backup, or deliver it again"
            load.failures.append(
                StagingFailure(
                    f"landing/{damage.folder}", f"damaged, {damage.reason}: {advice}", ""
                )
            )


def _commit_result(load: _Load, result: StagingResult) -> str:
    """Commit a staged delivery, or record why it cannot be committed.

    Returns the delivery's name for progress reports.
    """
    if isinstance(result, StagingFailure):
        LOGGER.error("%s could not be landed: %s\n%s", result.place, result.kind, result.trace)
        load.failures.append(result)
        return result.place
    if isinstance(result, UnusableLayout):
        LOGGER.error("%s waits for its layout to be mended: %s", result.place, result.fault)
        load.wrong_layouts.append(f"{result.place}: {result.fault}")
        return result.place
    if isinstance(result, UnfinishedDelivery):
        load.waiting.append(result.item.safe_place)
        return result.item.safe_place
    target = load.settings.landing / result.folder
    if result.delivery is None or result.partial is None or target.exists():
        LOGGER.info("%s is in landing already", result.delivery_id)
        load.recognised.append(result.delivery_id)
    else:
        overlaps = load.holds.find_overlaps(result.delivery, result.identifiers)
        arrived = result.delivery.model_copy(update={"overlaps": overlaps})
        is_mended = bool(result.item.delivery_id)
        delivery = _judge_on_arrival(load, arrived, result.partial, is_mended)
        _commit_folder(delivery, result.partial, target)
        load.landed.append(delivery)
    if not result.is_unread:
        load.known.add(result.item, result.folder)
    return result.delivery_id


def _commit_folder(delivery: Delivery, partial: Path, target: Path) -> None:
    write_entry(delivery, partial)
    target.parent.mkdir(parents=True, exist_ok=True)
    flush(partial)
    partial.rename(target)
    # Before this flush, a power cut may undo the renaming. The delivery is still in the inbox then.
    flush(target.parent)
    LOGGER.info(
        "%s %s: received %d, landed %d, quarantined %d, erased %d, flagged %d%s",
        delivery.delivery_id,
        delivery.outcome,
        delivery.received_row_count,
        delivery.landed_row_count,
        delivery.quarantined_row_count,
        delivery.erased_row_count,
        delivery.flag_count,
        ", held" if delivery.is_held else "",
    )


def _judge_on_arrival(load: _Load, delivery: Delivery, partial: Path, is_mended: bool) -> Delivery:
    """Return the delivery with its hold on arrival.

    Its feedback gets the reason for the hold, and a finding if a later delivery already replaces
    it.
    """
    holds = load.holds
    holds.add(delivery)
    hold = holds.find_hold(delivery)
    findings = [hold] if hold and not delivery.is_held else []
    if delivery.is_accepted and not is_mended and holds.is_superseded(delivery):
        findings.append(Finding(Rule.SUPERSEDED_ON_ARRIVAL))
        LOGGER.warning("%s is superseded on arrival", delivery.delivery_id)
        load.superseded.append(delivery.delivery_id)
    for finding in findings:
        add_to_feedback(delivery.delivery_id, finding, load.settings.seeds, partial)
    if findings:
        delivery = delivery.model_copy(update={"files": hash_landed_files(partial)})
    return holds.apply_current_hold(delivery)


@contextmanager
def lock_landing(landing: Path) -> Iterator[None]:
    """Hold the lock of landing. The operating system releases it even if the process is killed."""
    landing.mkdir(parents=True, exist_ok=True)
    with (landing / LOCK_NAME).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            LOGGER.info("another load is landing deliveries: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
