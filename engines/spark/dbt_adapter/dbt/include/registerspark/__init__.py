"""The dbt project of this adapter. It has no macros: these are in `dbt_project/macros`."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
