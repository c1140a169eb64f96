"""The files of a release for machines: Parquet files, a data package and a notebook.

They repeat the figures of the data files, and add none. `datapackage.json` lists all files with
relative paths, so a copy on any web server can be read as a read-only API.
"""

from collections.abc import Iterator
from pathlib import Path

from official_statistics.documents import ReleaseFacts, read_public_files
from official_statistics.machine_readable.data_package import (
    find_package_faults,
    write_data_package,
)
from official_statistics.machine_readable.notebook import (
    NOTEBOOK,
    find_notebook_faults,
    run_notebook,
    write_notebook,
)
from official_statistics.machine_readable.parquet_tables import (
    find_parquet_faults,
    read_parquet_texts,
    write_parquet_files,
)

__all__ = [
    "NOTEBOOK",
    "find_machine_faults",
    "read_parquet_texts",
    "run_notebook",
    "write_machine_files",
]


def write_machine_files(facts: ReleaseFacts, public: Path) -> None:
    """Write the files for machines beside the data files and `revisions.csv`."""
    files = read_public_files(public)
    write_parquet_files(files, public)
    write_data_package(facts, files, public)
    write_notebook(facts, files, public)


def find_machine_faults(facts: ReleaseFacts, public: Path) -> Iterator[str]:
    """Yield how the files for machines differ from the data files and the release's page."""
    files = read_public_files(public)
    yield from find_parquet_faults(files, public)
    yield from find_package_faults(facts, files, public)
    yield from find_notebook_faults(facts, files, public)
