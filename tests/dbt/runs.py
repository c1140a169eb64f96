"""Runs dbt on the home of a test, in a process of its own, as a load does: no file stays open."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from register.publishing import write_generation_id
from register.settings import Settings
from tests.dbt.forked import forked_dbt

# The models of public statistics, which a release builds by a target of its own.
WITH_PUBLICATION, PUBLICATION = "REGISTER_WITH_PUBLICATION", "publication"


def run_dbt(
    settings: Settings,
    folder: Path,
    *arguments: str,
    project: Path | None = None,
    is_whole: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run dbt on a home for a generation in `folder`; its artefacts go into the warehouse.

    The project is the real one unless a part of it is given. A folder that has no generation id
    gets one. `is_whole`: the models of public statistics are built too. Every parse has these, or
    each would be another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "generation_id").exists():
        write_generation_id(folder)
    command = [forked_dbt(), "--quiet", "--log-level-file", "none", "--warn-error"]
    command += [*arguments, "--target-path", str(dbt_target(settings))]
    if project is None and "build" in arguments and not is_whole:
        command += ["--exclude", f"tag:{PUBLICATION}"]
    return subprocess.run(
        command,
        cwd=project or settings.dbt_project,
        env={
            **os.environ,
            **settings.build_dbt_environment(folder),
            WITH_PUBLICATION: "yes",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def dbt_target(settings: Settings) -> Path:
    """Where `run_dbt` leaves what dbt compiled and what came of it."""
    return settings.warehouse / "dbt" / "target"


def next_folder(settings: Settings, name: str) -> Path:
    """The folder of the generation `name`, which is built and not published."""
    return settings.published / f".next-{name}"
