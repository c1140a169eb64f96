"""The rehearsal of a loss: backup during a load, home destroyed, restored elsewhere, loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from register.backup.chunk_store import ChunkStore
from register.settings import PROJECT_ROOT
from tests.backup.conftest import KEY
from tests.end_to_end.registers import FIGURES

# Three loads and a release of a small nation.
pytestmark = [pytest.mark.drill, pytest.mark.timeout(3600)]

KEYS = "select mention_id_register, child_id_register from register.bridge_child_sources"
LAST_MONTH = "2026-03"
RELEASE = (
    ("announce", "2026", "--at", "now", "--by", "Head of profession", "--reason", "A drill"),
    ("draft", "2026", "--provisional", "A drill with dirty deliveries"),
    ("check", "2026"),
    ("sign", "2026", "--by", "Producer"),
    ("approve", "2026", "--by", "Head of profession"),
    ("publish", "2026"),
)


class Machine:
    """A home and the commands that run in it, each as a process of its own."""

    def __init__(self, home: Path, backups: Path) -> None:
        self.home = home
        self._environment = os.environ | {
            "REGISTER_HOME": str(home),
            "REGISTER_ENVIRONMENT": "test",
            "REGISTER_BACKUP": str(backups),
            "REGISTER_BACKUP_KEY": KEY,
        }

    def start(self, log: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that writes what it says to `log`."""
        with log.open("w", encoding="utf-8") as stream:
            return subprocess.Popen(
                [sys.executable, "-m", "interfaces.command_line", *arguments],
                env=self._environment,
                cwd=PROJECT_ROOT,
                stdout=stream,
                stderr=stream,
                text=True,
            )

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its standard output."""
        ran = subprocess.run(
            [sys.executable, "-m", "interfaces.command_line", *arguments],
            env=self._environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
        return ran.stdout

    def read(self, query: str) -> list[tuple[object, ...]]:
        """The sorted rows of a query of the current generation."""
        path = self.home / "published" / "current" / "national_register.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return sorted(connection.execute(query).fetchall(), key=str)


def test_a_home_that_is_lost_during_a_load_is_the_same_again(tmp_path: Path) -> None:
    """Prevents a backup from which another register grows than the one that was lost."""
    backups = tmp_path / "backups"
    # Made first, so that this store is used even where restic is installed.
    ChunkStore(backups, KEY)
    lost = Machine(tmp_path / "lost", backups)
    lost.run("simulate", "--authorities", "5", "--years", "1")
    late = _hold_back(lost.home / "inbox", tmp_path / "late")
    lost.run("load")
    for step in RELEASE:
        lost.run("statistics", *step)
    _deliver(late, lost.home / "inbox")
    inbox = shutil.copytree(lost.home / "inbox", tmp_path / "inbox")
    ids = []
    load = lost.start(tmp_path / "load.log", "load")
    while load.poll() is None:
        run = json.loads(lost.run("backup", "--json"))
        ids.append(run["backup_id"])
    assert load.returncode == 0, (tmp_path / "load.log").read_text(encoding="utf-8")[-4000:]
    assert len(ids) > 2
    keys, figures = lost.read(KEYS), lost.read(FIGURES)
    assert len(keys) > 100
    shutil.rmtree(lost.home)
    # Each is sound: `restore` ends with an error if any byte is not what was recorded.
    for backup_id in (ids[0], ids[-1], ids[len(ids) // 2]):
        restored = Machine(tmp_path / f"restored-{backup_id}", backups)
        restored.run("restore", str(restored.home), "--at", backup_id)
    shutil.copytree(inbox, restored.home / "inbox", dirs_exist_ok=True)
    restored.run("load", "--refresh")
    assert restored.read(KEYS) == keys
    assert restored.read(FIGURES) == figures
    restored.run("statistics", "verify")
    restored.run("backup", "verify")


def _hold_back(inbox: Path, aside: Path) -> dict[Path, Path]:
    """Move each force's last month out of the inbox, and return where each delivery belongs.

    With more, the register would hold the load: too many keys of children would merge at once.
    """
    moved = {}
    for number, delivery in enumerate(sorted(inbox.glob(f"police_reports/*/{LAST_MONTH}*"))):
        aside.mkdir(exist_ok=True)
        moved[aside / str(number)] = delivery.relative_to(inbox)
        delivery.rename(aside / str(number))
    return moved


def _deliver(moved: dict[Path, Path], inbox: Path) -> None:
    for path, place in moved.items():
        path.rename(inbox / place)
