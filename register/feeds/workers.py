"""Staging deliveries in this process or on workers, so that none can end the load for the others.

A small delivery is staged here. One that is large, or that may be large once it is unpacked, goes
to a worker whose memory is limited; so do all of a great many, to be done sooner. A worker that
dies or has no memory left rejects its delivery. What a delivery contains is the matter of
`register.feeds.stage_delivery`.
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
from pathlib import Path

from register.feeds.delivery import InboxDelivery, InboxFile, LandingContext, StagedDelivery
from register.feeds.delivery_rules import Rule
from register.feeds.inbox import InboxChangedError
from register.feeds.layout import LayoutError
from register.feeds.stage_delivery import stage_delivery, stage_rejection

# Starting workers takes about a second: fewer deliveries are done sooner without.
ENOUGH_FOR_WORKERS = 200
WORKERS_AT_MOST = 2
AHEAD = 8
# Each worker is forked from a process that has done nothing but import what staging needs.
START_METHOD = "forkserver"
# What this process reads itself, as it lies in the inbox and as it is unpacked.
LIGHT_BYTES = 4 << 20
LIGHT_UNPACKED_BYTES = 32 << 20
# A few bytes of a workbook may stand for any number of cells.
SWELLING = (".xlsx", ".xlsm", ".xlsb", ".xls", ".gz")


@dataclass(frozen=True)
class Failure:
    """A fault of ours on one delivery: its place in the inbox, the kind, and where in the code.

    Messages of exceptions are left out, since they may quote values.
    """

    place: str
    kind: str
    trace: str


@dataclass(frozen=True)
class Waiting:
    """A delivery that changed while it was read: the next load reads it."""

    item: InboxDelivery


@dataclass(frozen=True)
class WrongLayout:
    """A delivery whose layout cannot be used: its place, and a sentence about the layout alone."""

    place: str
    fault: str


@dataclass(frozen=True)
class _Died:
    """A delivery that a reader had not enough memory for."""

    item: InboxDelivery


Result = StagedDelivery | Failure | Waiting | WrongLayout


def stage_all(context: LandingContext, items: Sequence[InboxDelivery]) -> Iterator[Result]:
    """Stage deliveries, giving each result in the order of `items`."""
    count = min(WORKERS_AT_MOST, os.cpu_count() or 1)
    if len(items) >= ENOUGH_FOR_WORKERS and count > 1:
        yield from _on_workers(context, items, count)
        return
    for item in items:
        if _is_light(context.inbox, item):
            yield _settled(context, _stage_safely(context, item))
        else:
            yield from _on_workers(context, [item], 1)


def _on_workers(
    context: LandingContext, items: Sequence[InboxDelivery], count: int
) -> Iterator[Result]:
    with _Workers(context, count) as workers:
        futures: list[Future[Result | _Died]] = []
        for position, item in enumerate(items):
            ahead = items[len(futures) : position + 1 + AHEAD * count]
            futures += [workers.submit(each) for each in ahead]
            try:
                result = futures[position].result()
            except BrokenProcessPool:
                # All that were under way are broken with it: this one alone shows if it did it.
                result = _alone(context, item)
                workers.renew()
                futures = futures[: position + 1]
            yield _settled(context, result)


def _alone(context: LandingContext, item: InboxDelivery) -> Result | _Died:
    with _Workers(context, 1) as workers:
        try:
            return workers.submit(item).result()
        except BrokenProcessPool:
            return _Died(item)


def _settled(context: LandingContext, result: Result | _Died) -> Result:
    """The result, with a delivery that its reader did not survive staged as rejected."""
    if not isinstance(result, _Died):
        return result
    try:
        return stage_rejection(context, result.item, Rule.WORKER_DIED)
    except InboxChangedError:
        return Waiting(result.item)


def _stage_safely(context: LandingContext, item: InboxDelivery) -> Result | _Died:
    try:
        return stage_delivery(context, item)
    except InboxChangedError:
        return Waiting(item)
    except LayoutError as error:
        return WrongLayout(item.told_place, str(error))
    except MemoryError:
        return _Died(item)
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        return Failure(item.told_place, type(error).__name__, where)


def worker_pool(count: int, memory_gigabytes: float | None = None) -> ProcessPoolExecutor:
    """So many processes, of limited memory where a limit is given, which end when this one does."""
    processes = get_context(START_METHOD)
    processes.set_forkserver_preload(["register.feeds.stage_delivery"])
    limit = None if memory_gigabytes is None else int(memory_gigabytes * (1 << 30))
    return ProcessPoolExecutor(
        count, mp_context=processes, initializer=_begin_worker, initargs=(limit,)
    )


class _Workers:
    """A pool of workers, each of limited memory, that ends with this process."""

    def __init__(self, context: LandingContext, count: int) -> None:
        self._context = context
        self._count = count
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return worker_pool(self._count, self._context.limits.worker_memory_gigabytes)

    def submit(self, item: InboxDelivery) -> Future[Result | _Died]:
        """Have a delivery staged."""
        try:
            return self._pool.submit(_stage_safely, self._context, item)
        except BrokenProcessPool:
            self.renew()
            return self._pool.submit(_stage_safely, self._context, item)

    def renew(self) -> None:
        """Start other workers in place of those that a death took along."""
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start()

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _begin_worker(memory_limit: int | None) -> None:
    """Limit this worker's memory, and end it when the load is killed: it would wait for ever."""
    import resource

    # Where a system does not know the limit, or has a lower one, that is how it stays.
    if memory_limit is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    load = parent_process()
    assert load is not None

    def watch() -> None:
        load.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _is_light(inbox: Path, item: InboxDelivery) -> bool:
    """Whether the delivery is small, and stays so when it is unpacked."""
    if any(file.fault for file in item.files):
        return True
    if sum(file.size for file in item.files) > LIGHT_BYTES:
        return False
    return not any(_may_swell(item.file_path(inbox, file), file) for file in item.files)


def _may_swell(path: Path, file: InboxFile) -> bool:
    name = file.path.casefold()
    if not name.endswith(".zip"):
        return name.endswith(SWELLING)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # Whatever is wrong with it is found again, and told, where it is read.
        return False
    return sum(member.file_size for member in members) > LIGHT_UNPACKED_BYTES or any(
        member.filename.casefold().endswith(SWELLING) for member in members
    )
