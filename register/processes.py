"""How processes end: with the one that started them, and without work that nobody needs.

A child that goes on after a load was killed writes where the next load writes too. What a process
does belongs to its own part.
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

SET_SIGNAL_OF_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)
LOOK_SECONDS = 0.5


def signal_at_parents_end(number: signal.Signals) -> None:
    """On Linux, have this process sent a signal when the thread that started it ends.

    It holds for a program that takes this one's place too.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_SIGNAL_OF_PARENTS_DEATH, number)


def end_with_parent(starter: int | None = None) -> None:
    """Let this process end when the one that started it does, even by a kill.

    `starter` is its process id: it may have ended already. On Linux the kernel kills this process
    at once. Everywhere it looks for its parent itself twice a second too: the kernel takes the
    thread that started it for the parent.
    """
    parent = os.getppid() if starter is None else starter
    signal_at_parents_end(signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def open_standard_streams() -> None:
    """Open what this process was started without of input, output and errors, as nothing.

    Else the next file that it opens takes that number, and gets what is meant for nobody.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def run_and_end(run: Callable[[], object]) -> NoReturn:
    """Run, then end without taking the process's objects apart one by one: that takes seconds.

    What is to run at the end of a process runs: databases are closed, what was said is written.
    The status is that of the `SystemExit` which `run` raises; any other error is raised.
    """
    status: object = None
    open_standard_streams()
    try:
        run()
    except SystemExit as ended:
        status = ended.code
    if not isinstance(status, int | None):  # a message, which Python writes and ends with 1
        print(status, file=sys.stderr)  # noqa: T201
        status = 1
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):  # whoever read what was said has gone
        sys.stdout.flush()
    with suppress(OSError):  # what was told on the way, to whom nobody can tell more
        sys.stderr.flush()
    os._exit(status or 0)
