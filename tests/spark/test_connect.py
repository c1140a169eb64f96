"""A server of Spark Connect in place of a Spark of one's own: a build's questions are answered."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from register.settings import PROJECT_ROOT
from tests.spark.servers import serving, spark_server

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]


def _sail_server(port: int) -> list[str]:
    sail = shutil.which("sail")
    if sail is None:
        pytest.skip("no `sail` on the path: it is no part of `make setup-spark`")
    return [sail, "spark", "server", "--port", str(port)]


@pytest.fixture(scope="module", params=[spark_server, _sail_server], ids=["spark", "sail"])
def server(
    request: pytest.FixtureRequest, spark_runs: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server of Spark Connect."""
    with serving(request.param, tmp_path_factory.mktemp("server")) as address:
        yield address


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
