"""Readers keep reading while generations are published under them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from register.publishing import generations as publishing
from register.publishing.generations import publish
from register.settings import Settings
from tests.publishing.builds import build

PUBLICATIONS = 10
# A process of its own, which knows only what a BI tool knows: the path of `current`.
READER = """
import json, pathlib, sys
import duckdb

current, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
reads, mixes, errors, seen = 0, 0, [], set()
while not stop.exists():
    try:
        through_link = str(current / "national_register.duckdb")
        with duckdb.connect(through_link, read_only=True) as connection:
            stamps = set(connection.execute(
                "select distinct stamp from register.fct_reports union"
                " select distinct stamp from register.bridge_child_sources"
            ).fetchall())
        mixes += len(stamps) != 1
        folder = current.resolve(strict=True)
        with duckdb.connect() as connection:
            for name in ("national_register", "case_lists"):
                connection.execute(f"attach '{folder / name}.duckdb' as {name} (read_only)")
            both = connection.execute(
                "select distinct stamp from national_register.register.fct_reports union"
                " select distinct stamp from case_lists.operations.case_list_children"
            ).fetchall()
        mixes += len(set(both)) != 1
        seen.update(stamp for stamp, in both)
        reads += 1
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
print(json.dumps({"reads": reads, "mixes": mixes, "errors": errors, "seen": sorted(seen)}))
"""


@pytest.mark.drill
def test_a_reader_in_a_loop_never_errs_and_never_sees_a_mix(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents BI tools failing, or joining two states of the register, while loads run."""
    # Short, so that generations are removed under the reader, and longer than one look.
    monkeypatch.setattr(publishing, "READER_GRACE_SECONDS", 2.0)
    few = replace(settings, generations_kept=1)
    publish(few, build(few, 0, rows=2_000))
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(few.published / "current"), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        try:
            for stamp in range(1, PUBLICATIONS + 1):
                publish(few, build(few, stamp, rows=2_000))
                time.sleep(0.3)
        finally:
            stop.touch()
        output, _ = reader.communicate(timeout=60)
    outcome = json.loads(output)
    assert outcome["errors"] == []
    assert outcome["mixes"] == 0
    assert outcome["reads"] > PUBLICATIONS
    assert len(outcome["seen"]) > PUBLICATIONS // 2
    assert len(publishing.kept_generations(few)) < PUBLICATIONS
