"""What a load on an engine costs, as the comparison of engines measures it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import engines
from benchmarks.checkouts import Checkout, CheckoutError

COUNTING = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done"
# Far more than a pipe holds before somebody reads it.
TALKING = "import sys; print('x' * 1_000_000); sys.exit('the end of what it said')"


def test_the_time_of_java_is_told_apart(tmp_path: Path) -> None:
    """Prevents the cost of Spark's own process from being lost in that of the whole load."""
    shell = shutil.which("sh")
    assert shell is not None
    java = shutil.copy(shell, tmp_path / "java")
    with subprocess.Popen([shell, "-c", f"{java} -c '{COUNTING}'; sleep 1; true"]) as process:
        cost = engines.watch(process)
    assert 0 < cost.java_seconds <= cost.processor_seconds
    assert 0 < cost.java_peak_bytes < cost.peak_bytes
    assert "of it Java" in str(cost)
    with subprocess.Popen(["sleep", "1"]) as process:
        assert "Java" not in str(engines.watch(process))


@pytest.mark.timeout(60)
def test_a_load_that_says_much_ends_and_is_told_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a comparison that waits for ever for a load whose error is long."""
    monkeypatch.setattr(Checkout, "command", lambda self, *_: [str(self.python), "-c", TALKING])
    with pytest.raises(CheckoutError, match="the end of what it said"):
        engines.load(tmp_path, "duckdb")
