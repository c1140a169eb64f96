"""dbt's process as loads run it: it ends with whoever started it, and writes a warehouse alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from orchestration.dbt_process import SCRATCH, writer_lock
from orchestration.locks import WarehouseBusyError, warehouse_lock
from register.settings import PROJECT_ROOT, Settings

LATE = """
import time
from register.processes import end_with_parent
end_with_parent({starter})
time.sleep({seconds})
"""
CHILD = """
import time
from register.processes import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(600)
"""
PARENT = f"""
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_ends_with_the_load_that_was_killed() -> None:
    """Prevents dbt from writing the warehouse while the next load does."""
    killed = subprocess.run(
        [sys.executable, "-c", PARENT], cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -9
    deadline = time.monotonic() + 60
    while _runs(int(killed.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(killed.stdout))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_dbt_holds_the_warehouse_as_long_as_it_writes(settings: Settings) -> None:
    """Prevents two builds in one warehouse, when whoever started the first was killed."""
    with writer_lock(settings.warehouse, ["--quiet", "parse"]), warehouse_lock(settings):
        pass
    with writer_lock(settings.warehouse, ["build", "--exclude", "a"]):
        with pytest.raises(WarehouseBusyError, match="was killed"), warehouse_lock(settings):
            pass
        with (
            pytest.raises(SystemExit, match="another dbt"),
            writer_lock(settings.warehouse, ["build"]),
        ):
            pass
    with warehouse_lock(settings):
        pass


def test_what_models_put_aside_lies_in_the_home(settings: Settings) -> None:
    """Prevents records of children in a system's folder, where a killed build leaves them."""
    left = settings.warehouse / SCRATCH / "register-scoring-killed"
    left.mkdir(parents=True)
    with writer_lock(settings.warehouse, ["build"]), tempfile.TemporaryDirectory() as folder:
        assert Path(folder).parent == left.parent
        assert not left.exists()
        assert left.parent.stat().st_mode & 0o777 == 0o700
    assert not left.parent.exists()
    assert Path(tempfile.gettempdir()) != left.parent


def test_a_command_whose_reader_has_gone_ends_without_a_traceback() -> None:
    """Prevents an error at the end of a command of which only the first lines are read."""
    code = "import sys; from register.processes import run_and_end; run_and_end(lambda: print('a'))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert not process.stderr.read()
    assert process.returncode == 0


def test_what_fails_in_a_command_is_raised() -> None:
    """Prevents an error that nobody sees, because the process ends at once."""
    code = "from register.processes import run_and_end; run_and_end(lambda: 1 // 0)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith("ZeroDivisionError: integer division or modulo by zero\n")


@pytest.mark.parametrize(("is_there", "status"), [(True, 0), (False, 1)])
def test_a_child_whose_starter_has_ended_already_ends(is_there: bool, status: int) -> None:
    """Prevents dbt from going on where a load was killed while dbt was imported."""
    with subprocess.Popen(["true"]) as ended:
        pass
    starter, seconds = (os.getpid(), 2) if is_there else (ended.pid, 60)
    child = LATE.format(starter=starter, seconds=seconds)
    outcome = subprocess.run([sys.executable, "-c", child], cwd=PROJECT_ROOT, check=False)
    assert outcome.returncode == status


CLOSED = """
import os, sys
from pathlib import Path
from register.processes import run_and_end
def run():
    print("result")
    print("notice", file=sys.stderr)
    file = open("written", "w")
    assert file.fileno() > 2, file.fileno()
    sys.exit({status})
run_and_end(run)
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("status", [0, 3])
def test_a_command_that_was_given_no_streams_ends_as_it_would(
    tmp_path: Path, closed: str, status: int
) -> None:
    """Prevents a load by a scheduler without streams that fails, or writes into another file."""
    (tmp_path / "run.py").write_text(CLOSED.format(status=status), encoding="utf-8")
    ended = subprocess.run(
        ["bash", "-c", f"exec {sys.executable} run.py {closed}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        check=False,
        capture_output=True,
    )
    assert ended.returncode == status, ended.stderr
