"""The Dagster instance of a home: its configuration, and its old, killed and running runs.

The instance is stored in the home, so two homes never share runs, locks or schedules.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from register.settings import Settings

logger = logging.getLogger(__name__)

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
COMMAND_TAG = "register/started_by"
COMMAND_VALUE = "command"
# The interval in seconds at which a waiting command checks whether other runs have ended.
POLL_SECONDS = 0.5
CONFIGURATION = Path(__file__).with_name("instance.yaml")


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the folder of the Dagster instance with its configuration, and return it."""
    folder = settings.dagster
    folder.mkdir(parents=True, exist_ok=True)
    path, configuration = folder / "dagster.yaml", CONFIGURATION.read_text(encoding="utf-8")
    if not path.exists() or path.read_text(encoding="utf-8") != configuration:
        path.write_text(configuration, encoding="utf-8")
    return folder


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of a home."""
    folder = prepare_dagster_home(settings)
    os.environ["DAGSTER_HOME"] = str(folder)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def release_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """End the runs of killed commands, and free pools that ended runs still hold.

    The caller must hold the command lock: then all other runs of commands that are marked as
    running are dead. Returns the ids of the dead runs.
    """
    running = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    dead = instance.get_runs(
        filters=dg.RunsFilter(statuses=running, tags={COMMAND_TAG: COMMAND_VALUE})
    )
    for run in dead:
        logger.warning("ending run %s, whose process was killed", run.run_id)
        instance.report_run_failed(run, "The command that ran this load was killed.")
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        holder = instance.get_run_by_id(run_id)
        if holder is None or holder.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
    return [run.run_id for run in dead]


def prune_runs(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Remove ended runs with their event logs and output, except the latest `runs_kept` of a job.

    So runs of partitions do not displace loads. Returns the ids of the removed runs.
    """
    ended = instance.get_runs(filters=dg.RunsFilter(statuses=ENDED))
    seen_count: Counter[str] = Counter()
    removed = []
    for run in ended:
        seen_count[run.job_name] += 1
        if seen_count[run.job_name] > settings.runs_kept:
            removed.append(run.run_id)
    folder = settings.dagster
    for run_id in removed:
        instance.delete_run(run_id)
        # `delete_run` empties the run's own database, but leaves the database file and the output
        # of the run's steps.
        for path in (*folder.glob(f"history/runs/{run_id}.db*"), *folder.glob(f"storage/{run_id}")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in sorted(folder.glob("logs/*.log"))[: -settings.runs_kept]:
        path.unlink()
    return removed


def wait_for_other_runs(instance: dg.DagsterInstance, on_wait: Callable[[], None]) -> None:
    """Wait until no other run holds a pool. If one does, call `on_wait` once before waiting.

    Call `release_dead_runs` first. An interrupt ends the wait.
    """
    if not instance.event_log_storage.get_concurrency_run_ids():
        return
    on_wait()
    while instance.event_log_storage.get_concurrency_run_ids():
        time.sleep(POLL_SECONDS)
