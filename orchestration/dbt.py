"""dbt as this project runs it: its executable, its environment, its manifest and one writer.

What the models are belongs in `dbt_project`. Only dbt opens the warehouse file; everything here
starts dbt and looks at what it says.
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

from dagster_dbt import DbtProject

from orchestration.dbt_process import STARTED_BY, WRITER_LOCK, hold_lock
from register.durable import write_whole
from register.home import prepare_home
from register.publishing import model_hash
from register.settings import Settings

logger = logging.getLogger(__name__)

TERMINATION_SECONDS = 20
# What dbt says of a failure, without the query of a model.
TOLD_LINES = 15
MANIFEST = "manifest.json"
# Of the memory that the warehouse may take, the share that landed files may have for dbt to make
# models side by side: a model may hold several times what has landed of it.
LANDED_SHARE_SIDE_BY_SIDE = 0.25


class DbtError(RuntimeError):
    """The dbt project cannot be read; the message holds what dbt said."""


class ProjectChangedError(RuntimeError):
    """The models on disk are not those that Dagster has loaded."""

    def __init__(self) -> None:
        super().__init__(
            "the dbt project has changed since it was loaded here: reload the definitions"
            " (in the UI: Deployment, Reload), or start the command again"
        )


class WarehouseBusyError(RuntimeError):
    """Another process is writing the warehouse."""


def dbt_executable() -> str:
    """The dbt that was installed with this Python (see `dbt_process`), whatever the path says."""
    return str(Path(sys.executable).parent / "register-dbt")


def dbt_target(settings: Settings) -> Path:
    """Where dbt puts what it compiles and logs: under the home, not in the project."""
    return settings.warehouse / "dbt_target"


def build_target(settings: Settings) -> Path:
    """Where a build puts its own artefacts, so that a parse beside it disturbs nothing."""
    return dbt_target(settings) / "build"


def building_link(settings: Settings) -> Path:
    """Where dbt finds the folder it builds into: always the same, or it would parse all again."""
    return settings.published / ".building"


def dbt_project(settings: Settings) -> DbtProject:
    """The dbt project with its artefacts under the home."""
    return DbtProject(
        project_dir=settings.dbt_project,
        target_path=dbt_target(settings),
        profiles_dir=settings.dbt_project,
    )


def full_environment(settings: Settings, folder: Path) -> dict[str, str]:
    """The environment of a dbt process that builds into `folder`."""
    target = str(dbt_target(settings))
    return {
        **os.environ,
        **settings.build_dbt_environment(folder),
        # It ends when this process does (`dbt_process`).
        STARTED_BY: str(os.getpid()),
        "DBT_TARGET_PATH": target,
        "DBT_LOG_PATH": target,
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes started inside, and put back what was there."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Be the one that builds; raises `WarehouseBusyError` at once when somebody else is."""
    busy = WarehouseBusyError(
        "another process is building the warehouse of this home: wait for it to end"
    )
    # dbt of a load that was killed may not have ended yet.
    writing = WarehouseBusyError(
        "dbt of a load that was killed is still writing the warehouse: wait for it to end"
    )
    with hold_lock(settings.warehouse / "build.lock", busy):
        with hold_lock(settings.warehouse / WRITER_LOCK, writing):
            pass
        yield


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a dbt process that is still running, so that it lets go of the warehouse."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=TERMINATION_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def threads_arguments(settings: Settings) -> list[str]:
    """The option of dbt that makes models one at a time, where much has landed for the memory.

    One model then has all the memory, and the engine all processors. Where little has landed
    the profile holds: what dbt itself does for one model goes beside another's query.
    """
    landed = 0
    # Another run may land meanwhile: files move, and folders go.
    for folder, _, names in os.walk(settings.landing):
        for name in names:
            if name.endswith(".parquet"):
                with suppress(FileNotFoundError):
                    landed += (Path(folder) / name).stat().st_size
    share = landed / (settings.memory_gigabytes * 1e9)
    return ["--threads", "1"] if share > LANDED_SHARE_SIDE_BY_SIDE else []


