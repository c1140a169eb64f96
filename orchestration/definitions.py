"""The code location: everything in `defs/`, in the order in which data flow.

Land (`ingest`), model (`transform`), publish (`publish`), serve (`serve`), measure (`measure`), and
when that happens (`run`). What a step does belongs in `register`, `dbt_project` and `expectations`.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources of the register."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
