"""`register ui`: run Dagster's webserver and daemon, as two processes on the loopback address.

Both load `orchestration.definitions`. The Dagster instance that they share belongs in
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

from interfaces.command_line import console
from register.home import prepare_home
from register.processes import signal_at_parents_end
from register.settings import Settings, load_settings

LOOPBACK = "127.0.0.1"
DEFINITIONS = ("-m", "orchestration.definitions")
POLL_SECONDS = 0.2
# Seconds in which a process may end by itself before it is killed.
GRACE_SECONDS = 20.0


class Part(StrEnum):
    """One of the two processes of the UI."""

    WEBSERVER = "webserver"
    DAEMON = "daemon"


def ui(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the webserver on the loopback address.")
    ] = 3000,
    only: Annotated[
        Part | None,
        typer.Option(help="Run only one of the two processes, for example under systemd."),
    ] = None,
) -> None:
    """Run the Dagster UI on the loopback address, and the daemon for schedules and sensors.

    The address is printed once the UI answers. The UI has no log-in.
    """
    settings = load_settings()
    prepare_home(settings)
    variables = _build_environment(settings)
    if only is not Part.DAEMON and _is_answering(port):
        console.stop(f"port {port} is in use: choose another with --port")
    if only is not None:
        command = _build_command(only, port)
        os.execve(command[0], command, variables)  # noqa: S606 - our own command
    with _start_processes(port, variables) as processes:
        _wait_for_start(port, processes)
        _wait_for_end(processes)


def _build_command(part: Part, port: int) -> list[str]:
    """Return the command line of a process."""
    folder = Path(sys.executable).parent
    if part is Part.DAEMON:
        return [str(folder / "dagster-daemon"), "run", *DEFINITIONS]
    return [str(folder / "dagster-webserver"), *DEFINITIONS, "-h", LOOPBACK, "-p", str(port)]


def _build_environment(settings: Settings) -> dict[str, str]:
    from orchestration.dagster_home import prepare_dagster_home

    return {
        **os.environ,
        "DAGSTER_HOME": str(prepare_dagster_home(settings)),
        "REGISTER_HOME": str(settings.home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@contextmanager
def _start_processes(
    port: int, variables: dict[str, str]
) -> Iterator[dict[Part, subprocess.Popen[bytes]]]:
    """Start the webserver and the daemon, and end both after the block."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes = {
        # Each of the two processes has a process group of its own. So Ctrl-C in the terminal
        # reaches only the present process, which then ends both.
        part: subprocess.Popen(
            _build_command(part, port),
            env=variables,
            process_group=0,
            preexec_fn=partial(signal_at_parents_end, signal.SIGTERM),  # noqa: PLW1509 - one thread
        )
        for part in Part
    }
    try:
        yield processes
    except KeyboardInterrupt:
        console.notices.print("ending the webserver and the daemon")
    finally:
        for process in processes.values():
            _end_process(process)


def _end_process(process: subprocess.Popen[bytes]) -> None:
    """End a process and its child processes, first with SIGTERM and later with SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_for_start(port: int, processes: dict[Part, subprocess.Popen[bytes]]) -> None:
    with console.notices.status("starting the webserver and the daemon"):
        while not _is_answering(port):
            _stop_if_one_ended(processes)
            time.sleep(POLL_SECONDS)
    console.output.print(f"Dagster UI: http://{LOOPBACK}:{port} (Ctrl-C ends it)", soft_wrap=True)
    # If the output is a pipe, its reader needs this line now, while the processes still run.
    console.output.file.flush()


def _is_answering(port: int) -> bool:
    """Return whether something answers at this port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(POLL_SECONDS)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _wait_for_end(processes: dict[Part, subprocess.Popen[bytes]]) -> NoReturn:
    while True:
        _stop_if_one_ended(processes)
        time.sleep(POLL_SECONDS)


def _stop_if_one_ended(processes: dict[Part, subprocess.Popen[bytes]]) -> None:
    for part, process in processes.items():
        code = process.poll()
        if code is not None:
            console.stop(
                f"the {part} ended with exit code {code}; its messages are above", console.FAILED
            )
