"""The wheel alone, without a checkout: what suppliers and vendors run on their own machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from register.settings import PROJECT_ROOT
from tests.free_ports import find_free_port

SECONDS = 60

# It builds the wheel.
pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine on which the wheel's files are, and no home."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["uv", "build", "--quiet", "--no-build-isolation", "--out-dir", str(folder)]
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    words = [*build, "--python", sys.executable, str(PROJECT_ROOT)]
    subprocess.run(words, check=True, env=os.environ | {"PATH": programs})
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(folder / "installed"),
        "REGISTER_HOME": str(folder / "none"),
    }


def _start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "interfaces.command_line", *words]
    return subprocess.Popen(
        command,
        cwd=environment["HOME"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(environment: dict[str, str], *words: str) -> str:
    with _start(environment, *words) as process:
        printed, _ = process.communicate()
        assert process.returncode == 0, printed
    return printed


def test_the_files_are_those_of_the_wheel(environment: dict[str, str]) -> None:
    """Prevents the other tests of this file from trying the checkout."""
    code = "import register.settings; print(register.settings.PROJECT_ROOT)"
    printed = subprocess.check_output(
        [sys.executable, "-c", code], env=environment, cwd=environment["HOME"], text=True
    )
    assert printed.strip() == environment["PYTHONPATH"]


def test_a_vendor_runs_the_conformance_kit(environment: dict[str, str]) -> None:
    """Prevents a kit that a vendor can use only with a checkout."""
    _run(environment, "conformance", "write", "kit")
    kit = Path(environment["HOME"]) / "kit"
    count = len(json.loads((kit / "expected.json").read_text(encoding="utf-8"))["samples"])
    assert f"{count} of {count}" in _run(environment, "conformance", "run", "kit")


def test_a_vendor_writes_the_guide(environment: dict[str, str]) -> None:
    """Prevents contracts that only the data team can write."""
    _run(environment, "guide", "guide")
    assert (Path(environment["HOME"]) / "guide" / "index.html").is_file()


@pytest.fixture
def address(environment: dict[str, str]) -> Iterator[str]:
    """The address of the page for checks, served from the wheel."""
    port = find_free_port()
    with _start(environment, "check", "--serve", "--port", str(port)) as process:
        yield f"http://127.0.0.1:{port}/"
        process.terminate()


def test_a_supplier_opens_the_page_for_checks(address: str) -> None:
    """Prevents a page that needs a checkout or a home."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own
                assert "<form" in answer.read().decode()
                return
        except URLError:
            assert time.monotonic() < until, "the page does not answer"
            time.sleep(0.2)
