"""The build folder of each run: the folder of the future generation, shared by all steps."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.dbt import build_target, building_link
from register.decision_files import check_decision_files, check_decision_key
from register.durable import point_link
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.feeds import LedgerError, examine_landing
from register.key_rotation import check_rotation
from register.linkage_models import build_model_path, place_build_model
from register.publishing import (
    keep_failed,
    next_folder,
    next_generation,
    note_linkage_model,
    sweep_dead_builds,
)
from register.settings import Settings

# The first step of this job repairs damaged folders in landing. A build in any other job checks
# landing itself, and refuses to start if a folder is damaged.
LANDING_JOB = "load_register"
PARTIAL_PARSE = "partial_parse.msgpack"


def get_build_id(run: dg.DagsterRun) -> str:
    """Return the id of a run's build. A run that retries a failed one keeps the first run's id."""
    return (run.root_run_id or run.run_id)[:8]


def begin_build(
    settings: Settings,
    run: dg.DagsterRun,
    refresh: bool,
    known_at: str | None = None,
) -> Path:
    """Create the folder that this run builds into; with `refresh`, remove the warehouse first.

    The build uses the linkage model that is pinned now or, if given, that was pinned at `known_at`
    (UTC). The caller must hold the warehouse lock.

    Raises `DecisionFilesError` if a decision file lost rows or has an invalid row, and
    `KeyChangedError` if decisions were made under another pseudonym key. Raises `LinkageModelError`
    if the pinned model cannot be used, and `LedgerError` if landing is damaged and no earlier step
    repaired it. Raises `RotationError` if a rotation of keys is not finished.
    """
    check_rotation(settings, ENCRYPTED_KINDS)
    check_decision_files(settings)
    check_decision_key(settings)
    place_build_model(settings, known_at)
    if run.job_name != LANDING_JOB:
        _check_landing(settings)
    if refresh:
        for path in settings.warehouse.glob("warehouse.duckdb*"):
            path.unlink()
    (build_target(settings) / PARTIAL_PARSE).unlink(missing_ok=True)
    sweep_dead_builds(settings)
    folder = next_generation(settings, get_build_id(run))
    note_linkage_model(folder, build_model_path(settings))
    point_link(building_link(settings), folder.name)
    return folder


def _check_landing(settings: Settings) -> None:
    damaged = examine_landing(settings.landing, ring=settings.data_keys).damaged
    if damaged:
        folders = "; ".join(f"{damage.folder}: {damage.reason}" for damage in damaged)
        raise LedgerError(f"landing is damaged, and `register load` lands it again: {folders}")


def find_build(settings: Settings, run: dg.DagsterRun) -> Path:
    """Return the folder that this run builds, or has built, its generation in."""
    return next_folder(settings, get_build_id(run))


def abandon_build(settings: Settings, run: dg.DagsterRun) -> Path | None:
    """Move this run's build aside, and return its new folder; None if there was no build."""
    return keep_failed(settings, find_build(settings, run))
