"""Runs of dbt: its executable, folders, environment, and the project's manifest.

Models belong in `dbt_project`. Only dbt opens the warehouse file; nothing in this module does.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.dbt_process import STARTED_BY
from register.home import prepare_home
from register.publishing import model_hash
from register.settings import Settings

if TYPE_CHECKING:
    from dagster_dbt import DbtProject

logger = logging.getLogger(__name__)

TERMINATION_SECONDS = 20
# The number of lines of dbt's output that are shown after a failure.
ERROR_LINES = 15
MANIFEST = "manifest.json"
# A model may need several times the size of the landed files in memory. If they exceed this share
# of the memory limit, dbt builds one model at a time.
PARALLEL_LANDED_SHARE = 0.25


class DbtError(RuntimeError):
    """dbt failed; the message has dbt's output."""


class ProjectChangedError(RuntimeError):
    """The models on disk have changed since Dagster loaded them."""

    def __init__(self) -> None:
        super().__init__(
            "the dbt project has changed since it was loaded here: reload the definitions"
            " (in the UI: Deployment, Reload), or start the command again"
        )


def dbt_executable() -> str:
    """Return the path of `register-dbt` (see `dbt_process`), which is in this Python's folder."""
    return str(Path(sys.executable).parent / "register-dbt")


def dbt_target(settings: Settings) -> Path:
    """Return the folder in the home for dbt's compiled files and logs."""
    return settings.warehouse / "dbt_target"


def build_target(settings: Settings) -> Path:
    """Return the folder for a build's artefacts, which parsing must not overwrite."""
    return dbt_target(settings) / "build"


def building_link(settings: Settings) -> Path:
    """Return the path of the link to the folder of the build in progress, which is always the same.

    If the path given to dbt changed, dbt would parse the project again for each build.
    """
    return settings.published / ".building"


def dbt_project(settings: Settings) -> DbtProject:
    """Return the dbt project, whose artefacts are kept in the home."""
    # Imported here, because the import is slow and many commands do not need it.
    from dagster_dbt import DbtProject

    return DbtProject(
        project_dir=settings.dbt_project,
        target_path=dbt_target(settings),
        profiles_dir=settings.dbt_project,
    )


def build_environment(settings: Settings, folder: Path) -> dict[str, str]:
    """Return the environment variables for a dbt process that builds into `folder`."""
    target = str(dbt_target(settings))
    return {
        **os.environ,
        **settings.build_dbt_environment(folder),
        # With this variable, dbt ends when this process ends (see `dbt_process`).
        STARTED_BY: str(os.getpid()),
        "DBT_TARGET_PATH": target,
        "DBT_LOG_PATH": target,
    }


@contextmanager
def override_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the block, and restore the old values afterwards."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Terminate a dbt process that is still running, so that it releases the warehouse."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=TERMINATION_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def choose_threads(settings: Settings) -> list[str]:
    """Return dbt's option to build one model at a time, if landed files are large.

    They are large compared with the memory limit if one model may need all memory. Otherwise no
    option is returned, and dbt uses the profile's number of threads.
    """
    landed = 0
    # Another run may move or remove files while this one counts them.
    for folder, _, names in os.walk(settings.landing):
        for name in names:
            if name.endswith(".parquet"):
                with suppress(FileNotFoundError):
                    landed += (Path(folder) / name).stat().st_size
    share = landed / (settings.memory_gigabytes * 1e9)
    return ["--threads", "1"] if share > PARALLEL_LANDED_SHARE else []


def prepare_manifest(settings: Settings) -> Path:
    """Return the path of the project's manifest. If a file has changed, parse the project first."""
    prepare_home(settings)
    target = dbt_target(settings)
    target.mkdir(parents=True, exist_ok=True)
    manifest, stamp = target / MANIFEST, target / "parsed.sha256"
    current_hash = hash_project(settings)
    with (target / "parse.lock").open("a", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        parsed_hash = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
        if manifest.exists() and parsed_hash == current_hash:
            return manifest
        logger.info("parsing the dbt project")
        run_dbt(settings, ["--quiet", "parse"], building_link(settings))
        stamp.write_text(current_hash, encoding="utf-8")
    return manifest


def run_dbt(settings: Settings, arguments: list[str], folder: Path) -> None:
    """Run dbt outside Dagster to its end. Raises `DbtError`, with dbt's output, if it fails."""
    output = _run_to_end(settings, arguments, build_environment(settings, folder))
    if output is not None:
        raise DbtError(f"dbt {arguments[-1]} failed:\n{output}")


def build_publication(
    settings: Settings, folder: Path, target: str, variables: Mapping[str, str]
) -> None:
    """Build and test the models with a target's tag, from the files of a generation.

    Raises `DbtError` with dbt's output if a model or a test fails.
    """
    # Artefacts of each target have their own folder, because dbt parses everything again when the
    # target changes.
    artefacts = str(dbt_target(settings) / target)
    arguments = ["--quiet", "build", "--select", f"tag:{target}", "resource_type:function"]
    # The functions are also called by models of other databases. Leave out the tests of those
    # models.
    arguments += ["--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"]
    environment = {
        **build_environment(settings, folder),
        "REGISTER_DBT_TARGET": target,
        "DBT_TARGET_PATH": artefacts,
        "DBT_LOG_PATH": artefacts,
        **variables,
    }
    output = _run_to_end(settings, arguments, environment)
    if output is not None:
        lines = output.splitlines()[:ERROR_LINES]
        raise DbtError("counting the release failed:\n" + "\n".join(lines))


def _run_to_end(
    settings: Settings, arguments: list[str], environment: Mapping[str, str]
) -> str | None:
    """Run dbt in the project to its end; return its output if it fails, otherwise None."""
    outcome = subprocess.run(
        [dbt_executable(), *arguments],
        cwd=settings.dbt_project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (outcome.stdout + outcome.stderr).strip() if outcome.returncode != 0 else None


def hash_project(settings: Settings) -> str:
    """Return a hash of all that dbt's parse depends on.

    This is the project, the home and its kind, the id of its current key, the properties of seeds,
    and the name and date of each seed's CSV file.
    """
    # The manifest contains no rows of seeds, so the name and date of a seed's CSV file suffice.
    seeds = [
        f"{path.name} {path.stat().st_mtime_ns}"
        if path.suffix == ".csv"
        else path.read_text(encoding="utf-8")
        for path in sorted(settings.seeds.rglob("*.*"))
    ]
    # Queries of encrypted files name the key by its id.
    key_id = settings.data_keys.current.id if settings.data_keys else ""
    state = "\n".join(
        [model_hash(settings), str(settings.home), str(settings.is_simulation), key_id, *seeds]
    )
    return hashlib.sha256(state.encode()).hexdigest()
