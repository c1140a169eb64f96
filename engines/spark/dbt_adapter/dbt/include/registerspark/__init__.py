"""The dbt project of this adapter, without macros: these belong in `dbt_project/macros`."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
