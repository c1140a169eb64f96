"""Faults of manifests: what a supplier lists about a delivery's files differs from the files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from register.conformance.fault_list import declare_fault
from register.conformance.sample_delivery import ExpectedFinding, Sample, SampleDelivery, Setting

MANIFEST = "manifest.json"


def _list_resources(delivery: SampleDelivery) -> list[dict[str, Any]]:
    """Return what a manifest says about each file of a delivery."""
    resources = []
    for name, sample in delivery.tables.items():
        data = delivery.render_file(name)
        filled = {
            heading: sum(bool(row[place]) for row in sample.rows)
            for place, heading in enumerate(sample.headings)
        }
        resources.append(
            {
                "path": delivery.name_file(name),
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "rows": len(sample.rows),
                "totals": filled,
            }
        )
    return resources


def _send_with(
    delivery: SampleDelivery, resources: list[dict[str, Any]], *findings: ExpectedFinding
) -> Sample:
    text = json.dumps({"resources": resources}, indent=1, ensure_ascii=False)
    count = sum(len(sample.rows) for sample in delivery.tables.values())
    return Sample(delivery.render_files() | {MANIFEST: text.encode()}, findings, count)


def invent_manifest(setting: Setting) -> Sample:
    """Return a good delivery with a manifest."""
    delivery = setting.invent_delivery()
    return _send_with(delivery, _list_resources(delivery))


def _find_difference(delivery: SampleDelivery, rule_code: str, column: str) -> ExpectedFinding:
    name = delivery.name_file(next(iter(delivery.tables)))
    return ExpectedFinding(rule_code, name, column=column)


@declare_fault("manifest_invalid", is_of_layout=False)
def _misspell_count(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    resources = _list_resources(delivery)
    resources[0]["rows"] = "many"
    place = "resources[0].rows"
    return _send_with(
        delivery, resources, ExpectedFinding("manifest_invalid", MANIFEST, column=place)
    )


@declare_fault("manifest_content", is_of_layout=False)
def _list_other_hash(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    resources = _list_resources(delivery)
    resources[0]["hash"] = f"sha256:{hashlib.sha256(b'another file').hexdigest()}"
    finding = _find_difference(delivery, "manifest_content", "resources[0].hash")
    return _send_with(delivery, resources, finding)


@declare_fault("manifest_rows", is_of_layout=False)
def _list_other_count(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    resources = _list_resources(delivery)
    resources[0]["rows"] += 1
    finding = _find_difference(delivery, "manifest_rows", "resources[0].rows")
    return _send_with(delivery, resources, finding)


@declare_fault("manifest_totals", is_of_layout=False)
def _list_other_total(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    resources = _list_resources(delivery)
    heading = next(iter(resources[0]["totals"]))
    resources[0]["totals"][heading] += 1
    finding = _find_difference(delivery, "manifest_totals", heading)
    return _send_with(delivery, resources, finding)


@declare_fault("manifest_missing_file", is_of_layout=False)
def _list_other_file(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    resources = _list_resources(delivery)
    place = f"resources[{len(resources)}].path"
    finding = ExpectedFinding("manifest_missing_file", MANIFEST, column=place)
    return _send_with(delivery, [*resources, {"path": "part.csv"}], finding)


@declare_fault("manifest_unlisted_file", is_of_layout=False)
def _leave_out_file(setting: Setting) -> Sample:
    delivery = setting.invent_delivery()
    name = delivery.name_file(next(iter(delivery.tables)))
    finding = ExpectedFinding("manifest_unlisted_file", name)
    return _send_with(delivery, _list_resources(delivery)[1:], finding)
