"""Processes that end with the one that started them, however that ends.

A child that goes on after a load was killed writes where the next load writes too. What a process
does belongs to its own part.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

SET_SIGNAL_OF_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)
LOOK_SECONDS = 0.5


def end_with_parent() -> None:
    """Let this process end when the one that started it does, even by a kill.

    On Linux the kernel kills it at once. Everywhere it looks for its parent itself twice a second
    too: the kernel takes the thread that started it for the parent.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_SIGNAL_OF_PARENTS_DEATH, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
