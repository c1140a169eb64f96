"""Which tests share a process under pytest-xdist, and which begin first.

Tests of one file do, so that what a module makes is made once; so do those of files that share
more than that.
"""

from __future__ import annotations

from typing import Any

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
    "tests/serving/",
    "tests/simulation/",
)
# Each of their tests builds a register of its own from what all processes share.
APART = ("tests/end_to_end/test_reproduction.py", "tests/docs/test_page_runs.py")
# The group that builds the nation, and the fixture that waits for it.
BUILDS, NATION = "tests/end_to_end/", "audit_results"
# Identity begins beside the nation: it needs nothing of dbt, which is parsed meanwhile.
LONGEST = (
    "end_to_end", "identity", "orchestration", "expectations", "simulation", "reconciliation",
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


def places(items: list[Any]) -> dict[str, int]:
    """The place of each group (`scope`) in the order of beginning.

    The nation that many groups read is built by the first group. While it is, the other processes
    run what does not wait for it; then the groups that do, and last the short ones.
    """
    groups: dict[str, bool] = {}
    for item in items:
        group = scope(item.nodeid)
        groups[group] = groups.get(group, False) or NATION in item.fixturenames
    ordered = sorted(groups, key=lambda group: (_turn(group, groups[group]), _rank(group)))
    return {group: place for place, group in enumerate(ordered)}


def _turn(group: str, waits: bool) -> int:
    if group == BUILDS:
        return 0
    return 2 if waits else 1 if _rank(group) < len(LONGEST) else 3


def _rank(group: str) -> int:
    folder = group.split("/")[1]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
