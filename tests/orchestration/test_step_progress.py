"""What a long command says as it goes: one line for each step."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import suppress

import pytest

from interfaces.command_line.step_progress import PlainSteps, StepProgress, open_step_progress

STEPS = ("Read records", "Improve, round 1", "Improve, round 2", "Write [the] report")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say that a person reads along."""
        return True


def show(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what the steps write to a stream."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    with open_step_progress() as progress:
        for step in STEPS:
            progress.on_step(step)
    return stream.getvalue()


def test_a_pipe_gets_a_line_for_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents minutes of silence in a log, and signs in it that only a terminal shows."""
    written = show(io.StringIO(), monkeypatch)
    assert [line.partition(" ")[2] for line in written.splitlines()] == list(STEPS)
    assert re.match(r"0:00:0\d Read", written)
    assert "\x1b" not in written


def test_a_terminal_shows_rounds_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a screen full of rounds, or a step that seems to go on for ever."""
    written = show(Terminal(), monkeypatch)
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in last.splitlines() if "0:00" in line][-3:]
    assert [line.rpartition(" ")[0] for line in lines] == [
        "✓ Read records", "✓ Improve, round 2", "✓ Write [the] report",
    ]  # fmt: skip


def test_a_step_that_fails_is_not_shown_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a failed training from ending with a tick."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with suppress(ValueError), StepProgress() as progress:
        progress.on_step("Read records")
        raise ValueError
    assert "Read records" in stream.getvalue()
    assert "✓" not in stream.getvalue()


@pytest.mark.parametrize("kind", [PlainSteps, StepProgress])
def test_a_command_goes_on_when_nobody_reads_its_steps(
    kind: type[PlainSteps | StepProgress], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents `register identity train 2>&1 | head` from ending a training."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", stream)
    with kind() as progress:
        progress.on_step("Read records")
    monkeypatch.undo()
    with suppress(OSError):
        stream.close()
