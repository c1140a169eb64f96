"""Dagster's code location: every definition in `defs`.

Data flow from `deliveries` to `dbt_project`, `generation`, `targets` and `quality`. `jobs` has the
jobs, and `triggers` starts them.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Load all assets, checks, jobs, schedules, sensors and resources of the register."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
