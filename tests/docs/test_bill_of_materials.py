"""The bill of materials: scopes, licences, and advisories that concern an installed version."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from interfaces.documentation.bill_of_materials import (
    BILL,
    LICENCES,
    NEEDS_ATTENTION,
    VULNERABILITIES,
    BillError,
    Component,
    describe_release,
    find_vulnerabilities,
    list_components,
    main,
    read_advisories,
    set_scopes,
)
from register.settings import PROJECT_ROOT

INSTALLED = Component("Some_Package", "2.4.1", "required", "MIT")


def build_bill() -> dict[str, Any]:
    """A register that needs `reader`, which needs `codec`; `checker` is for development."""
    parts = {
        "reader": [{"expression": "MIT"}, {"license": {"name": "declared license of 'reader'"}}],
        "codec": [{"license": {"name": "License :: OSI Approved :: BSD License"}}],
        "checker": [],
    }
    return {
        "metadata": {"component": {"bom-ref": "root", "name": "national-register"}},
        "components": [
            {"bom-ref": name, "name": name, "version": "1.0", "licenses": licences}
            for name, licences in parts.items()
        ],
        "dependencies": [
            {"ref": "root", "dependsOn": ["reader"]},
            {"ref": "reader", "dependsOn": ["codec"]},
            {"ref": "codec"},
            {"ref": "checker", "dependsOn": ["codec"]},
        ],
    }


def build_advisory(**affected: Any) -> dict[str, Any]:
    """An advisory about `some-package`, in OSV's format."""
    package = {"ecosystem": "PyPI", "name": "some-package"}
    return {"id": "TEST-1", "summary": "A fault", "affected": [{"package": package, **affected}]}


def build_range(*events: tuple[str, str]) -> dict[str, Any]:
    """A range of versions from the kinds of its events."""
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: at} for kind, at in events]}]}


def write_release(folder: Path, bill: dict[str, Any]) -> None:
    """Write a bill as the only file of a release."""
    (folder / BILL).write_text(json.dumps(bill), encoding="utf-8")


def test_scopes_follow_the_graph_of_dependencies() -> None:
    """Prevents tools of development from being listed as parts of a running register."""
    components = list_components(set_scopes(build_bill()))
    assert [(item.name, item.scope, item.licence) for item in components] == [
        ("checker", "excluded", ""),
        ("codec", "required", "BSD License"),
        ("reader", "required", "MIT"),
    ]


@pytest.mark.parametrize(
    ("affected", "is_affected"),
    [
        ({"versions": ["2.4.0", "2.4.1"]}, True),
        ({"versions": ["2.4.0"]}, False),
        (build_range(("introduced", "0"), ("fixed", "2.4.2")), True),
        (build_range(("introduced", "0"), ("fixed", "2.4.1")), False),
        (build_range(("introduced", "2.4.1")), True),
        (build_range(("introduced", "2.4.2")), False),
        (build_range(("introduced", "2"), ("last_affected", "2.4.1")), True),
        (build_range(("introduced", "2"), ("last_affected", "2.4.0")), False),
        (build_range(("introduced", "1"), ("fixed", "2"), ("introduced", "2.4")), True),
        # As text, 2.10 comes before 2.4.
        (build_range(("introduced", "0"), ("fixed", "2.10")), True),
    ],
)
def test_an_advisory_concerns_the_versions_that_it_names(
    affected: dict[str, Any], is_affected: bool
) -> None:
    """Prevents a vulnerable version from passing, and a mended one from being accused."""
    concerned = find_vulnerabilities([INSTALLED], [build_advisory(**affected)])
    assert bool(concerned) is is_affected


def test_withdrawn_advisories_and_other_ecosystems_are_left_out() -> None:
    """Prevents alarms about an advisory that was taken back or is about another package."""
    advisory = build_advisory(versions=["2.4.1"])
    elsewhere = build_advisory(versions=["2.4.1"])
    elsewhere["affected"][0]["package"]["ecosystem"] = "npm"
    withdrawn = {**advisory, "withdrawn": "2026-01-01T00:00:00Z"}
    assert find_vulnerabilities([INSTALLED], [withdrawn, elsewhere]) == []
    assert len(find_vulnerabilities([INSTALLED], [advisory])) == 1


def test_a_vulnerability_of_a_needed_component_needs_attention(tmp_path: Path) -> None:
    """Prevents a release with a known vulnerability from looking clean."""
    write_release(tmp_path, build_bill())
    folder = tmp_path / "advisories"
    folder.mkdir()
    advisory = build_advisory(versions=["1.0"])
    for name, identifier in (("codec", "TEST-1"), ("checker", "TEST-2")):
        advisory["affected"][0]["package"]["name"] = name
        text = json.dumps({**advisory, "id": identifier})
        (folder / f"{identifier}.json").write_text(text, encoding="utf-8")
    arguments = [str(tmp_path), "--advisories", str(folder)]
    assert main(arguments) == NEEDS_ATTENTION
    with (tmp_path / VULNERABILITIES).open(encoding="utf-8", newline="") as file:
        rows = [(row["advisory"], row["scope"]) for row in csv.DictReader(file)]
    assert rows == [("TEST-2", "excluded"), ("TEST-1", "required")]
    assert main([*arguments, "--accept", "TEST-1"]) == 0


def test_a_needed_component_without_a_licence_needs_attention(tmp_path: Path) -> None:
    """Prevents a component from being delivered that nobody may pass on."""
    bill = build_bill()
    write_release(tmp_path, bill)
    assert describe_release(tmp_path, None, ()) == 0
    assert not (tmp_path / VULNERABILITIES).exists()
    bill["components"][1]["licenses"] = []
    write_release(tmp_path, bill)
    assert describe_release(tmp_path, None, ()) == NEEDS_ATTENTION
    assert "codec,1.0,required,\n" in (tmp_path / LICENCES).read_text(encoding="utf-8")


def test_an_empty_list_of_advisories_is_an_error(tmp_path: Path) -> None:
    """Prevents a wrong path from looking like a release without vulnerabilities."""
    with pytest.raises(BillError, match="no OSV record"):
        list(read_advisories(tmp_path))
    with pytest.raises(BillError, match="neither"):
        list(read_advisories(tmp_path / "missing.zip"))


def test_every_locked_dependency_has_a_hash() -> None:
    """Prevents a package whose content nobody pinned."""
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^\S+==.*(?:\n .*)*", lock, re.MULTILINE)
    assert len(locked) > 100
    assert [entry for entry in locked if "--hash=sha256:" not in entry] == []
