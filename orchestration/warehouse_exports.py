"""Export of tables from the warehouse while no load runs, and rekeying of decisions with them.

Only dbt opens the warehouse file, so an operation in `dbt_project` writes the tables as Parquet.
Rewriting decisions belongs in `register.review`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from orchestration.dbt import run_dbt
from orchestration.locks import command_lock, warehouse_lock
from register.home import prepare_home
from register.parquet_files import read_parquet
from register.publishing import add_former_keys, scratch_folder
from register.review import RekeyedRows, check_rekeying, rekey_decisions
from register.settings import Settings


@contextmanager
def export_tables(
    settings: Settings, operation: str, arguments: Sequence[str]
) -> Iterator[list[pa.Table]]:
    """Run a dbt operation that exports tables, and yield these tables.

    Each argument of the operation is the path for one table's file. The files contain personal data
    and are deleted afterwards. Raises `BusyError` or `WarehouseBusyError` while a load runs, and
    `DbtError` if dbt fails.
    """
    paths = {name: settings.warehouse / f"{operation}_{name}.parquet" for name in arguments}
    with command_lock(settings), warehouse_lock(settings):
        scratch = scratch_folder(settings)
        try:
            values = json.dumps({name: str(path) for name, path in paths.items()})
            run_dbt(settings, ["run-operation", operation, "--args", values], scratch)
            yield [read_parquet(settings.data_keys, path) for path in paths.values()]
        finally:
            for path in paths.values():
                path.unlink(missing_ok=True)
            shutil.rmtree(scratch)


def rekey_home(settings: Settings) -> RekeyedRows:
    """Prepare a home for its new pseudonym key, while no load runs.

    Former keys are kept for the key log and the crosswalk, and decisions are rewritten. Raises
    `ReviewError` and changes nothing if the former key is missing, or the home has the new key.
    """
    prepare_home(settings)
    check_rekeying(settings)
    with export_tables(settings, "write_record_ids", ["path"]) as (record_ids,):
        # First, as rewriting decisions ends with the note that the home has the new key.
        add_former_keys(settings, record_ids)
        return rekey_decisions(settings, record_ids)
