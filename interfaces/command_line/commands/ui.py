"""`register ui`: Dagster's webserver and its daemon, as two processes on the loopback address.

What they run is `orchestration.definitions`. The instance they share belongs in
`orchestration.dagster_home`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from interfaces.command_line.console import FAILED, notices, output, stop
from register.home import prepare_home
from register.processes import signal_at_parents_end
from register.settings import Settings, load_settings

LOOPBACK = "127.0.0.1"
DEFINITIONS = ("-m", "orchestration.definitions")
LOOK_SECONDS = 0.2
# How long a process has to end by itself before it is killed.
GRACE_SECONDS = 20.0


class Part(StrEnum):
    """One of the two processes."""

    WEBSERVER = "webserver"
    DAEMON = "daemon"


def ui(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port on the loopback address.")
    ] = 3000,
    only: Annotated[
        Part | None, typer.Option(help="Run this one of the two alone, such as under systemd.")
    ] = None,
) -> None:
    """Run the Dagster UI on the loopback address, and the daemon that runs schedule and sensor.

    The address is written once it answers. It has no log-in of its own.
    """
    settings = load_settings()
    prepare_home(settings)
    variables = _variables(settings)
    if only is not Part.DAEMON and _answers(port):
        stop(f"port {port} is in use: choose another with --port")
    if only is not None:
        command = _command(only, port)
        os.execve(command[0], command, variables)  # noqa: S606 - our own command
    with _both(port, variables) as processes:
        _say_address(port, processes)
        _wait(processes)


def _command(part: Part, port: int) -> list[str]:
    """The command line of one of the two."""
    folder = Path(sys.executable).parent
    if part is Part.DAEMON:
        return [str(folder / "dagster-daemon"), "run", *DEFINITIONS]
    return [str(folder / "dagster-webserver"), *DEFINITIONS, "-h", LOOPBACK, "-p", str(port)]


def _variables(settings: Settings) -> dict[str, str]:
    from orchestration.dagster_home import prepare_dagster_home

    return {
        **os.environ,
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        "REGISTER_HOME": str(settings.home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@contextmanager
def _both(port: int, variables: dict[str, str]) -> Iterator[dict[Part, subprocess.Popen[bytes]]]:
    """Webserver and daemon; both have ended when the block ends, however it ends."""
    signal.signal(signal.SIGTERM, _interrupt)
    processes = {
        # In groups of their own, so that an interrupt from the keyboard comes to us alone.
        part: subprocess.Popen(
            _command(part, port),
            env=variables,
            process_group=0,
            preexec_fn=partial(signal_at_parents_end, signal.SIGTERM),  # noqa: PLW1509 - one thread
        )
        for part in Part
    }
    try:
        yield processes
    except KeyboardInterrupt:
        notices.print("ending the webserver and the daemon")
    finally:
        for process in processes.values():
            _end(process)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started: politely, then by force."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _say_address(port: int, processes: dict[Part, subprocess.Popen[bytes]]) -> None:
    with notices.status("starting the webserver and the daemon"):
        while not _answers(port):
            _stop_if_one_ended(processes)
            time.sleep(LOOK_SECONDS)
    output.print(f"Dagster UI: http://{LOOPBACK}:{port} (Ctrl-C ends it)", soft_wrap=True)
    # Whoever reads a pipe must see the line while the processes run.
    output.file.flush()


def _answers(port: int) -> bool:
    """Say whether something listens at the port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(LOOK_SECONDS)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _wait(processes: dict[Part, subprocess.Popen[bytes]]) -> NoReturn:
    while True:
        _stop_if_one_ended(processes)
        time.sleep(LOOK_SECONDS)


def _stop_if_one_ended(processes: dict[Part, subprocess.Popen[bytes]]) -> None:
    for part, process in processes.items():
        code = process.poll()
        if code is not None:
            stop(f"the {part} ended with exit code {code}; its messages are above", FAILED)
