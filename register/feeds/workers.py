"""Staging of deliveries, in this process or in worker processes.

Small deliveries are staged in this process. Worker processes with limited memory stage deliveries
that are large, or that may be large when unpacked. If there are many deliveries, workers stage all
of them, to save time. If a worker dies or runs out of memory, its delivery is rejected and the load
goes on. Staging itself belongs in `register.feeds.stage_delivery`.
"""

from __future__ import annotations

import os
import threading
import traceback
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

from register.feeds.delivery import InboxDelivery, LandingContext, StagedDelivery
from register.feeds.delivery_rules import Rule
from register.feeds.inbox_storage import Inbox, InboxChangedError, InboxFile
from register.feeds.layout import LayoutError
from register.feeds.stage_delivery import stage_delivery, stage_rejection
from register.storage_settings import InboxUnreachableError

# Starting workers takes about a second, so fewer deliveries than this are staged faster without
# them.
MIN_FOR_WORKERS = 200
MAX_WORKERS = 2
QUEUED_PER_WORKER = 8
# Fork workers from a server process, which has imported only what staging needs.
START_METHOD = "forkserver"
# The largest delivery that this process reads itself, in bytes as delivered and in bytes unpacked.
SMALL_BYTES = 4 << 20
SMALL_UNPACKED_BYTES = 32 << 20
# Formats that compress, so that even a small file may contain any amount of data.
COMPRESSED = (".xlsx", ".xlsm", ".xlsb", ".xls", ".gz")


@dataclass(frozen=True)
class StagingFailure:
    """A fault of this program on one delivery: its place, the exception's type, and the trace.

    The exception's message is left out, because it may quote values.
    """

    place: str
    kind: str
    trace: str


@dataclass(frozen=True)
class UnfinishedDelivery:
    """A delivery that changed while it was read; the next load reads it again."""

    item: InboxDelivery


@dataclass(frozen=True)
class UnusableLayout:
    """A delivery whose layout cannot be used: its place, and the fault of the layout."""

    place: str
    fault: str


@dataclass(frozen=True)
class _ReaderFailure:
    """A delivery whose reading ran out of memory or killed its worker."""

    item: InboxDelivery


StagingResult = StagedDelivery | StagingFailure | UnfinishedDelivery | UnusableLayout


def stage_deliveries(
    context: LandingContext, items: Sequence[InboxDelivery]
) -> Iterator[StagingResult]:
    """Stage deliveries, and yield the results in the order of `items`."""
    count = min(MAX_WORKERS, os.cpu_count() or 1)
    if len(items) >= MIN_FOR_WORKERS and count > 1:
        yield from _stage_on_workers(context, items, count)
        return
    for item in items:
        if _is_small(context.inbox, item):
            yield _reject_if_failed(context, _stage_safely(context, item))
        else:
            yield from _stage_on_workers(context, [item], 1)


def _stage_on_workers(
    context: LandingContext, items: Sequence[InboxDelivery], count: int
) -> Iterator[StagingResult]:
    with _Workers(context, count) as workers:
        futures: list[Future[StagingResult | _ReaderFailure]] = []
        for position, item in enumerate(items):
            ahead = items[len(futures) : position + 1 + QUEUED_PER_WORKER * count]
            futures += [workers.submit(each) for each in ahead]
            try:
                result = futures[position].result()
            except BrokenProcessPool:
                # When a worker dies, all queued work is lost. Staging this delivery alone shows
                # whether it is the cause.
                result = _stage_alone(context, item)
                workers.restart()
                futures = futures[: position + 1]
            yield _reject_if_failed(context, result)


def _stage_alone(context: LandingContext, item: InboxDelivery) -> StagingResult | _ReaderFailure:
    with _Workers(context, 1) as workers:
        try:
            return workers.submit(item).result()
        except BrokenProcessPool:
            return _ReaderFailure(item)


def _reject_if_failed(
    context: LandingContext, result: StagingResult | _ReaderFailure
) -> StagingResult:
    """Return the result of staging; if the reader failed, stage the delivery as rejected."""
    if not isinstance(result, _ReaderFailure):
        return result
    try:
        return stage_rejection(context, result.item, Rule.WORKER_DIED)
    except InboxChangedError:
        return UnfinishedDelivery(result.item)


def _stage_safely(context: LandingContext, item: InboxDelivery) -> StagingResult | _ReaderFailure:
    try:
        return stage_delivery(context, item)
    except InboxChangedError:
        return UnfinishedDelivery(item)
    except LayoutError as error:
        return UnusableLayout(item.safe_place, str(error))
    except MemoryError:
        return _ReaderFailure(item)
    except InboxUnreachableError:
        # It concerns every delivery, so it ends landing.
        raise
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        return StagingFailure(item.safe_place, type(error).__name__, where)


def start_worker_pool(count: int, memory_gigabytes: float | None = None) -> ProcessPoolExecutor:
    """Start worker processes, which end when this process does.

    If a memory limit is given, it applies to each process.
    """
    processes = get_context(START_METHOD)
    processes.set_forkserver_preload(["register.feeds.stage_delivery"])
    limit = None if memory_gigabytes is None else int(memory_gigabytes * (1 << 30))
    return ProcessPoolExecutor(
        count, mp_context=processes, initializer=_begin_worker, initargs=(limit,)
    )


class _Workers:
    """A pool of workers with limited memory, in which dead workers are replaced."""

    def __init__(self, context: LandingContext, count: int) -> None:
        self._context = context
        self._count = count
        self._pool = self._start_pool()

    def _start_pool(self) -> ProcessPoolExecutor:
        return start_worker_pool(self._count, self._context.limits.worker_memory_gigabytes)

    def submit(self, item: InboxDelivery) -> Future[StagingResult | _ReaderFailure]:
        """Queue a delivery for staging by a worker."""
        try:
            return self._pool.submit(_stage_safely, self._context, item)
        except BrokenProcessPool:
            self.restart()
            return self._pool.submit(_stage_safely, self._context, item)

    def restart(self) -> None:
        """Replace all workers after one died."""
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start_pool()

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _begin_worker(memory_limit: int | None) -> None:
    """Limit this worker's memory, and make the worker end when its parent process is killed."""
    import resource

    # Some systems lack this limit, or already have a lower one.
    if memory_limit is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    parent = parent_process()
    assert parent is not None

    def watch_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch_parent, daemon=True).start()


def _is_small(inbox: Inbox, item: InboxDelivery) -> bool:
    """Return whether a delivery is small, both as delivered and unpacked.

    A delivery with a file that cannot be read counts as small, because it is rejected unread.
    """
    if any(file.fault for file in item.files):
        return True
    if sum(file.size for file in item.files) > SMALL_BYTES:
        return False
    return not any(_may_be_large_unpacked(inbox, item, file) for file in item.files)


def _may_be_large_unpacked(inbox: Inbox, item: InboxDelivery, file: InboxFile) -> bool:
    name = file.path.casefold()
    if not name.endswith(".zip"):
        return name.endswith(COMPRESSED)
    try:
        with inbox.open_file(item.file_path(file)) as opened, zipfile.ZipFile(opened) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # Ignore the fault here: reading the file will report it.
        return False
    return sum(member.file_size for member in members) > SMALL_UNPACKED_BYTES or any(
        member.filename.casefold().endswith(COMPRESSED) for member in members
    )
