"""`register ui`: one command, two processes, an address that is said when it answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import typer
from typer.testing import CliRunner

from interfaces.command_line import app
from interfaces.command_line.commands import ui
from interfaces.command_line.commands.ui import Part, _build_command
from register.settings import PROJECT_ROOT, Settings
from tests.free_ports import find_free_port

# In place of Dagster's two: one listens after a while, the other runs until it is ended.
STAND_INS = """
import sys
from interfaces.command_line.commands import ui

port, daemon = int(sys.argv[1]), sys.argv[2]
webserver = (
    "import http.server, os, threading, time; threading.Timer(60, os._exit, [0]).start();"
    "time.sleep(0.4);"
    f"http.server.HTTPServer(('127.0.0.1', {port}),"
    " http.server.BaseHTTPRequestHandler).serve_forever()"
)
ui._build_environment = lambda settings: {}
ui._build_command = lambda part, port: [
    sys.executable, "-c", webserver if part is ui.Part.WEBSERVER else daemon
]
from interfaces.command_line import app
app(["ui", "--port", str(port)])
"""
RUNS_ON = "import time; time.sleep(60)"
pytestmark = pytest.mark.timeout(90)


def _is_answering(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _started(home: Path, port: int, daemon: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", STAND_INS, str(port), daemon],
        cwd=PROJECT_ROOT,
        env={**os.environ, "REGISTER_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_address_is_said_once_it_answers_and_both_end_with_the_command(
    tmp_path: Path,
) -> None:
    """Prevents an address that refuses whoever opens it, and a daemon that outlives its command."""
    port = find_free_port()
    with _started(tmp_path, port, RUNS_ON) as process:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert _is_answering(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not _is_answering(port)


@pytest.mark.skipif(sys.platform != "linux", reason="asked of the kernel of Linux")
def test_both_end_with_a_command_that_was_killed(tmp_path: Path) -> None:
    """Prevents a daemon that loads, and a port that is taken, after the UI has gone."""
    port = find_free_port()
    with _started(tmp_path, port, RUNS_ON) as process:
        assert process.stdout is not None
        process.stdout.readline()
        both = psutil.Process(process.pid).children()
        assert len(both) == len(Part)
        process.kill()
        assert psutil.wait_procs(both, timeout=30)[1] == []


def test_a_daemon_that_ends_ends_the_webserver(tmp_path: Path) -> None:
    """Prevents a UI that looks well while no schedule and no sensor runs."""
    port = find_free_port()
    with _started(tmp_path, port, "raise SystemExit(7)") as process:
        assert process.stderr is not None
        assert process.wait(30) == 1
        assert "the daemon ended with exit code 7" in process.stderr.read()
    assert not _is_answering(port)


def test_a_port_in_use_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents an address that leads to the UI of another home."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        port = used.getsockname()[1]
        outcome = CliRunner().invoke(app, ["ui", "--port", str(port)])
    assert outcome.exit_code == 1
    assert f"port {port} is in use" in outcome.output


def test_the_two_are_dagsters_webserver_and_daemon() -> None:
    """Prevents `dagster dev`, which is made for a developer's machine, and a public address."""
    webserver, daemon = (_build_command(part, 3000) for part in (Part.WEBSERVER, Part.DAEMON))
    assert [Path(command[0]).name for command in (webserver, daemon)] == [
        "dagster-webserver",
        "dagster-daemon",
    ]
    assert all(Path(command[0]).exists() for command in (webserver, daemon))
    assert webserver[webserver.index("-h") + 1] == "127.0.0.1"
    assert daemon[1] == "run"


def test_one_of_the_two_replaces_the_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a process of ours between systemd and Dagster, which a signal would not pass."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    ran: list[tuple[str, list[str], dict[str, str]]] = []

    def run(path: str, command: list[str], variables: dict[str, str]) -> None:
        ran.append((path, command, variables))
        raise SystemExit(0)

    monkeypatch.setattr(ui.os, "execve", run)
    assert CliRunner().invoke(app, ["ui", "--only", "daemon"]).exit_code == 0
    ((path, command, variables),) = ran
    assert path == command[0]
    assert command[1:] == ["run", "-m", "orchestration.definitions"]
    assert variables["REGISTER_HOME"] == str(settings.home)
    assert Path(variables["DAGSTER_HOME"]).is_dir()


def _runs(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], process_group=0)


def test_the_address_is_not_said_for_a_webserver_that_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Prevents a command that waits for ever for a webserver that could not start."""
    ended = _runs("raise SystemExit(7)")
    ended.wait()
    with pytest.raises(typer.Exit):
        ui._wait_for_start(find_free_port(), {Part.WEBSERVER: ended})
    assert "the webserver ended with exit code 7" in capsys.readouterr().err


def test_what_was_started_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents a webserver or a daemon that goes on after the command that started both."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(ui, "GRACE_SECONDS", 5.0)
    monkeypatch.setattr(ui, "_build_command", lambda *_: [sys.executable, "-c", RUNS_ON])
    try:
        with ui._start_processes(find_free_port(), dict(os.environ)) as processes:
            assert set(processes) == set(Part)
            ui._stop_if_one_ended(processes)
            os.kill(os.getpid(), signal.SIGTERM)
            pytest.fail("the signal interrupts")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [process.poll() for process in processes.values()] == [-signal.SIGTERM] * 2
    # One that is gone is ended again without a word.
    ui._end_process(processes[Part.DAEMON])


def test_the_address_is_said_as_soon_as_something_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Prevents an address that is told before a browser can open it."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        ui._wait_for_start(port, {})
    assert f"Dagster UI: http://127.0.0.1:{port} (Ctrl-C ends it)" in capsys.readouterr().out


def test_waiting_ends_when_one_of_the_two_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Prevents a command that looks alive when half of it has died."""
    ended = _runs("raise SystemExit(3)")
    ended.wait()
    with pytest.raises(typer.Exit):
        ui._wait_for_end({Part.DAEMON: ended})
    assert "the daemon ended with exit code 3" in capsys.readouterr().err
