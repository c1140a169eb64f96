"""Writing of the conformance kit: sample deliveries, and what the check of each must find.

The expected results come from the faults' own places and the rules' outcomes, never from a check.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from register.conformance import (
    column_faults,
    file_faults,
    manifest_faults,
    packing_faults,
    value_faults,
)
from register.conformance.fault_list import FAULTS
from register.conformance.kit_content import (
    KitContent,
    KitFinding,
    KitResult,
    KitSample,
    build_kit_schema,
)
from register.conformance.sample_delivery import ExpectedFinding, Sample, Setting
from register.data_packages import encode_json
from register.feeds import (
    EXAMPLE_PERIODS,
    find_layout_supplier,
    list_feed_rules,
    load_contracts,
    load_sample_layouts,
)
from register.settings import Settings
from register.yaml_file import read_yaml

# Importing these modules declares the faults.
FAULT_MODULES = (value_faults, column_faults, file_faults, packing_faults, manifest_faults)
EXPECTED = "expected.json"
SCHEMA = "expected.schema.json"
SAMPLES = "samples"
# The time of receipt of every sample: after the periods of the examples.
CHECKED_AT = "2026-11-24T12:00:00Z"
NOT_COVERED = Path(__file__).with_name("not_covered.yaml")


@dataclass(frozen=True)
class NamedSample:
    """A sample of the kit: its folder below `samples`, its setting, and the rule that it breaks."""

    name: str
    setting: Setting
    sample: Sample
    rule_code: str | None = None


def write_conformance_kit(settings: Settings, folder: Path) -> int:
    """Write the kit into a folder, in place of an earlier kit; return the number of samples."""
    shutil.rmtree(folder / SAMPLES, ignore_errors=True)
    samples = list(list_samples(settings))
    for item in samples:
        for name, data in item.sample.files.items():
            path = folder / SAMPLES / item.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    outcomes = {
        rule.rule_code: rule.outcome
        for feed in load_contracts()
        for rule in list_feed_rules(settings.seeds, feed)
    }
    content = KitContent(
        contracts={feed: contract.version for feed, contract in load_contracts().items()},
        checked_at=CHECKED_AT,
        samples=tuple(_describe_sample(item, outcomes) for item in samples),
        not_covered=read_not_covered(),
    )
    (folder / EXPECTED).write_text(encode_json(content.model_dump()), encoding="utf-8")
    (folder / SCHEMA).write_text(encode_json(build_kit_schema()), encoding="utf-8")
    return len(samples)


def read_not_covered() -> dict[str, str]:
    """Return the rules that no sample breaks, with the reasons."""
    reasons: dict[str, str] = read_yaml(NOT_COVERED)
    return reasons


def list_samples(settings: Settings) -> Iterator[NamedSample]:
    """Yield the samples of each layout that a supplier uses: the good ones, then the bad ones."""
    feeds: set[str] = set()
    for layout in load_sample_layouts(settings.layouts):
        period = EXAMPLE_PERIODS[layout.feed]
        code = find_layout_supplier(layout, period, settings.seeds, settings.layouts)
        if code is None:
            continue
        setting = Setting(layout, code, period, settings.seeds)
        place = f"{layout.feed}/{layout.layout_name}"
        yield NamedSample(f"{place}/good", setting, setting.invent_delivery().build_sample())
        if document := packing_faults.invent_return_document(setting):
            yield NamedSample(f"{place}/good_xml", setting, document)
        if layout.feed not in feeds:
            document = manifest_faults.invent_manifest(setting)
            yield NamedSample(f"{place}/good_manifest", setting, document)
        for fault in FAULTS.values():
            if not fault.is_of_layout and layout.feed in feeds:
                continue
            if sample := fault.make_sample(setting):
                yield NamedSample(f"{place}/{fault.rule_code}", setting, sample, fault.rule_code)
        feeds.add(layout.feed)


def _describe_sample(item: NamedSample, outcomes: dict[str, str]) -> KitSample:
    setting, sample = item.setting, item.sample
    findings = tuple(_describe_finding(finding, outcomes) for finding in sample.findings)
    has = {finding.outcome for finding in findings}
    is_rejected = "rejected" in has
    accepted: Literal["accepted", "accepted_with_quarantine"] = "accepted"
    if "quarantined" in has:
        accepted = "accepted_with_quarantine"
    return KitSample(
        sample=item.name,
        feed=sample.feed or setting.layout.feed,
        layout_name=setting.layout.layout_name,
        supplier_code=sample.supplier_code or setting.supplier_code,
        period=sample.period or setting.period,
        rule_code=item.rule_code,
        expected=KitResult(
            outcome="rejected" if is_rejected else accepted,
            is_held="held" in has and not is_rejected,
            landed_row_count=None if is_rejected else sample.landed_row_count,
            findings=findings,
        ),
    )


def _describe_finding(finding: ExpectedFinding, outcomes: dict[str, str]) -> KitFinding:
    outcome = "quarantined" if finding.is_quarantined else outcomes[finding.rule_code]
    return KitFinding.model_validate(
        {
            "rule_code": finding.rule_code,
            "outcome": outcome,
            "file": finding.file,
            "line": finding.line,
            "element": finding.element,
            "column": finding.column,
            "table_name": finding.table,
        }
    )
