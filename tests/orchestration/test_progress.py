"""What a load says as it goes, to whoever reads it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration.commands.console import configure_logging
from orchestration.commands.progress import PlainProgress
from register.settings import Settings


@pytest.fixture(autouse=True)
def _handlers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("register", "orchestration", "expectations")]
    before = [(each, each.handlers, each.level) for each in loggers]
    yield
    for each, handlers, level in before:
        each.handlers, _ = handlers, each.setLevel(level)


def test_a_load_goes_on_when_nobody_reads_its_progress(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents `register load 2>&1 | head` from failing a load in the middle of its build."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        progress = PlainProgress(settings)
        with progress:
            progress.on_event(_event("land_deliveries"))
            assert b"Land deliveries: begun" in os.read(reader, 100)
            os.close(reader)
            configure_logging(verbose=False)
            logging.getLogger("orchestration").warning("The truth is ignored.")
            progress.on_event(_event("published__generation"))
            progress.on_event(_event("measure_register"))
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _event(step: str) -> dg.DagsterEvent:
    return dg.DagsterEvent(dg.DagsterEventType.STEP_START.value, "load_register", step_key=step)
