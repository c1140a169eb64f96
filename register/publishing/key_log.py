"""The key log: the child key of every mention in each generation. It is never removed.

The warehouse compares two logs to detect merges and splits (`int_key_changes`). Creating keys
belongs in `register.identity`.
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
    """Return the path of a generation's log."""
    return published / LOG_FOLDER / f"{generation_id}.parquet"


def list_logged_generations(published: Path) -> list[str]:
    """Return the ids of all logged generations, oldest first. Removed generations are included."""
    return sorted(path.stem for path in (published / LOG_FOLDER).glob("*.parquet"))


def write_key_file(folder: Path) -> None:
    """Write the child key of every mention of a build to a file beside the build's marts."""
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        table = connection.sql(CROSSWALK).to_arrow_table()
    pq.write_table(table, folder / KEY_FILE, compression="zstd", write_page_checksum=True)


def complete_key_log(published: Path, folders: Iterable[Path]) -> None:
    """Add all generations to the key log that are missing from it.

    Call this before and after each publication. Then a generation is logged before anything can
    remove it, even if its publication was killed.
    """
    for folder in folders:
        log = log_file(published, folder.name)
        if log.exists():
            continue
        log.parent.mkdir(exist_ok=True)
        write_whole(log, (folder / KEY_FILE).read_bytes())
