"""The check of a draft, including an attack on it together with all public releases."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from official_statistics.checks import CheckContext, CheckResult, run_checks
from official_statistics.drafting import export_true_counts
from official_statistics.release_rules import read_rules
from official_statistics.releases import (
    Person,
    Practice,
    Version,
    check_step,
    list_known_versions,
    note_check,
)
from register.settings import Settings
from suppression_attack import attack


def check_release(
    settings: Settings,
    version: Version,
    person: Person,
    practice: Practice,
    canaries: Sequence[str] = (),
) -> list[CheckResult]:
    """Check a version and return the results. It becomes `checked` only if no check failed.

    `canaries` are words planted in deliveries; no public file may contain one.
    """
    check_step(version, "checked")
    context = CheckContext(
        public=tuple(known for known in list_known_versions(settings) if known != version),
        rules=read_rules(),
        change_percent=practice.get_limit("change_percent"),
        attack=attack_files,
        canaries=tuple(canaries),
    )
    results = run_checks(version, context)
    if all(result.is_passed for result in results):
        note_check(settings, version, person, practice)
    return results


def attack_files(versions: Sequence[Version]) -> Iterator[str]:
    """Yield the findings of an attack on the public files of versions, the newest last.

    The report is saved in the newest version, whose true counts the attack also gets. If a true
    count is outside its interval, a tie is wrong.
    """
    newest = versions[-1]
    with tempfile.TemporaryDirectory(dir=newest.internal) as folder:
        true_counts = Path(folder) / "true_counts.csv"
        export_true_counts(newest, true_counts)
        report = attack([version.public for version in versions], true_counts=[true_counts])
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"
    (newest.internal / "attack.json").write_text(text, encoding="utf-8")
    for finding in report.findings:
        yield f"{finding.key or finding.file}: {finding.kind} {finding.detail}".strip()
