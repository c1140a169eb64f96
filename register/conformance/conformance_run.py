"""Running of a conformance kit: the register's own check of each sample against what is expected.

A vendor with another checker compares its results with `expected.json` instead.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from register.conformance.conformance_kit import EXPECTED, SAMPLES, SCHEMA
from register.feeds import CheckedDelivery, LayoutError, check_delivery
from register.settings import Settings

COMPARED = ("rule_code", "outcome", "file", "line", "element", "column", "table_name")
Result = dict[str, Any]


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
    content = _read_expected(kit)
    checked_at = datetime.fromisoformat(content["checked_at"])
    with tempfile.TemporaryDirectory() as scratch:
        samples = Path(scratch) / SAMPLES
        shutil.copytree(kit / SAMPLES, samples)
        # A delivery counts as received when its files were last changed.
        for path in samples.rglob("*"):
            os.utime(path, (checked_at.timestamp(), checked_at.timestamp()))
        for item in content["samples"]:
            found = _check_sample(settings, samples, item, checked_at)
            differences = tuple(_compare_results(item["expected"], found))
            yield SampleResult(item["sample"], item["rule_code"], differences)


def _read_expected(kit: Path) -> dict[str, Any]:
    """Return the content of the kit's `expected.json`. Raises `KitError` if it is not valid."""
    schema = json.loads((files("register.conformance") / SCHEMA).read_text(encoding="utf-8"))
    try:
        content: dict[str, Any] = json.loads((kit / EXPECTED).read_text(encoding="utf-8"))
        jsonschema.validate(content, schema, jsonschema.Draft202012Validator)
    except FileNotFoundError as error:
        raise KitError(f"there is no {EXPECTED} in {kit}") from error
    except ValueError as error:
        raise KitError(f"{EXPECTED} is not JSON") from error
    except jsonschema.ValidationError as error:
        raise KitError(f"{EXPECTED}, {error.json_path}: {error.message}") from error
    root = (kit / SAMPLES).resolve()
    for item in content["samples"]:
        folder = (root / item["sample"]).resolve()
        if not folder.is_relative_to(root) or not folder.is_dir():
            raise KitError(f"there is no sample {item['sample']}")
    return content


def _check_sample(
    settings: Settings, samples: Path, item: dict[str, Any], checked_at: datetime
) -> Result:
    place = (item["feed"], item["supplier_code"], item["period"])
    try:
        checked = check_delivery(settings, samples / item["sample"], *place, checked_at)
    except LayoutError as error:
        raise KitError(str(error)) from error
    return _describe_result(checked)


def _describe_result(checked: CheckedDelivery) -> Result:
    is_rejected = checked.parsed.rejection is not None
    findings = [{name: line[name] for name in COMPARED} for line in checked.build_feedback()]
    return {
        "outcome": checked.outcome,
        "is_held": not is_rejected and checked.parsed.hold_rule is not None,
        "landed_row_count": None if is_rejected else checked.landed_row_count,
        "findings": findings,
    }


def _compare_results(expected: Result, found: Result) -> Iterator[str]:
    for name in ("outcome", "is_held", "landed_row_count"):
        if expected[name] != found[name]:
            yield f"{name} is {found[name]}, and not {expected[name]}"
    missing = list(expected["findings"])
    for finding in found["findings"]:
        if finding in missing:
            missing.remove(finding)
        else:
            yield f"found but not expected: {_describe_place(finding)}"
    for finding in missing:
        yield f"expected but not found: {_describe_place(finding)}"


def _describe_place(finding: dict[str, str]) -> str:
    places = [f"{name} {finding[name]}" for name in COMPARED[2:] if finding[name]]
    return f"{finding['rule_code']} ({finding['outcome']}) {', '.join(places)}".rstrip()
