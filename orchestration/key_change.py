"""Gives decisions new keys, once the pseudonym key has changed: dbt says whom suppliers named.

What becomes of a decision belongs in `register.review`.
"""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet as pq

from orchestration.dagster_home import command_lock
from orchestration.dbt import run_dbt, warehouse_lock
from register.home import prepare_home
from register.publishing import scratch_folder
from register.review import RekeyedRows, check_rekeying, rekey_decisions
from register.settings import Settings

OPERATION = "write_person_ids"


def rekey_home(settings: Settings) -> RekeyedRows:
    """Give the decisions of a home the keys of its pseudonym key, while no load runs.

    Raises `ReviewError`, and changes nothing, without the key before or without a need.
    """
    prepare_home(settings)
    check_rekeying(settings)
    with command_lock(settings), warehouse_lock(settings):
        scratch = scratch_folder(settings)
        path = settings.warehouse / "person_ids.parquet"
        try:
            arguments = json.dumps({"path": str(path)})
            run_dbt(settings, ["run-operation", OPERATION, "--args", arguments], scratch)
            return rekey_decisions(settings, pq.read_table(path))
        finally:
            # Suppliers' references: they stay in no file but the warehouse.
            path.unlink(missing_ok=True)
            shutil.rmtree(scratch)