def take_state(settings: Settings) -> list[str]:
    """Return dbt's options that leave out seeds that have not changed since the last good build.

    The tests of these seeds run all the same. Returns nothing where there was no good build, or
    where its warehouse is gone. The state is taken away: only another good build makes it valid.
    """
    kept = state_folder(settings) / MANIFEST
    compared = state_folder(settings) / "compared" / MANIFEST
    warehouse = settings.warehouse / "warehouse.duckdb"
    if not (warehouse.exists() and kept.exists()):
        kept.unlink(missing_ok=True)
        return []
    compared.parent.mkdir(exist_ok=True)
    kept.replace(compared)
    unchanged = ["--exclude", "resource_type:seed,state:unmodified"]
    return [*unchanged, "--state", str(compared.parent), "--indirect-selection", "empty"]


def keep_state(settings: Settings, target: Path) -> None:
    """Keep the manifest of a whole build, in `target`, as the state that the next compares with."""
    state_folder(settings).mkdir(exist_ok=True)
    write_whole(state_folder(settings) / MANIFEST, (target / MANIFEST).read_bytes())


def state_folder(settings: Settings) -> Path:
    """Return the folder with the manifest of the last good build."""
    return settings.warehouse / "dbt_state"


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of the project as it is now, parsed again only when a file has changed."""
    prepare_home(settings)
    target = dbt_target(settings)
    target.mkdir(parents=True, exist_ok=True)
    manifest, stamp = target / "manifest.json", target / "parsed.sha256"
    wanted = project_state(settings)
    with (target / "parse.lock").open("a", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        known = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
        if manifest.exists() and known == wanted:
            return manifest
        logger.info("parsing the dbt project")
        run_dbt(settings, ["--quiet", "parse"], building_link(settings))
        stamp.write_text(wanted, encoding="utf-8")
    return manifest


def run_dbt(settings: Settings, arguments: list[str], folder: Path) -> None:
    """Run dbt to its end outside Dagster. Raises `DbtError` with what dbt said."""
    outcome = subprocess.run(
        [dbt_executable(), *arguments],
        cwd=settings.dbt_project,
        env=full_environment(settings, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        said = (outcome.stdout + outcome.stderr).strip()
        raise DbtError(f"dbt {arguments[-1]} failed:\n{said}")


def build_publication(
    settings: Settings, folder: Path, target: str, variables: Mapping[str, str]
) -> None:
    """Build and test the models with a target's name as tag, on the files of a generation.

    Raises `DbtError` with what dbt said where a model or one of its rules fails.
    """
    # Beside the artefacts of loads: dbt parses again whenever the target changes.
    artefacts = str(dbt_target(settings) / target)
    outcome = subprocess.run(
        [
            *(dbt_executable(), "--quiet", "build"),
            *("--select", f"tag:{target}", "resource_type:function"),
            # Functions are called by tests of other models too, which are not in this database.
            *("--indirect-selection", "buildable"),
            *("--exclude-resource-type", "unit_test"),
        ],
        cwd=settings.dbt_project,
        env={
            **full_environment(settings, folder),
            "REGISTER_DBT_TARGET": target,
            "DBT_TARGET_PATH": artefacts,
            "DBT_LOG_PATH": artefacts,
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        said = (outcome.stdout + outcome.stderr).strip().splitlines()
        raise DbtError("counting the release failed:\n" + "\n".join(said[:TOLD_LINES]))


def project_state(settings: Settings) -> str:
    """A hash of all that dbt's parse depends on: project, home, and properties of the seeds."""
    # Seeds by name and date only: their rows are not part of the manifest.
    seeds = [
        f"{path.name} {path.stat().st_mtime_ns}"
        if path.suffix == ".csv"
        else path.read_text(encoding="utf-8")
        for path in sorted(settings.seeds.rglob("*.*"))
    ]
    state = "\n".join(
        [model_hash(settings), str(settings.home), str(settings.is_simulation), *seeds]
    )
    return hashlib.sha256(state.encode()).hexdigest()
