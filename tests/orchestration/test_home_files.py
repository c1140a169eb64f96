"""Kinds of files in a home: every file that a load writes is of a known kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from interfaces.command_line.commands.doctor import CHECKS, DEEP_CHECKS
from interfaces.web import add_account
from register.decision_files import append_decisions
from register.home_files import KINDS, FileKind, find_kind, list_unknown_files
from register.settings import Settings
from tests.feeds.deliveries import Home, report
from tests.orchestration.conftest import Place
from tests.publishing.builds import DELIVERY_ID

Check = Callable[[Settings], tuple[bool, str]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.pattern)
def test_every_kind_says_what_notices_a_change(kind: FileKind) -> None:
    """Prevents a kind of file that may be changed unseen without anybody having said why."""
    checks = {*CHECKS, *DEEP_CHECKS, "statistics verify", "access verify"}
    assert kind.noticed_by in {*checks, None}
    assert bool(kind.why_unnoticed) is (kind.noticed_by is None)


def test_a_load_writes_only_files_of_known_kinds(loaded: Place) -> None:
    """Prevents files of which nobody knows what they say about children."""
    assert list(list_unknown_files(loaded.settings.home)) == []


def test_a_file_of_no_kind_is_counted_and_not_named(settings: Settings) -> None:
    """Prevents a copy of children's rows that lies in a home unseen, and its name in a report."""
    check = CHECKS["unknown files"]
    assert check(settings)[0]
    path = settings.published / "Okonkwo, export.csv"
    path.write_text("a child's row", encoding="utf-8")
    is_well, message = check(settings)
    assert not is_well
    assert "1 in published" in message
    assert "Okonkwo" not in message


def test_the_files_of_a_failed_build_are_known(settings: Settings) -> None:
    """Prevents a home from being called faulty for a build that was kept for inspection."""
    folder = settings.published / ".failed-20260401T000000-000000"
    folder.mkdir(parents=True)
    for name in (".inputs.json", "national_register.duckdb.wal"):
        (folder / name).touch()
    assert CHECKS["unknown files"](settings)[0]


def test_the_first_pattern_that_fits_decides(tmp_path: Path) -> None:
    """Prevents a raw copy from being taken for landed rows because it ends alike."""
    kind = find_kind(tmp_path, tmp_path / "landing/police_reports/D1/raw/reports.parquet")
    assert kind is not None
    assert kind.description == "a delivered file as it was received"


# Kinds that this small home lacks; each has tests of its own.
ELSEWHERE = {
    "landing/.rewritten.jsonl": "tests/feeds/test_encryption.py",
    "landing/*.parquet": "tests/feeds/test_encryption.py",
    "landing/*/quarantine.parquet": "tests/feeds/test_encryption.py",
    "landing/*/raw.tar": "tests/test_private_files.py",
    "decisions/pseudonym_key.json": "tests/review/test_rekeying.py",
    "web/signatory_keys.json": "tests/statistics/test_signatures.py",
    "web/access_log*": "tests/access_record/test_tampering.py",
    "statistics/*/internal/*": "tests/statistics/test_releases.py",
    "statistics/*": "tests/statistics/test_releases.py",
}
# Keys of decisions that name nobody yet may be under another key.
DECISION = ["2026-05-01T00:00:00Z", "A. Person", "link", "a" * 32, "b" * 32, "Same", "", "other"]


def damage_file(path: Path, how: str) -> None:
    """Change one bit in the middle of a file, cut its second half off, or remove it."""
    content = path.read_bytes()
    middle = len(content) // 2
    path.chmod(0o600)
    if how == "bit":
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif how == "cut":
        path.write_bytes(content[:middle])
    else:
        path.unlink()


@pytest.mark.drill
@pytest.mark.parametrize("how", ["bit", "cut", "gone"])
def test_a_damaged_file_of_each_kind_is_noticed(loaded: Place, how: str) -> None:
    """Prevents a file that a disk or a person changed from being read for years."""
    settings = loaded.settings
    Home(settings).put_reports([report(1)])
    add_account(settings, "ann", "staff", None)
    append_decisions(settings, "links.csv", [DECISION], ValueError)
    assert CliRunner().invoke(app, ["load", "--refresh"]).exit_code == 0
    checks = {
        name: check for name, check in CHECKS.items() if name in {k.noticed_by for k in KINDS}
    }
    files = [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and path.stat().st_size and DELIVERY_ID not in path.parts
    ]
    unnoticed, absent = [], []
    for kind in KINDS:
        if kind.noticed_by is None or kind.pattern in ELSEWHERE:
            continue
        path = next((each for each in files if find_kind(settings.home, each) is kind), None)
        if path is None:
            absent.append(kind.pattern)
            continue
        content, mode = path.read_bytes(), path.stat().st_mode
        assert not is_noticed(settings, kind, checks), kind.pattern
        damage_file(path, how)
        if not is_noticed(settings, kind, checks):
            unnoticed.append(kind.pattern)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    assert (unnoticed, absent) == ([], [])


def is_noticed(settings: Settings, kind: FileKind, checks: Mapping[str, Check]) -> bool:
    """Return whether the check that a kind names finds a fault; an error is a fault as well."""
    name = str(kind.noticed_by)
    try:
        if name in checks:
            return not checks[name](settings)[0]
        return bool(DEEP_CHECKS[name](settings))
    except (OSError, ValueError, RuntimeError, KeyError):
        return True
