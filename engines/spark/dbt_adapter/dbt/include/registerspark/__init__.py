"""What dbt includes for this adapter; macros for Spark are in `dbt_project/macros`."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
