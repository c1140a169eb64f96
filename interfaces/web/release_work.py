"""Drafts and checks of releases that somebody orders on a page: one process does one at a time.

The process outlives the application. The file of the order has its progress and its result. The
process has a lock for as long as it lives, so a killed one is noticed. A producer may stop it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import IO, Literal, cast

from interfaces.web.application_files import prepare_file_path, read_json, write_json
from official_statistics.releases import ReleaseError
from register.access_record import (
    Actor,
    Authentication,
    Entry,
    acting_as,
    current_actor,
    record_access,
)
from register.seals import SEAL, seal_content, seal_fault
from register.settings import Settings

ORDER_FILE, LOCK_FILE = "release_work.json", ".release_work.lock"
# This command reads the order and does it.
COMMAND = (sys.executable, "-m", "interfaces.command_line", "statistics", "work")
RUNNING, DONE, REFUSED, INTERRUPTED = "running", "done", "refused", "interrupted"
STOPPED = "stopped"
# Seconds for the process to clean up and end, before it is killed.
GRACE_SECONDS = 10
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class ReleaseWork:
    """An order of a draft or check: what, by whom, and how far it is.

    `release` is a year for a draft, and a version for a check. `kind`, `reason` and
    `provisional_reason` are as in a draft's order. `words` are its progress, and then its result.
    `process` is the id of the process, which is 0 until the process has read the order.
    """

    step: Literal["draft", "check"]
    release: str
    kind: str = ""
    reason: str = ""
    provisional_reason: str = ""
    who: str = ""
    how: str = ""
    started_at: str = ""
    state: str = RUNNING
    process: int = 0
    words: tuple[str, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether the work has not ended."""
        return self.state == RUNNING


def start_work(settings: Settings, work: ReleaseWork) -> int:
    """Start a draft or check in a process of its own, and return the process's id.

    It acts on behalf of the person who is signed in. Raises `ReleaseError` while another one runs.
    """
    actor = current_actor()
    with prepare_file_path(settings, LOCK_FILE).open("ab") as lock:
        if not _lock(lock):
            raise ReleaseError("a draft or a check is running: wait until it has ended")
        record_access(settings, Entry("release", f"{work.step}_ordered", keys=(work.release,)))
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        _write_work(settings, replace(work, who=actor.name, how=actor.how, started_at=started_at))
        # The process inherits the lock.
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
            env=os.environ | {"REGISTER_HOME": str(settings.home)},
        )
    return process.pid


def read_work(settings: Settings) -> ReleaseWork | None:
    """Return the last order with its state, or None if nothing was ever ordered."""
    stored = read_json(settings, settings.web_folder / ORDER_FILE)
    if not stored or seal_fault(settings, stored):
        return None
    facts = {name: value for name, value in stored.items() if name != SEAL}
    work = ReleaseWork(**{**facts, "words": tuple(facts["words"])})
    if not work.is_running:
        return work
    with prepare_file_path(settings, LOCK_FILE).open("ab") as lock:
        return replace(work, state=INTERRUPTED) if _lock(lock) else work


def stop_work(settings: Settings) -> None:
    """End the process of the draft or check that runs, with all that it has written so far.

    Raises `ReleaseError` if none runs, or if it has only just started.
    """
    work = read_work(settings)
    if work is None or not work.is_running:
        raise ReleaseError("no draft or check is running")
    if not work.process:
        raise ReleaseError("it has only just started: stop it in a few seconds")
    record_access(settings, Entry("release", f"{work.step}_stopped", keys=(work.release,)))
    with prepare_file_path(settings, LOCK_FILE).open("ab") as lock:
        _end_process(work.process, lock)
        # Nothing else can write or start while this process has the lock.
        work = read_work(settings)
        if work is None or not work.is_running:
            return
        if work.step == "draft":
            from official_statistics.production import remove_unfinished_drafts

            remove_unfinished_drafts(settings, int(work.release))
        words = (*work.words, f"{current_actor().name} stopped it")
        _write_work(settings, replace(work, state=STOPPED, words=words))


def _end_process(process: int, lock: IO[bytes]) -> None:
    """End a process with its child processes, first with SIGTERM, and take over its lock."""
    for each in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process, each)
        until = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < until:
            if _lock(lock):
                return
            time.sleep(POLL_SECONDS)
    raise ReleaseError("the process does not end: ask the operator")


def perform_work(
    settings: Settings, perform: Callable[[ReleaseWork, Callable[[str], None]], str]
) -> None:
    """Do what was ordered, and write its progress and result into the order.

    `perform` returns the result in words, and raises `ReleaseError` or `ValueError` if it cannot be
    done.
    """
    work = read_work(settings)
    if work is None or not work.is_running:
        raise ReleaseError("nothing was ordered on the page Releases of `register web`")
    work = replace(work, process=os.getpid())
    _write_work(settings, work)

    def note_progress(words: str) -> None:
        nonlocal work
        assert work is not None
        work = replace(work, words=(*work.words, words))
        _write_work(settings, work)

    with acting_as(Actor(work.who, cast(Authentication, work.how))):
        try:
            note_progress(perform(work, note_progress))
            state = DONE
        except (ReleaseError, ValueError) as error:
            note_progress(str(error))
            state = REFUSED
        except Exception as error:
            # The message may contain a value of a row.
            note_progress(
                f"It failed: {type(error).__name__}. The operator can run it in a terminal."
            )
            state = REFUSED
    _write_work(settings, replace(work, state=state))


def _lock(stream: IO[bytes]) -> bool:
    """Lock a file; return False if a process has the lock."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_work(settings: Settings, work: ReleaseWork) -> None:
    content = {**asdict(work), "words": list(work.words)}
    path = prepare_file_path(settings, ORDER_FILE)
    write_json(settings, path, seal_content(settings, content))
