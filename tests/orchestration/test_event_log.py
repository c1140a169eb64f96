"""The event log in SQLite: Dagster's own files, and few of them open."""

# Annotations are not postponed here: Dagster reads them when it defines an asset.

import os
import signal
from pathlib import Path
from threading import Timer
from typing import Any

import dagster as dg
import pytest
from dagster._core.execution.plan.active import ActiveExecution
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.dagster_home import EVENTS, dagster_instance
from orchestration.defs.run.failure import is_interruption
from orchestration.event_log import OPEN_FILES, PooledEventLogStorage
from register.settings import Settings, load_settings

# More than a run has that looks for its next step, with a pause after each, in ten seconds.
MANY_LOOKS = 100
CHECKS = tuple(f"check_{number}" for number in range(3))


@dg.asset(check_specs=[dg.AssetCheckSpec(name, asset="invented") for name in CHECKS])
def invented() -> dg.MaterializeResult:  # type: ignore[type-arg]
    """An asset with checks, one of which fails."""
    return dg.MaterializeResult(
        check_results=[
            dg.AssetCheckResult(check_name=name, passed=name != CHECKS[0]) for name in CHECKS
        ]
    )


@dg.asset(pool="invented")
def pooled() -> None:
    """An asset that one run makes at a time."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an empty home."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    return load_settings()


def _evaluations(storage: SqliteEventLogStorage) -> dict[str, bool]:
    found = {}
    for name in CHECKS:
        key = dg.AssetCheckKey(dg.AssetKey("invented"), name)
        record = storage.get_asset_check_execution_history(key, limit=1)[0]
        assert record.event is not None
        assert record.event.dagster_event is not None
        found[name] = record.event.dagster_event.asset_check_evaluation_data.passed
    return found


def _open_files(folder: Path) -> set[str]:
    links = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
    return {path for path in links if Path(path).parent == folder and path.endswith(".db")}


def _names_given(
    monkeypatch: pytest.MonkeyPatch, storage: type[SqliteEventLogStorage], method: str
) -> list[str]:
    """The name that each call of a method is given from now on."""
    given: list[str] = []
    call = getattr(storage, method)

    def noted(instance: SqliteEventLogStorage, name: str) -> Any:
        given.append(name)
        return call(instance, name)

    monkeypatch.setattr(storage, method, noted)
    return given


def test_events_are_in_the_files_that_dagster_reads_itself(settings: Settings) -> None:
    """Prevents a home whose history is lost when this storage or Dagster's takes the other's place.

    Both ways: a home written by Dagster's own storage is read by ours.
    """
    with dagster_instance(settings) as instance:
        assert isinstance(instance.event_log_storage, PooledEventLogStorage)
        assert dg.materialize([invented], instance=instance).success
        ours = _evaluations(instance.event_log_storage)
    folder = str(settings.home / "dagster" / EVENTS)
    assert ours == {name: name != CHECKS[0] for name in CHECKS}
    assert _evaluations(SqliteEventLogStorage(folder)) == ours
    assert _evaluations(PooledEventLogStorage(folder)) == ours


def test_an_event_is_seen_by_another_reader_at_once(settings: Settings) -> None:
    """Prevents a UI that shows a running load late: what is stored is committed."""
    reader = PooledEventLogStorage(str(settings.home / "dagster" / EVENTS))
    with dagster_instance(settings) as instance:
        run_id = dg.materialize([invented], instance=instance).run_id
        assert len(reader.get_logs_for_run(run_id)) == len(
            instance.event_log_storage.get_logs_for_run(run_id)
        )
    reader.dispose()


def test_few_files_stay_open_and_none_after_the_end(settings: Settings) -> None:
    """Prevents a webserver that runs out of files after some hundred runs."""
    folder = (settings.home / "dagster" / EVENTS).resolve()
    with dagster_instance(settings) as instance:
        for _ in range(OPEN_FILES + 2):
            assert dg.materialize([invented], instance=instance).success
        assert 1 <= len(_open_files(folder)) <= OPEN_FILES
    assert not _open_files(folder)


def test_a_table_that_comes_later_is_seen(settings: Settings) -> None:
    """Prevents a home that was upgraded beside an open UI from keeping no checks."""
    with dagster_instance(settings) as instance:
        storage = instance.event_log_storage
        assert isinstance(storage, PooledEventLogStorage)
        assert not storage.has_table("invented")
        with storage.index_connection() as connection:
            connection.exec_driver_sql("create table invented (one integer)")
        assert storage.has_table("invented")
        assert storage.supports_asset_checks


def test_a_table_that_is_there_is_asked_for_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a question to the database at every check of a load."""
    asked = _names_given(monkeypatch, SqliteEventLogStorage, "has_table")
    with dagster_instance(settings) as instance:
        assert dg.materialize([invented], instance=instance).success
    assert "asset_check_executions" in asked
    assert len(asked) == len(set(asked))


def _logged(settings: Settings) -> tuple[str, list[dg.EventLogEntry]]:
    """The run of a load's kind and all that it logged."""
    with dagster_instance(settings) as instance:
        run_id = dg.materialize([invented], instance=instance).run_id
        return run_id, list(instance.all_logs(run_id))


def test_a_batch_is_stored_in_one_transaction_of_each_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that waits for a file some four thousand times before its first step."""
    run_id, events = _logged(settings)
    storage = PooledEventLogStorage(str(tmp_path / "batch"))
    opened = _names_given(monkeypatch, PooledEventLogStorage, "_transaction")
    storage.store_event_batch(events)
    assert sorted(opened) == sorted({run_id, "index"})
    kept = [record.event_log_entry for record in storage.get_records_for_run(run_id).records]
    assert kept == events
    assert _evaluations(storage) == {name: name != CHECKS[0] for name in CHECKS}
    storage.dispose()


def test_a_batch_is_stored_whole_or_not_at_all(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents events that are there twice: Dagster stores them one by one after a failure."""
    run_id, events = _logged(settings)
    storage = PooledEventLogStorage(str(tmp_path / "batch"))
    store = SqliteEventLogStorage.store_event

    def fail_at_the_last(storage: SqliteEventLogStorage, event: dg.EventLogEntry) -> None:
        if event == events[-1]:
            raise OSError("invented")
        store(storage, event)

    monkeypatch.setattr(SqliteEventLogStorage, "store_event", fail_at_the_last)
    with pytest.raises(OSError, match="invented"):
        storage.store_event_batch(events)
    assert storage.get_logs_for_run(run_id) == []
    storage.store_event_batch(events[:-1])
    assert len(storage.get_logs_for_run(run_id)) == len(events) - 1
    storage.dispose()


def test_a_command_that_waits_for_a_pool_rests_and_hears_an_interrupt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load that waits for a build of the UI at full speed, and that nobody can end."""
    looks = []
    look = ActiveExecution.get_next_step

    def counted(execution: ActiveExecution) -> Any:
        looks.append(execution)
        if len(looks) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return look(execution)

    monkeypatch.setattr(ActiveExecution, "get_next_step", counted)
    with dagster_instance(settings) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("invented")
        assert storage.claim_concurrency_slot("invented", "another run", "a step").is_claimed
        # Where nothing is heard the pool is free later, so that this ends.
        freed = Timer(10, storage.free_concurrency_slots_for_run, ("another run",))
        freed.start()
        try:
            result = dg.materialize([pooled], instance=instance, raise_on_error=False)
        finally:
            freed.cancel()
    assert 1 < len(looks) < MANY_LOOKS
    assert not result.success
    assert any(is_interruption(event) for event in result.all_events)
