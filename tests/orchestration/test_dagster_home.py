"""The Dagster instance of a home: what dead and ended runs leave behind."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from threading import Timer

import dagster as dg
import pytest

from orchestration.dagster_home import (
    COMMAND_TAG,
    dagster_instance,
    prune_runs,
    release_dead_runs,
    wait_for_other_runs,
)
from register.settings import Settings

POOL, STEP = "warehouse", "build_register"
STARTED, FAILURE = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    ("status", "tags", "is_free"),
    [
        (STARTED, {COMMAND_TAG: "command"}, True),
        (FAILURE, {COMMAND_TAG: "command"}, True),
        (None, {}, True),
        (STARTED, {}, False),
    ],
    ids=["killed", "ended in a step", "deleted", "running in the UI"],
)
def test_a_pool_is_free_unless_a_run_is_under_way(
    settings: Settings, status: dg.DagsterRunStatus | None, tags: dict[str, str], is_free: bool
) -> None:
    """Prevents a load that waits for ever, and one that builds beside a run of the UI."""
    with dagster_instance(settings) as instance:
        storage = instance.event_log_storage
        run = dg.DagsterRun(job_name="load_register", status=status or STARTED, tags=tags)
        if status is not None:
            instance.add_run(run)
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, run.run_id, STEP).is_claimed
        release_dead_runs(instance)
        assert storage.claim_concurrency_slot(POOL, "another", STEP).is_claimed is is_free


def test_a_load_waits_for_the_run_that_holds_a_pool(settings: Settings) -> None:
    """Prevents a load that waits inside Dagster at full speed, where nobody can interrupt it."""
    messages: list[str] = []
    with dagster_instance(settings) as instance:
        wait_for_other_runs(instance, lambda: messages.append("free"))
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default(POOL)
        assert storage.claim_concurrency_slot(POOL, "another run", STEP).is_claimed
        # A process that a shell started in the background ignores interrupts.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupt = Timer(1, os.kill, (os.getpid(), signal.SIGINT))
        try:
            with pytest.raises(KeyboardInterrupt):
                wait_for_other_runs(instance, interrupt.start)
        finally:
            signal.signal(signal.SIGINT, before)
        freed = Timer(1, storage.free_concurrency_slots_for_run, ("another run",))
        freed.start()
        wait_for_other_runs(instance, lambda: messages.append("held"))
    assert messages == ["held"]


def test_old_runs_are_removed_with_their_event_logs(settings: Settings) -> None:
    """Prevents an event log that grows with every load, and a few quick runs that remove a load."""
    few = replace(settings, runs_kept=2)

    @dg.asset
    def something() -> None:
        pass

    with dagster_instance(settings) as instance:
        load = dg.DagsterRun(job_name="load_register", status=FAILURE)
        instance.add_run(load)
        runs = [dg.materialize([something], instance=instance).run_id for _ in range(4)]
        under_way = dg.DagsterRun(job_name="load_register", status=STARTED)
        instance.add_run(under_way)
        assert prune_runs(instance, few) == [runs[1], runs[0]]
        remaining = {runs[2], runs[3]}
        assert {run.run_id for run in instance.get_runs()} == {
            *remaining,
            load.run_id,
            under_way.run_id,
        }
    history = settings.home / "dagster" / "history" / "runs"
    assert {path.stem for path in history.glob("*.db")} & set(runs) == remaining
