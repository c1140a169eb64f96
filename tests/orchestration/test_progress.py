"""What a load says as it goes, to whoever reads it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

import dagster as dg
import pytest
import typer
from dagster._core.events import EngineEventData

from interfaces.command_line.console import BUSY, OUR_LOGGERS, configure_logging, notices, stop
from interfaces.command_line.progress import LoadProgress, PlainProgress, count_nodes
from orchestration.dbt import dbt_target
from register.settings import Settings


@pytest.fixture(autouse=True)
def _handlers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in OUR_LOGGERS]
    before = [(each.handlers, each.level) for each in loggers]
    yield
    for each, (handlers, level) in zip(loggers, before, strict=True):
        each.handlers = handlers
        each.setLevel(level)


@pytest.fixture(params=["a reader that has gone", "a disk that is full"])
def lost(request: pytest.FixtureRequest) -> Iterator[IO[str]]:
    """A stream that nobody takes anything from."""
    if request.param == "a disk that is full":
        writer = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
        os.close(reader)
    stream = os.fdopen(writer, "w", encoding="utf-8")
    yield stream
    with suppress(OSError):
        stream.close()


@pytest.mark.parametrize("progress_class", [PlainProgress, LoadProgress])
def test_a_load_goes_on_when_nobody_takes_its_progress(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    lost: IO[str],
    progress_class: type[PlainProgress | LoadProgress],
) -> None:
    """Prevents `register load 2>&1 | head` from failing a load in the middle of its build."""
    monkeypatch.setattr("sys.stderr", lost)
    with progress_class(settings) as progress:
        configure_logging(verbose=False)
        progress.on_event(_event("land_deliveries"))
        logging.getLogger("orchestration").warning("The truth is ignored.")
        progress.on_event(_event("published__generation"))
    monkeypatch.undo()
    with pytest.raises(OSError, match=r"Broken pipe|No space left"):
        print("told to nobody", file=lost, flush=True)


def test_progress_is_a_line_a_step(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Prevents a scheduler's log without the steps of a load, or with their lines broken."""
    with PlainProgress(settings) as progress:
        progress.on_event(_event("land_deliveries"))
        progress.on_message("land_deliveries", f"Land deliveries: [1] {'of many ' * 20}")
    first, second = capsys.readouterr().err.splitlines()
    assert first == "0:00:00 Land deliveries: started"
    assert second == f"0:00:00 Land deliveries: [1] {'of many ' * 20}"


@pytest.mark.parametrize("progress_class", [PlainProgress, LoadProgress])
def test_a_step_that_waits_for_another_run_says_so(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    progress_class: type[PlainProgress | LoadProgress],
) -> None:
    """Prevents a load that seems to hang while the UI builds."""
    waiting = dg.DagsterEvent(
        dg.DagsterEventType.ENGINE_EVENT.value,
        "load_register",
        step_key="land_deliveries",
        event_specific_data=EngineEventData({"pool": dg.MetadataValue.pool("landing")}),
        message="Step blocked by limit for pool landing",
    )
    with progress_class(settings) as progress:
        progress.on_event(waiting)
        if isinstance(progress, PlainProgress):
            progress.on_event(waiting._replace(message="Step still blocked by limit"))
            progress.on_event(_event("land_deliveries"))
    messages = capsys.readouterr().err
    assert messages.count("Land deliveries") == (2 if progress_class is PlainProgress else 1)
    assert messages.count("waits for another run") == 1


def _event(step: str) -> dg.DagsterEvent:
    return dg.DagsterEvent(dg.DagsterEventType.STEP_START.value, "load_register", step_key=step)


def test_a_notice_that_nobody_takes_changes_no_outcome(
    monkeypatch: pytest.MonkeyPatch, lost: IO[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Prevents `register load --accept-churn 2>&1 | head` from accepting and not loading."""
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", lost)
        notices.print("Written down.")
        with pytest.raises(typer.Exit) as ended:
            stop("Another load is running.", BUSY)
    assert ended.value.exit_code == BUSY
    notices.print("Told.")
    assert capsys.readouterr().err == "Told.\n"


@pytest.mark.parametrize(
    ("written", "expected"), [(None, None), ('{"nodes"', None), ('{"nodes": {}}', 0)]
)
def test_nodes_are_counted_once_they_are_known(
    settings: Settings, written: str | None, expected: int | None
) -> None:
    """Prevents a load that fails because somebody else has the project parsed."""
    if written is not None:
        dbt_target(settings).mkdir(parents=True)
        (dbt_target(settings) / "manifest.json").write_text(written, encoding="utf-8")
    assert count_nodes(settings) == expected
