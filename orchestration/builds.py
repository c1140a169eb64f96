"""Which generation folder belongs to which run, so that the steps of one run share it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.dbt import build_target, building_link
from register.decision_files import check_decision_files, check_decision_key
from register.durable import point_link
from register.feeds import LedgerError, examine_landing
from register.linkage_models import build_model_path, place_build_model
from register.publishing import (
    keep_failed,
    next_folder,
    next_generation,
    note_linkage_model,
    sweep_dead_builds,
)
from register.settings import Settings

# The job whose first step compares landing with its ledger, and mends it.
LANDS_FIRST = "load_register"
PARTIAL_PARSE = "partial_parse.msgpack"


def build_id(run: dg.DagsterRun) -> str:
    """The id of the build of a run; a run started again from its failure goes on with it."""
    return (run.root_run_id or run.run_id)[:8]


def begin_build(
    settings: Settings,
    run: dg.DagsterRun,
    refresh: bool,
    known_at: str | None = None,
) -> Path:
    """Make the folder this run builds into; `refresh` removes the warehouse first.

    The build links by the model that is pinned now, or was at `known_at` (UTC). Call with the
    warehouse lock held. Raises `DecisionFilesError` where a decision file lost rows or has a wrong
    one, `KeyChangedError` where no decision would be about anybody,
    `LinkageModelError` where the pinned model cannot be used, and `LedgerError` where landing is
    damaged and no step before has mended it.
    """
    check_decision_files(settings)
    check_decision_key(settings)
    place_build_model(settings, known_at)
    if run.job_name != LANDS_FIRST:
        _check_landing(settings)
    if refresh:
        for path in settings.warehouse.glob("warehouse.duckdb*"):
            path.unlink()
    # What dbt parsed for the last build is good for this one too, unless files have changed.
    (build_target(settings) / PARTIAL_PARSE).unlink(missing_ok=True)
    sweep_dead_builds(settings)
    folder = next_generation(settings, build_id(run))
    note_linkage_model(folder, build_model_path(settings))
    point_link(building_link(settings), folder.name)
    return folder


def _check_landing(settings: Settings) -> None:
    damaged = examine_landing(settings.landing).damaged
    if damaged:
        named = "; ".join(f"{damage.folder}: {damage.reason}" for damage in damaged)
        raise LedgerError(f"landing is damaged, and `register load` lands it again: {named}")


def finished_build(settings: Settings, run: dg.DagsterRun) -> Path:
    """The folder that this run's build filled."""
    return next_folder(settings, build_id(run))


def abandon_build(settings: Settings, run: dg.DagsterRun) -> Path | None:
    """Set this run's build aside; returns where it is, or None if there is none."""
    return keep_failed(settings, finished_build(settings, run))
