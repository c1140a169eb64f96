"""Servers of Spark Connect on this machine, started for a test and ended with it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from tests.free_ports import find_free_port

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
STARTING_SECONDS, ENDING_SECONDS = 600, 60


@contextmanager
def serving(command: Callable[[int], list[str]], folder: Path) -> Iterator[str]:
    """Run what `command` gives for a port, in `folder`; gives the address of that server."""
    port = find_free_port()
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            command(port),
            cwd=folder,
            env={**os.environ, "SPARK_HOME": str(_spark_home())},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_for(process, port)
            yield f"sc://127.0.0.1:{port}"
        finally:
            process.terminate()
            # Tests that were started in the background of a script have the signal ignored.
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS)
            process.kill()


def spark_server(port: int) -> list[str]:
    """The command of docs/how-to/run-on-spark.md, on this machine alone."""
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.ui.enabled": "false",
    }
    command = [str(_spark_home() / "bin" / "spark-submit"), "--class", SERVER]
    command += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return [*command, "--driver-memory", "3g", "--master", "local[2]", "spark-internal"]


def _spark_home() -> Path:
    """The folder of the packages; their scripts ask another Python for it unless they are told."""
    result = find_spec("pyspark")
    assert result is not None
    assert result.submodule_search_locations is not None
    return Path(result.submodule_search_locations[0])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError(f"no server after {STARTING_SECONDS} s")
