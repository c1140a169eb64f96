"""What a load on an engine costs, as the comparison of engines measures it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import engines
from benchmarks.checkouts import Checkout, CheckoutError

COUNTING = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done"
# Far more than a pipe holds before somebody reads it.
TALKING = "import sys; print('x' * 1_000_000); sys.exit('the end of what it said')"
# Leaves in its home what it was told.
NOTING = """
import json, os
from pathlib import Path
home = Path(os.environ["REGISTER_HOME"])
count = len(list(home.glob("told*")))
(home / f"told{count}").write_text(json.dumps(dict(os.environ)))
"""


def test_the_time_of_java_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents the cost of Spark's own process from being lost in that of the whole load."""
    # What counts here may end before it would be looked at twice.
    monkeypatch.setattr(engines, "SAMPLE_SECONDS", 0.01)
    shell = shutil.which("sh")
    assert shell is not None
    java = shutil.copy(shell, tmp_path / "java")
    with subprocess.Popen([shell, "-c", f"{java} -c '{COUNTING}'; sleep 1; true"]) as process:
        cost = engines.watch_processes(process)
    assert 0 < cost.java_seconds <= cost.processor_seconds
    assert 0 < cost.java_peak_bytes < cost.peak_bytes
    assert "of it Java" in str(cost)
    with subprocess.Popen(["sleep", "1"]) as process:
        assert "Java" not in str(engines.watch_processes(process))


@pytest.mark.timeout(60)
def test_a_load_that_says_much_ends_and_is_told_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a comparison that waits for ever for a load whose error is long."""
    monkeypatch.setattr(Checkout, "command", lambda self, *_: [str(self.python), "-c", TALKING])
    with pytest.raises(CheckoutError, match="the end of what it said"):
        engines.load(tmp_path, "duckdb")


def test_a_load_has_the_settings_of_the_engines_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a nation on Spark in the memory that is usual for a town, whatever was asked for."""
    monkeypatch.setattr(Checkout, "command", lambda self, *_: [str(self.python), "-c", NOTING])
    monkeypatch.setenv("REGISTER_SPARK_DRIVER_MEMORY", "5g")
    monkeypatch.setenv("REGISTER_MEMORY_GIGABYTES", "4")
    monkeypatch.setenv("REGISTER_INBOX", "/of/another/home")
    engines.load(tmp_path, "spark", REGISTER_SPARK_PARTITIONS="8")
    told = json.loads((tmp_path / "told0").read_text(encoding="utf-8"))
    assert told["REGISTER_SPARK_DRIVER_MEMORY"] == "5g"
    assert told["REGISTER_SPARK_PARTITIONS"] == "8"
    assert told["REGISTER_MEMORY_GIGABYTES"] == "4"
    assert "REGISTER_INBOX" not in told


def test_an_engine_that_has_published_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the hours of one engine from being lost by a fault of the other."""
    home, copy = tmp_path / "home", tmp_path / "duckdb"
    home.mkdir()
    monkeypatch.setattr(Checkout, "command", lambda self, *_: [str(self.python), "-c", TALKING])
    with pytest.raises(CheckoutError):
        engines.load_once(home, copy, "duckdb")
    monkeypatch.setattr(Checkout, "command", lambda self, *_: [str(self.python), "-c", NOTING])
    cost = engines.load_once(home, copy, "duckdb")
    assert engines.load_once(home, copy, "duckdb") == cost
    assert [path.name for path in sorted(copy.glob("told*"))] == ["told0"]
