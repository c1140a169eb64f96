"""Files that the commands of pages read, for tests that read the commands without running them."""

from __future__ import annotations

from pathlib import Path

import pytest

FILES = (
    "A.csv", "B.csv", "PAIRS.csv", "map.yaml", "results.csv", "mentions.parquet", "care.parquet",
    "truth.parquet", "FOLDER/collected.parquet", "FOLDER/care.parquet", "FOLDER/truth.parquet",
)  # fmt: skip
READERS = ("test_tasks", "test_linkage_recipes")


@pytest.fixture(autouse=True)
def files_of_commands(request: pytest.FixtureRequest) -> None:
    """Lay the files into the temporary folder of a test that reads the commands of a page."""
    if request.module.__name__.rpartition(".")[2] in READERS and "tmp_path" in request.fixturenames:
        folder: Path = request.getfixturevalue("tmp_path")
        for name in FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).touch()
