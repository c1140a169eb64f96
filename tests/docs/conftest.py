"""The home of a reader of the pages, and files that their commands read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.page_reader import follow_first_hour
from tests.once import made_once, shared_folder

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


@pytest.fixture(scope="session")
def first_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a reader who has followed the tutorial, which tests copy.

    Beside it lies what the commands printed.
    """

    def make(folder: Path) -> None:
        reader = follow_first_hour(folder / "home")
        (folder / "printed.txt").write_text(reader.printed, encoding="utf-8")

    return made_once(shared_folder(tmp_path_factory) / "first-hour", make) / "home"
