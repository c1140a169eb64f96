"""The end of processes: together with their parent process, and without needless clean-up.

A child process that outlives a killed load would write to the same files as the next load.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

SET_SIGNAL_OF_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG in prctl(2)
POLL_SECONDS = 0.5


def signal_at_parents_end(number: signal.Signals) -> None:
    """On Linux, have the kernel signal this process when the thread that started it ends.

    The setting survives `exec`, so it also applies to a program that replaces this process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_SIGNAL_OF_PARENTS_DEATH, number)


def end_with_parent(starter: int | None = None) -> None:
    """Make this process end when its parent process does, even if the parent is killed.

    `starter` is the parent's process id; pass it if the parent may have ended already. On Linux,
    the kernel kills this process immediately. But the kernel watches only the thread that started
    it, so the process also checks twice a second.
    """
    parent = os.getppid() if starter is None else starter
    signal_at_parents_end(signal.SIGKILL)

    def watch_parent() -> None:
        while os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch_parent, daemon=True).start()


def open_standard_streams() -> None:
    """Open the null device for each standard stream that this process lacks.

    Otherwise the next opened file would get the stream's number and receive its output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: the closed one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def run_and_end(run: Callable[[], object]) -> NoReturn:
    """Call `run`, then end the process without destroying its objects, which would take seconds.

    Exit handlers run and output is flushed. If `run` raises `SystemExit`, the process ends with
    that status. Any other error is passed on.
    """
    status: object = None
    open_standard_streams()
    try:
        run()
    except SystemExit as ended:
        status = ended.code
    if not isinstance(status, int | None):  # if the status is a message, Python exits with 1
        print(status, file=sys.stderr)  # noqa: T201
        status = 1
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):  # nobody may be reading the output any more
        sys.stdout.flush()
    with suppress(OSError):  # nobody may be reading the errors any more
        sys.stderr.flush()
    os._exit(status or 0)
