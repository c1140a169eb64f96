"""What the steps of a run share: its options. dbt itself is defined with the dbt assets."""

from __future__ import annotations

import dagster as dg

from orchestration.options import LoadOptions


@dg.definitions
def defs() -> dg.Definitions:
    """The options of a run, empty unless a launch sets them."""
    return dg.Definitions(resources={"options": LoadOptions()})
