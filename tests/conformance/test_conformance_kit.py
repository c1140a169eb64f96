"""The conformance kit: each sample fails for its own reason, and a changed result is noticed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from interfaces.command_line import app
from register.conformance import (
    FAULTS,
    KitError,
    read_not_covered,
    run_conformance_kit,
    write_conformance_kit,
)
from register.feeds import list_feed_rules, load_contracts, load_usable_layouts
from register.settings import load_settings

MEGABYTE = 1 << 20
Content = dict[str, Any]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit, written once by the command."""
    folder = tmp_path_factory.mktemp("kit")
    result = CliRunner().invoke(app, ["conformance", "write", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def _read(kit: Path) -> Content:
    content: Content = json.loads((kit / "expected.json").read_text(encoding="utf-8"))
    return content


def _copy_some(
    kit: Path, target: Path, names: list[str], change: Callable[[Content], None]
) -> Path:
    """A kit of some samples, with a change of what is expected."""
    content = _read(kit)
    content["samples"] = [item for item in content["samples"] if item["sample"] in names]
    for name in names:
        for path in (kit / "samples" / name).iterdir():
            copy = target / "samples" / name / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    change(content)
    (target / "expected.json").write_text(json.dumps(content), encoding="utf-8")
    return target


def test_the_check_finds_in_each_sample_what_is_expected_and_no_more(kit: Path) -> None:
    """Prevents a kit by which a good checker fails, or a bad one passes."""
    results = list(run_conformance_kit(load_settings(), kit))
    assert [(item.sample, item.differences) for item in results if not item.is_passed] == []
    assert len(results) == len(_read(kit)["samples"]) > 300


def test_every_rule_has_a_sample_or_a_reason_to_have_none(kit: Path) -> None:
    """Prevents a new rule that no vendor can try."""
    broken = {item["rule_code"] for item in _read(kit)["samples"]} - {None}
    assert set(FAULTS) == broken
    assert broken & set(read_not_covered()) == set()
    rules = list_feed_rules(load_settings().seeds, "police_reports")
    assert broken | set(read_not_covered()) == {rule.rule_code for rule in rules}


def test_every_feed_and_layout_has_good_and_bad_samples(kit: Path) -> None:
    """Prevents a layout whose vendor has nothing to try."""
    kinds: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for item in _read(kit)["samples"]:
        place = (load_layout_feed(item["layout_name"]), item["layout_name"])
        kinds[place][item["rule_code"] is None] += 1
    assert set(kinds) == {(layout.feed, layout.layout_name) for layout in load_usable_layouts()}
    assert {feed for feed, _ in kinds} == set(load_contracts())
    assert all(counts[True] >= 1 and counts[False] >= 15 for counts in kinds.values())


def load_layout_feed(name: str) -> str:
    """The feed of a layout."""
    return next(item.feed for item in load_usable_layouts() if item.layout_name == name)


def test_a_bad_sample_breaks_its_rule_and_others_only_by_it(kit: Path) -> None:
    """Prevents a sample that fails for two reasons."""
    # A broken column is told beside its broken values, and lost records beside their number.
    beside = {
        "unreadable_dates": {"impossible_date"},
        "day_month_swapped": {"impossible_date"},
        "unknown_codes": {"unmapped_code"},
        "unusable_numbers": {"scientific_number"},
        "many_quarantined": {"missing_required_value"},
        "nothing_landed": {"missing_required_value"},
    }
    for item in _read(kit)["samples"]:
        rule = item["rule_code"]
        found = {finding["rule_code"] for finding in item["expected"]["findings"]}
        assert found == ({rule} | beside.get(rule, set()) if rule else set()), item["sample"]


def test_the_kit_is_small_and_the_same_each_time(kit: Path, tmp_path: Path) -> None:
    """Prevents a kit that cannot be compared with an earlier one, or sent by mail."""
    write_conformance_kit(load_settings(), tmp_path)

    def hash_files(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    assert hash_files(kit) == hash_files(tmp_path)
    assert sum(path.stat().st_size for path in kit.rglob("*") if path.is_file()) < 5 * MEGABYTE


def test_the_expected_results_fit_the_schema_beside_them(kit: Path) -> None:
    """Prevents a file that a checker of another maker cannot read."""
    schema = json.loads((kit / "expected.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    content = _read(kit)
    assert list(Draft202012Validator(schema).iter_errors(content)) == []
    content["samples"][0]["expected"]["outcome"] = "lost"
    assert list(Draft202012Validator(schema).iter_errors(content)) != []


BAD = "police_reports/compact/impossible_date"
GOOD = "police_reports/compact/good"


def _mutate(name: str, key: str, value: Any) -> Callable[[Content], None]:
    def change(content: Content) -> None:
        expected = next(item for item in content["samples"] if item["sample"] == name)["expected"]
        place = expected["findings"][0] if key in {"rule_code", "line", "column"} else expected
        assert place[key] != value
        place[key] = value

    return change


MUTATIONS: list[Callable[[Content], None]] = [
    _mutate(BAD, "outcome", "rejected"),
    _mutate(BAD, "is_held", True),
    _mutate(BAD, "landed_row_count", 2),
    _mutate(BAD, "rule_code", "invalid_value"),
    _mutate(BAD, "line", "2"),
    _mutate(BAD, "column", "Reported"),
    _mutate(BAD, "findings", []),
    _mutate(GOOD, "outcome", "accepted_with_quarantine"),
]


@pytest.mark.parametrize("change", MUTATIONS)
def test_a_changed_expectation_fails_its_sample_and_no_other(
    kit: Path, tmp_path: Path, change: Callable[[Content], None]
) -> None:
    """Prevents a run that passes whatever is expected."""
    mutated = _copy_some(kit, tmp_path, [BAD, GOOD], change)
    result = CliRunner().invoke(app, ["conformance", "run", str(mutated), "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["passed"] == 1
    assert [bool(item["differences"]) for item in told["samples"]].count(True) == 1


def test_a_changed_sample_fails(kit: Path, tmp_path: Path) -> None:
    """Prevents a kit whose samples are not looked at."""
    copied = _copy_some(kit, tmp_path, [BAD, GOOD], lambda content: None)
    assert CliRunner().invoke(app, ["conformance", "run", str(copied)]).exit_code == 0
    (path,) = (copied / "samples" / BAD).iterdir()
    path.write_bytes((copied / "samples" / GOOD / path.name).read_bytes())
    result = CliRunner().invoke(app, ["conformance", "run", str(copied)])
    assert result.exit_code == 1
    assert "1 of 2 samples pass" in result.output
    assert "expected but not found: impossible_date (flagged)" in result.output


def _point_outside(content: Content) -> None:
    content["samples"][0]["sample"] = "../.."


def _leave_out(content: Content) -> None:
    del content["checked_at"]


@pytest.mark.parametrize("change", [_point_outside, _leave_out])
def test_a_kit_that_cannot_be_read_is_refused(
    kit: Path, tmp_path: Path, change: Callable[[Content], None]
) -> None:
    """Prevents a kit from another hand that reads files outside its folder."""
    copied = _copy_some(kit, tmp_path, [GOOD], change)
    with pytest.raises(KitError):
        list(run_conformance_kit(load_settings(), copied))
    (copied / "expected.json").unlink()
    with pytest.raises(KitError, match=r"there is no expected\.json"):
        list(run_conformance_kit(load_settings(), copied))
