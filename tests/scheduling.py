"""Which tests share a process under pytest-xdist, and which begin first.

Tests of one file do, so that what a module makes is made once; so do those of files that share
more than that.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# Beginnings of paths.
TOGETHER = (
    "tests/audit/",
    "tests/end_to_end/",
    "tests/expectations/",
    "tests/identity/score/",
    "tests/parity/",
    "tests/reconciliation/",
    "tests/review/",
    "tests/simulation/",
)
# Each of its tests builds a register of its own from the nation that all processes share.
APART = ("tests/end_to_end/test_reproduction.py",)
LONGEST = (
    "end_to_end", "orchestration", "expectations", "identity", "simulation", "reconciliation",
    "docs", "dbt", "parity", "benchmarks",
)  # fmt: skip


class Scheduling(LoadScopeScheduling):
    """Hands out tests by folder, by file or one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """The group of a test: groups are handed out whole."""
    path = nodeid.split("::", maxsplit=1)[0]
    if path in APART:
        return nodeid
    return next((group for group in TOGETHER if path.startswith(group)), path)


def rank(nodeid: str) -> int:
    """The place of a test's folder in the order of beginning."""
    folder = nodeid.split("/")[1]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
