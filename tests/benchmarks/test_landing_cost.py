"""What the benchmark of landing takes for its floor, and what it says of two landings."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from benchmarks.floors import rewrite_every_file, unpack_every_zip
from benchmarks.landing_cost import cost_table, list_differing_files
from benchmarks.measure import Measurement
from tests.feeds.deliveries import zipped


def test_the_floor_reads_the_files_that_landing_reads(tmp_path: Path) -> None:
    """Prevents a floor that is too low, because some kind of file is left out in silence."""
    inbox, unpacked, written = (tmp_path / name for name in ("inbox", "unpacked", "written"))
    for folder in (inbox, written):
        folder.mkdir()
    (inbox / "comma.csv").write_text("id,name\n007,a\n008,b\n", encoding="utf-8-sig")
    (inbox / "bar.txt").write_text('"id"|"name"\n"009"|"é"\n', encoding="cp1252")
    (inbox / "good.zip").write_bytes(zipped({"inner.csv": b"id,name\n010,c\n"}))
    (inbox / "bad.zip").write_bytes(b"PK damaged")
    (inbox / "return.xml").write_text("<Message/>", encoding="utf-8")
    unpack_every_zip(inbox, unpacked)
    assert rewrite_every_file(written, inbox, unpacked) == (4, 1)
    rows = [row for path in written.iterdir() for row in pq.read_table(path).to_pylist()]
    assert {row["id"]: row["name"] for row in rows} == {
        "007": "a",
        "008": "b",
        "009": "é",
        "010": "c",
    }


def test_files_that_differ_or_are_missing_are_listed(tmp_path: Path) -> None:
    """Prevents two landings from counting as the same although one lacks a file."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, files in ((before, ("same", "old", "changed")), (after, ("same", "changed"))):
        (folder / "inner").mkdir(parents=True)
        for name in files:
            text = folder.name if name == "changed" else name
            (folder / "inner" / name).write_text(text, encoding="utf-8")
    assert list(list_differing_files(before, after)) == ["inner/changed", "inner/old"]


def test_the_cost_of_starting_is_in_no_ratio() -> None:
    """Prevents a ratio that looks better the longer a process takes to start."""
    costs = {
        name: [Measurement(seconds, seconds, 2**20, {"rows": 1}) for seconds in measured]
        for name, measured in {
            "start": (5.0, 4.0),
            "floor": (6.0, 7.0),
            "working tree": (12.0, 9.0),
        }.items()
    }
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(cost_table(costs))
    lines = [line.split() for line in console.export_text().splitlines() if "tree" in line]
    assert [word for word in lines[0] if word[0].isdigit()][:2] == ["5.0", "2.50"]
