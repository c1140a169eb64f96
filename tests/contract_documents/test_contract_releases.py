"""The promise about contracts: no change without the version that announces it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from register.contract_documents import (
    Level,
    build_changelog,
    compare_summaries,
    find_version_faults,
    release_contracts,
)
from register.contract_documents.contract_releases import RELEASED
from register.feeds import load_contracts

Summary = dict[str, dict[str, Any]]
FEED = "police_reports"


def _read_summary(folder: Path = RELEASED) -> Summary:
    release = json.loads((folder / f"{FEED}.json").read_text(encoding="utf-8"))
    summary: Summary = release["summary"]
    return summary


def test_no_contract_changed_further_than_its_version_says() -> None:
    """Prevents a vendor's export from failing without notice."""
    assert list(find_version_faults()) == []


CHANGES: dict[str, tuple[Level, Callable[[Summary], None]]] = {
    "a column is removed": (Level.MAJOR, lambda s: s["columns"].pop("reports.age")),
    "a heading is renamed": (
        Level.MAJOR,
        lambda s: s["headings"].update(
            {"compact.reports.Gender": s["headings"].pop("compact.reports.Sex")}
        ),
    ),
    "a code is removed": (Level.MAJOR, lambda s: s["codes"]["compact.sex"].remove("F")),
    "a code is added": (Level.MINOR, lambda s: s["codes"]["compact.sex"].append("X9")),
    "a required column is added": (
        Level.MAJOR,
        lambda s: s["columns"].update({"reports.height": ["string", "", "required", "optional"]}),
    ),
    "a required column is added from a period": (
        Level.MAJOR,
        lambda s: s["columns"].update(
            {"reports.height": ["string", "", "required from 2027-01", "optional"]}
        ),
    ),
    "an optional column is added": (
        Level.MINOR,
        lambda s: s["columns"].update({"reports.height": ["string", "", "optional", "optional"]}),
    ),
    "a value becomes required": (
        Level.MAJOR,
        lambda s: s["columns"]["reports.age"].__setitem__(3, "required"),
    ),
    "a value becomes optional": (
        Level.MINOR,
        lambda s: s["columns"]["reports.reported_at"].__setitem__(3, "optional"),
    ),
    "a type changes": (
        Level.MAJOR,
        lambda s: s["columns"]["reports.dob"].__setitem__(0, "string"),
    ),
    "a pattern changes": (
        Level.MAJOR,
        lambda s: s["columns"]["reports.age"].__setitem__(1, "^[0-9]{2}$"),
    ),
    "a date format changes": (
        Level.MAJOR,
        lambda s: s["layouts"]["compact"].update(date_format="%Y"),
    ),
    "a layout is removed": (Level.MAJOR, lambda s: s["layouts"].pop("connect")),
    "a layout is added": (
        Level.NONE,
        lambda s: (
            s["layouts"].update(sixth={}),
            s["codes"].update({"sixth.sex": ["F"]}),
            s["headings"].update({"sixth.reports.Ref": ["report_ref", "", "required"]}),
        ),
    ),
    "an optional table is added": (Level.MINOR, lambda s: s["tables"].update(notes="optional")),
    "a required table is added": (Level.MAJOR, lambda s: s["tables"].update(notes="required")),
    "nothing changes": (Level.NONE, lambda s: None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_has_the_level_of_what_it_asks_of_vendors(change: str) -> None:
    """Prevents a breaking change from passing as an addition."""
    level, apply = CHANGES[change]
    after = _read_summary()
    apply(after)
    changes = compare_summaries(_read_summary(), after)
    assert max((item.level for item in changes), default=Level.NONE) == level


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A copy of the released contracts, which tests may change."""
    folder = tmp_path / "released"
    shutil.copytree(RELEASED, folder)
    return folder


def _rewrite(folder: Path, version: str, change: Callable[[Summary], object]) -> None:
    """Write another contract as the last released one."""
    path = folder / f"{FEED}.json"
    release = json.loads(path.read_text(encoding="utf-8"))
    change(release["summary"])
    release["versions"][-1]["version"] = version
    path.write_text(json.dumps(release), encoding="utf-8")


def _without_age(summary: Summary) -> None:
    del summary["columns"]["reports.age"]


def _with_more(summary: Summary) -> None:
    summary["codes"]["compact.sex"].append("X9")


@pytest.mark.parametrize(
    ("version", "change", "is_allowed"),
    [
        ("1.0.0", _without_age, False),
        ("0.9.3", _without_age, True),
        ("1.0.0", _with_more, False),
        ("0.9.0", _with_more, True),
        ("1.0.1", lambda _: None, False),
        ("0.9.9", lambda _: None, True),
    ],
)
def test_a_change_needs_a_version_of_its_level(
    released: Path, version: str, change: Callable[[Summary], object], is_allowed: bool
) -> None:
    """Prevents a removed code in a minor version, and a version that goes back."""
    current = load_contracts()[FEED].version
    assert current == "1.0.0", "the versions of this test follow the contract's"
    _rewrite(released, version, change)
    faults = list(find_version_faults(released))
    assert (faults == []) == is_allowed
    assert all(fault.startswith(f"{FEED} {current} after {version}") for fault in faults)


def test_the_changelog_lists_what_is_not_released_yet(released: Path) -> None:
    """Prevents a change that a vendor hears of on the day it comes."""
    assert build_changelog(released)["contracts"][FEED]["versions"][0]["released_on"] is not None
    _rewrite(released, "0.9.0", _without_age)
    contract = build_changelog(released)["contracts"][FEED]
    coming, before = contract["versions"]
    assert (coming["version"], coming["released_on"]) == (contract["version"], None)
    assert before["version"] == "0.9.0"
    assert {
        "level": "minor" if _is_optional_now() else "major",
        "place": "column reports.age",
        "change": "added",
    } in coming["changes"]


def _is_optional_now() -> bool:
    column = load_contracts()[FEED].tables[0].columns["age"]
    return column.custom.presence == "optional" and not column.required


def test_a_release_records_the_version_once(released: Path) -> None:
    """Prevents a released version that loses its changes, or is listed twice."""
    _rewrite(released, "0.9.0", _with_more)
    for _ in range(2):
        release_contracts(date(2026, 12, 31), released)
    versions = build_changelog(released)["contracts"][FEED]["versions"]
    assert [item["version"] for item in versions] == [load_contracts()[FEED].version, "0.9.0"]
    assert versions[0]["released_on"] == "2026-12-31"
    assert versions[0]["changes"] == [
        {"level": "major", "place": "codes compact.sex", "change": "X9 removed"}
    ]
    _rewrite(released, "1.0.0", _with_more)
    with pytest.raises(ValueError, match=r"codes compact\.sex: X9 removed"):
        release_contracts(date(2027, 1, 1), released)
