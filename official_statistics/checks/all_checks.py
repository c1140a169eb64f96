"""All checks of a version. Their results are saved in `internal/checks.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from official_statistics.checks.document_checks import find_document_faults
from official_statistics.checks.figure_checks import (
    find_broken_sums,
    find_narrow_intervals,
    find_unprotected_cells,
    find_wrong_figures,
)
from official_statistics.checks.revision_checks import (
    find_partial_revisions,
    find_unexplained_changes,
)
from official_statistics.data_sets import read_data_sets
from official_statistics.drafting import read_release
from official_statistics.papers import find_machine_file_faults, find_paper_problems
from official_statistics.release_rules import Rules
from official_statistics.releases import Version
from official_statistics.screening import read_pairs, screen_house, screen_pair

CHECKS = "checks.json"
# The maximum number of faults that are saved for each check; all faults are counted.
MAX_SAVED_FAULTS = 50
# The title of each check in reports.
TITLES = {
    "screener": "The platform's screener",
    "house": "Our own rules for files",
    "protection": "Small and dominated counts",
    "recomputation": "Figures follow from shown counts",
    "sums": "Sums within rounding",
    "revision": "Years carried over or replaced as a whole",
    "changes": "Changes since the version before",
    "attack": "Attack on all public releases",
    "documents": "Documents, links and privacy",
    "machine_files": "Parquet files, data package and notebook",
}
Attack = Callable[[Sequence[Version]], Iterable[str]]


@dataclass(frozen=True)
class CheckResult:
    """The result of one check: the number of its faults, and the first of these faults."""

    name: str
    title: str
    fault_count: int
    faults: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the check found no fault."""
        return self.fault_count == 0


@dataclass(frozen=True)
class CheckContext:
    """What a version is checked against: earlier public versions, limits, and the attack.

    The public versions are in order, oldest first. `canaries` are words planted in deliveries; no
    public file may contain one.
    """

    public: tuple[Version, ...]
    rules: Rules
    change_percent: float
    attack: Attack
    canaries: tuple[str, ...] = ()


def run_checks(version: Version, context: CheckContext) -> list[CheckResult]:
    """Run all checks on a version, and save their results in the version's folder."""
    rules, before = context.rules, context.public[-1] if context.public else None
    most_children = int(rules["revision_children_most"])
    faults_by_check: dict[str, Iterable[str]] = {
        "screener": _screen_files(version),
        "house": _screen_house_rules(version, rules),
        "protection": [
            *find_unprotected_cells(version, rules),
            *find_narrow_intervals(version),
        ],
        "recomputation": find_wrong_figures(version, read_release(version, rules)),
        "sums": find_broken_sums(version, rules),
        "revision": find_partial_revisions(before, version, most_children) if before else (),
        "changes": find_unexplained_changes(before, version, context.change_percent)
        if before
        else (),
        "attack": context.attack([*context.public, version]),
        "documents": [
            *find_document_faults(version, context.canaries),
            *find_paper_problems(version, rules),
        ],
        "machine_files": find_machine_file_faults(version),
    }
    results = []
    for name, title in TITLES.items():
        faults = list(faults_by_check[name])
        results.append(CheckResult(name, title, len(faults), tuple(faults[:MAX_SAVED_FAULTS])))
    rows = [asdict(result) for result in results]
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    (version.internal / CHECKS).write_text(text, encoding="utf-8")
    return results


def read_checks(version: Version) -> list[CheckResult]:
    """Return the results of the last check of a version; empty if it was never checked."""
    path = version.internal / CHECKS
    if not path.exists():
        return []
    return TypeAdapter(list[CheckResult]).validate_json(path.read_bytes())


def _screen_files(version: Version) -> Iterable[str]:
    pairs = list(read_pairs(version.data))
    expected = {data_set.name for data_set in read_data_sets()}
    for name in sorted(expected ^ {pair.name for pair in pairs}):
        yield f"{name} is missing, or is no file of a release"
    for pair in pairs:
        for finding in screen_pair(pair):
            yield f"{finding.file}: {finding.text} (rule {finding.rule}, {finding.severity})"


def _screen_house_rules(version: Version, rules: Rules) -> Iterable[str]:
    data_sets = {data_set.name: data_set for data_set in read_data_sets()}
    for pair in read_pairs(version.data):
        if pair.name in data_sets:
            for finding in screen_house(pair, data_sets[pair.name], rules):
                yield f"{finding.file}: {finding.text}"
