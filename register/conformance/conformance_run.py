"""Running of a conformance kit: the register's own check of each sample against what is expected.

A vendor with another checker compares its results with `expected.json` instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from register.conformance.conformance_kit import EXPECTED, SAMPLES
from register.conformance.kit_content import KitContent, KitFinding, KitResult, KitSample
from register.feeds import LayoutError, check_delivery
from register.settings import Settings


class KitError(ValueError):
    """A folder is no conformance kit; the message says why."""


@dataclass(frozen=True)
class SampleResult:
    """A sample, and how its check differs from what is expected; no difference means a pass."""

    sample: str
    rule_code: str | None
    differences: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the check found what is expected, and nothing else."""
        return not self.differences


def run_conformance_kit(settings: Settings, kit: Path) -> Iterator[SampleResult]:
    """Check each sample of a kit as a delivery, and yield how the result differs.

    Raises `KitError` if the folder is no kit.
    """
    content = _read_content(kit)
    checked_at = datetime.fromisoformat(content.checked_at)
    with tempfile.TemporaryDirectory() as scratch:
        samples = Path(scratch) / SAMPLES
        shutil.copytree(kit / SAMPLES, samples)
        # A delivery counts as received when its files were last changed.
        for path in samples.rglob("*"):
            os.utime(path, (checked_at.timestamp(), checked_at.timestamp()))
        for item in content.samples:
            result = _check_sample(settings, samples, item, checked_at)
            differences = tuple(_compare_results(item.expected, result))
            yield SampleResult(item.sample, item.rule_code, differences)


def _read_content(kit: Path) -> KitContent:
    """Return the content of the kit's `expected.json`. Raises `KitError` if it is not valid."""
    try:
        content = KitContent.model_validate_json((kit / EXPECTED).read_bytes())
    except FileNotFoundError as error:
        raise KitError(f"there is no {EXPECTED} in {kit}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise KitError(f"{EXPECTED}: {place}: {fault['msg']}") from error
    root = (kit / SAMPLES).resolve()
    for item in content.samples:
        folder = (root / item.sample).resolve()
        if not folder.is_relative_to(root) or not folder.is_dir():
            raise KitError(f"there is no sample {item.sample}")
    return content


def _check_sample(
    settings: Settings, samples: Path, item: KitSample, checked_at: datetime
) -> KitResult:
    place = (item.feed, item.supplier_code, item.period)
    try:
        checked = check_delivery(settings, samples / item.sample, *place, checked_at)
    except LayoutError as error:
        raise KitError(str(error)) from error
    is_rejected = checked.parsed.rejection is not None
    return KitResult(
        outcome=checked.outcome,
        is_held=not is_rejected and checked.parsed.hold_rule is not None,
        landed_row_count=None if is_rejected else checked.landed_row_count,
        findings=tuple(
            KitFinding.model_validate({name: line[name] for name in KitFinding.model_fields})
            for line in checked.build_feedback()
        ),
    )


def _compare_results(expected: KitResult, result: KitResult) -> Iterator[str]:
    for name in ("outcome", "is_held", "landed_row_count"):
        if getattr(expected, name) != getattr(result, name):
            yield f"{name} is {getattr(result, name)}, and not {getattr(expected, name)}"
    missing = list(expected.findings)
    for finding in result.findings:
        if finding in missing:
            missing.remove(finding)
        else:
            yield f"found but not expected: {_describe_finding(finding)}"
    for finding in missing:
        yield f"expected but not found: {_describe_finding(finding)}"


def _describe_finding(finding: KitFinding) -> str:
    texts = finding.model_dump(exclude={"rule_code", "outcome"})
    places = ", ".join(f"{name} {text}" for name, text in texts.items() if text)
    return f"{finding.rule_code} ({finding.outcome}) {places}".rstrip()
