"""A server of Spark Connect in place of a Spark of one's own: a build's questions are answered."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
STARTING_SECONDS = 600


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _spark_home() -> Path:
    """The folder of the packages; their scripts ask another Python for it unless they are told."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0])


def _spark_server(port: int) -> list[str]:
    """The command of docs/spark.md, on this machine alone."""
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.ui.enabled": "false",
    }
    command = [str(_spark_home() / "bin" / "spark-submit"), "--class", SERVER]
    command += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return [*command, "--master", "local[2]", "spark-internal"]


def _sail_server(port: int) -> list[str]:
    sail = shutil.which("sail")
    if sail is None:
        pytest.skip("no `sail` on the path: it is no part of `make setup-spark`")
    return [sail, "spark", "server", "--port", str(port)]


@pytest.fixture(scope="module", params=[_spark_server, _sail_server], ids=["spark", "sail"])
def server(
    request: pytest.FixtureRequest, spark_runs: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server of Spark Connect."""
    port, folder = _free_port(), tmp_path_factory.mktemp("server")
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            request.param(port),
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


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError(f"no server after {STARTING_SECONDS} s")


def _ask(server: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.spark.ask_server", server, str(folder)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_server_answers_what_a_build_asks(server: str, tmp_path: Path) -> None:
    """Prevents a build on a server that cannot make a seed, a view or a Python model."""
    outcome = _ask(server, tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout) == {
        "is_remote": True,
        "shown": [1],
        # A file without rows has its columns all the same.
        "nobody": ["code", "seen_at"],
        # A hash above 2^63 comes back as it was.
        "made": [{"one": 2, "hash": 2**64 - 1}],
        "moment": "2025-07-01 12:00:00.250000",
        "tables": ["codes", "made", "numbers", "shown.sql"],
    }
