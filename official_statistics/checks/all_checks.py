"""All checks of a version, and their results as they are kept in `internal/checks.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from official_statistics.checks.document_checks import document_faults
from official_statistics.checks.protection_checks import unprotected_cells
from official_statistics.checks.recomputation import wrong_figures
from official_statistics.checks.revision import revision_faults, unnoted_changes
from official_statistics.checks.sums import broken_sums
from official_statistics.data_sets import data_set_named, read_data_sets
from official_statistics.drafting import release_of
from official_statistics.papers import find_paper_problems
from official_statistics.release_rules import Rules
from official_statistics.releases import Version
from official_statistics.screening import read_pairs, screen_house, screen_pair

CHECKS = "checks.json"
# The first so many of what a check found are kept; all are counted.
KEPT = 50
# What each check is called for people.
TITLES = {
    "screener": "The platform's screener",
    "house": "Our own rules of the files",
    "protection": "Small and dominated counts",
    "recomputation": "Figures from shown counts alone",
    "sums": "Sums within rounding",
    "revision": "Years carried over or replaced whole",
    "changes": "Changes since the version before",
    "attack": "Attack on all that is public",
    "documents": "Documents, links and privacy",
}
Attack = Callable[[Sequence[Version]], Iterable[str]]


@dataclass(frozen=True)
class CheckResult:
    """One check: what it asks, how many faults it found, and the first of them."""

    name: str
    title: str
    fault_count: int
    faults: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether nothing was found."""
        return self.fault_count == 0


@dataclass(frozen=True)
class Surroundings:
    """What a version is checked against: public versions (oldest first), limits and the attack."""

    public: tuple[Version, ...]
    rules: Rules
    change_percent: float
    attack: Attack
    canaries: tuple[str, ...] = ()


def run_checks(version: Version, around: Surroundings) -> list[CheckResult]:
    """Run every check of a version, and keep the results with it."""
    rules = around.rules
    units = {level: int(rules[f"rounding_unit_{level}"]) for level in ("authority", "area")}
    before = around.public[-1] if around.public else None
    most_children = int(rules["revision_children_most"])
    found: dict[str, Iterable[str]] = {
        "screener": _screened(version),
        "house": _house(version, units),
        "protection": unprotected_cells(version, rules),
        "recomputation": wrong_figures(version, release_of(version, rules)),
        "sums": broken_sums(version, units),
        "revision": revision_faults(before, version, most_children) if before else (),
        "changes": unnoted_changes(before, version, around.change_percent) if before else (),
        "attack": around.attack([*around.public, version]),
        "documents": [*document_faults(version, around.canaries), *find_paper_problems(version, rules)],
    }
    results = []
    for name, title in TITLES.items():
        listed = list(found[name])
        results.append(CheckResult(name, title, len(listed), tuple(listed[:KEPT])))
    text = json.dumps([asdict(one) for one in results], indent=2, ensure_ascii=False) + "\n"
    (version.internal / CHECKS).write_text(text, encoding="utf-8")
    return results


def read_checks(version: Version) -> list[CheckResult]:
    """Return the results of the last check of a version; none before the first."""
    path = version.internal / CHECKS
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [CheckResult(**{**row, "faults": tuple(row["faults"])}) for row in rows]


def _screened(version: Version) -> Iterable[str]:
    pairs = list(read_pairs(version.data))
    wanted = {one.name for one in read_data_sets()}
    for name in sorted(wanted ^ {pair.name for pair in pairs}):
        yield f"{name} is missing, or is no file of a release"
    for pair in pairs:
        for finding in screen_pair(pair):
            yield f"{finding.file}: {finding.text} (rule {finding.rule}, {finding.severity})"


def _house(version: Version, units: dict[str, int]) -> Iterable[str]:
    known = {one.name for one in read_data_sets()}
    for pair in read_pairs(version.data):
        if pair.name in known:
            for finding in screen_house(pair, data_set_named(pair.name), units):
                yield f"{finding.file}: {finding.text}"
