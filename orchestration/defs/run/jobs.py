"""Jobs: load, land, rebuild, as-known-at (`look_back`), measure; each a selection of steps."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.measure.quality import (
    RESULTS_KEY,
    SITE_KEY,
    hold_marts_to_tolerances,
)
from orchestration.defs.publish.outbox import FEEDBACK_KEY
from orchestration.defs.run.failure import say_what_to_do
from orchestration.defs.serve.targets import GROUP
from orchestration.defs.statistics.release import report_checks_of_release

LANDED = dg.AssetSelection.groups("landing")
TOLERANCES = dg.AssetSelection.checks(hold_marts_to_tolerances)
MEASURED = dg.AssetSelection.assets(RESULTS_KEY, SITE_KEY) | TOLERANCES
TOLD = dg.AssetSelection.assets(FEEDBACK_KEY)
SERVED = dg.AssetSelection.groups(GROUP)
# A release is made by people, apart from loads; what it passed is theirs to report.
OF_RELEASE = dg.AssetSelection.checks(report_checks_of_release)
EVERYTHING = dg.AssetSelection.all() - OF_RELEASE

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
        EVERYTHING - LANDED - SERVED - TOLD - MEASURED,
        "Build the register as it was known at a moment (resource `options`) and put it aside.",
    ),
    "measure": (MEASURED, "Measure the current generation again and build the quality site."),
}


@dg.definitions
def defs() -> dg.Definitions:
    """The jobs, each with the hook that logs advice when a step fails."""
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                name,
                selection=selection,
                description=description,
                hooks={say_what_to_do},
            )
            for name, (selection, description) in SELECTIONS.items()
        ]
    )
