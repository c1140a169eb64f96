"""Dagster's jobs (load, land, rebuild, look back, complete, measure), each a selection of assets.

The options of a run are defined here too.
"""

from __future__ import annotations

import dagster as dg

from orchestration.defs.failure import say_what_to_do
from orchestration.defs.generation import FEEDBACK_KEY
from orchestration.defs.quality import (
    RESULTS_KEY,
    SITE_KEY,
    hold_marts_to_tolerances,
)
from orchestration.defs.release import report_checks_of_release
from orchestration.defs.targets import GROUP
from orchestration.delivery_partitions import INBOX
from orchestration.options import LoadOptions

LANDED = dg.AssetSelection.groups("landing")
TOLERANCES = dg.AssetSelection.checks(hold_marts_to_tolerances)
MEASURED = dg.AssetSelection.assets(RESULTS_KEY, SITE_KEY) | TOLERANCES
FEEDBACK = dg.AssetSelection.assets(FEEDBACK_KEY)
SERVED = dg.AssetSelection.groups(GROUP)
# Loads do not make releases: separate commands make them and report their checks.
RELEASE_CHECKS = dg.AssetSelection.checks(report_checks_of_release)
# The step of a load lands the deliveries of all partitions at once.
PARTITIONED = dg.AssetSelection.key_prefixes(INBOX)
EVERYTHING = dg.AssetSelection.all() - RELEASE_CHECKS - PARTITIONED

SELECTIONS = {
    "load_register": (
        EVERYTHING,
        "Land everything new, build and audit the next generation, publish and serve it, tell"
        " suppliers what is new for them to put right, and measure it.",
    ),
    "land": (LANDED, "Land everything new and stop there: readers see no change."),
    "rebuild": (
        EVERYTHING - LANDED,
        "Build, audit, publish, serve, tell suppliers and measure from what has landed.",
    ),
    "look_back": (
        EVERYTHING - LANDED - SERVED - FEEDBACK - MEASURED,
        "Build the register as it was known at a moment (resource `options`) and put it aside.",
    ),
    "complete_load": (
        SERVED | FEEDBACK | MEASURED,
        "Serve, tell suppliers and measure, where an earlier load did not come so far.",
    ),
    "measure": (MEASURED, "Measure the current generation again and build the quality site."),
}


@dg.definitions
def defs() -> dg.Definitions:
    """Define the jobs and run options. Each job has the hook that logs advice after a failure."""
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                name,
                selection=selection,
                description=description,
                hooks={say_what_to_do},
            )
            for name, (selection, description) in SELECTIONS.items()
        ],
        resources={"options": LoadOptions()},
    )
