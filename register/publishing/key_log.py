"""The key log: the child key of every mention, generation by generation, never pruned.

Merges and splits of children are the differences between two logs: the warehouse finds them
(`int_key_changes`). How keys are minted belongs in `register.identity`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from register.durable import write_whole

KEY_FILE = "keys.parquet"
LOG_FOLDER = "keys"
CROSSWALK = """
    select mention_id_register, child_id_register
    from register.bridge_child_sources
    order by mention_id_register
"""


def log_file(published: Path, generation_id: str) -> Path:
    """Where the log of one generation is, or will be."""
    return published / LOG_FOLDER / f"{generation_id}.parquet"


def logged_generations(published: Path) -> list[str]:
    """The ids of all generations in the log, oldest first, kept or not."""
    return sorted(path.stem for path in (published / LOG_FOLDER).glob("*.parquet"))


def write(folder: Path) -> None:
    """Write the crosswalk of a build next to its marts."""
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        table = connection.sql(CROSSWALK).to_arrow_table()
    pq.write_table(table, folder / KEY_FILE, compression="zstd", write_page_checksum=True)


def complete(published: Path, folders: Iterable[Path]) -> None:
    """Append to the log whichever of the generations it lacks.

    Called before and after each publication, so that a generation whose publication was killed
    half-way is in the log before anything can remove it.
    """
    for folder in folders:
        log = log_file(published, folder.name)
        if log.exists():
            continue
        log.parent.mkdir(exist_ok=True)
        write_whole(log, (folder / KEY_FILE).read_bytes())
