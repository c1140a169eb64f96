"""Preparing many deliveries, on several processors when there are enough of them.

Only the preparing is shared out; deciding and committing stay in one process.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from register.feeds.inbox import InboxDelivery
from register.feeds.preparing import Prepared, prepare
from register.feeds.workplace import Workplace

# Starting a worker takes about a second: fewer deliveries are done sooner without.
ENOUGH_FOR_WORKERS = 200
WORKERS_AT_MOST = 2
CHUNK = 8


@dataclass(frozen=True)
class Failure:
    """A fault of ours on one delivery: where it lies, what kind, and where in the code.

    Messages of exceptions are left out, since they may quote values.
    """

    place: str
    kind: str
    trace: str


def prepare_all(place: Workplace, items: Sequence[InboxDelivery]) -> Iterator[Prepared | Failure]:
    """Prepare deliveries, giving each result in the order of `items`."""
    workers = min(WORKERS_AT_MOST, os.cpu_count() or 1)
    if len(items) < ENOUGH_FOR_WORKERS or workers < 2:
        yield from (_prepare_safely(place, item) for item in items)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        yield from pool.map(partial(_prepare_safely, place), items, chunksize=CHUNK)


def _prepare_safely(place: Workplace, item: InboxDelivery) -> Prepared | Failure:
    try:
        return prepare(place, item)
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        return Failure(item.place, type(error).__name__, where)


def _end_with_parent() -> None:
    """End this worker when the load is killed; it would wait for ever otherwise."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
