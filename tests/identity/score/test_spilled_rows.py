"""Rows that scoring spills to disk have names, so they are encrypted there."""

from __future__ import annotations

from pathlib import Path

from register.identity.score.scoring import scoring_connection

PLANTED = "Zyxwickham"


def test_rows_that_spill_to_disk_are_encrypted() -> None:
    """Prevents names in the spill files of linkage, also those of a killed process."""
    with scoring_connection() as connection:
        ((is_on, folder),) = connection.execute(
            "select current_setting('temp_file_encryption'), current_setting('temp_directory')"
        ).fetchall()
        assert is_on
        connection.execute("set memory_limit = '60MB'; set threads = 1")
        connection.execute(
            f"create temp table t as select '{PLANTED}' || range as name,"
            " md5(range::varchar) as code from range(1_000_000)"
        )
        spilled = b"".join(path.read_bytes() for path in Path(folder).iterdir())
    assert len(spilled) > 1_000_000
    assert PLANTED.encode() not in spilled
