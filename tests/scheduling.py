"""Which tests share a process under pytest-xdist, and which begin first.

Tests of one file do, so that what a module makes is made once; so do those of a folder whose
tests share more than that.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("audit", "end_to_end", "parity", "reconciliation", "review", "simulation")
# Each of its tests builds a register of its own from the nation that all processes share.
APART = ("tests/end_to_end/test_reproduction.py",)
LONGEST = ("end_to_end", "reconciliation", "parity", "benchmarks")


class Scheduling(LoadScopeScheduling):
    """Hands out tests by folder, by file or one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """The group of a test: groups are handed out whole."""
    path = nodeid.split("::", maxsplit=1)[0]
    if path in APART:
        return nodeid
    return folder(nodeid) if folder(nodeid) in TOGETHER else path


def rank(nodeid: str) -> int:
    """The place of a test's folder in the order of beginning."""
    name = folder(nodeid)
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def folder(nodeid: str) -> str:
    """The folder below `tests` in which a test is, or its file if it is in none."""
    return nodeid.split("::", maxsplit=1)[0].split("/")[1]
