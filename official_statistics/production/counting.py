"""Counts the cells of a release from a published generation, by dbt's target `publication`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from official_statistics.drafting import export_earlier
from official_statistics.production.tools import Build
from official_statistics.releases import Version
from register.publishing import Generation
from register.settings import Settings

# The models' tag, and the target of dbt's profile that builds them.
TARGET = "publication"


@dataclass(frozen=True)
class Counting:
    """What is counted: the last reporting year, and what is carried over from the version before.

    `earlier` is the version before. No year before `first_replaced_year` is replaced.
    """

    year: int
    earlier: Version | None
    first_replaced_year: int
    children_most: int


def count_cells(
    settings: Settings,
    version: Version,
    generation: Generation,
    counting: Counting,
    build: Build,
) -> None:
    """Count the cells of a version into its `internal/cells.duckdb`, and test them.

    Raises what `build` raises where a model or one of its rules fails.
    """
    with tempfile.TemporaryDirectory(dir=version.internal) as folder:
        if counting.earlier is not None:
            export_earlier(counting.earlier, Path(folder))
        earlier = folder if counting.earlier is not None else ""
        variables = {
            "REGISTER_RELEASE_FOLDER": str(version.internal),
            "REGISTER_RELEASE_YEAR": str(counting.year),
            "REGISTER_EARLIER_RELEASE": earlier,
            "REGISTER_FIRST_REPLACED_YEAR": str(counting.first_replaced_year),
            "REGISTER_REVISION_CHILDREN_MOST": str(counting.children_most),
        }
        build(settings, generation.folder.resolve(), TARGET, variables)
