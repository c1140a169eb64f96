"""dbt started before there is anything to build: it imports and parses while deliveries land.

A load by command starts it first and gives it its arguments when it builds. A run that Dagster
started itself, a look back and a load on Spark start dbt when they need it. What that process does
is `wait_for_command` in `dbt_process`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace

from dagster_dbt.core import dbt_cli_invocation

from orchestration.dbt import (
    building_link,
    dbt_executable,
    end_process,
    full_environment,
    project_state,
)
from orchestration.dbt_process import ARGUMENTS, FOLDER, VARIABLES, WAIT
from register.settings import Settings

_AHEAD: ContextVar[DbtAhead | None] = ContextVar("dbt_ahead", default=None)


class DbtAhead:
    """The dbt of one load: started once, and given its command at most once."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_as_parsed: Callable[[], bool] = lambda: True

    def start(self, settings: Settings) -> None:
        """Start it. The project has been parsed: two would parse it side by side."""
        before = project_state(settings)
        self._is_as_parsed = lambda: project_state(settings) == before
        self._process = subprocess.Popen(
            [dbt_executable(), WAIT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=full_environment(settings, building_link(settings)) | {"PYTHONUNBUFFERED": "1"},
            cwd=settings.dbt_project,
        )

    def command(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: Path
    ) -> subprocess.Popen[bytes] | None:
        """Give it its command: dbt's arguments, the variables of its process, its folder.

        None where none was started, it has ended, or the project has changed since.
        """
        process = self._process
        if process is None:
            return None
        if not self._is_as_parsed():
            self.end()
            return None
        assert process.stdin is not None
        said = {ARGUMENTS: list(arguments), VARIABLES: dict(variables), FOLDER: str(folder)}
        try:
            process.stdin.write(f"{json.dumps(said)}\n".encode())
            process.stdin.close()
        except BrokenPipeError:
            self.end()
            return None
        self._process = None
        return process

    def end(self) -> None:
        """End it, where it was given nothing to do."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(BrokenPipeError), process:
                end_process(process)


@contextmanager
def dbt_ahead() -> Iterator[DbtAhead]:
    """The dbt of the load that runs inside, which may be started there; it ends with the load."""
    ahead = DbtAhead()
    token = _AHEAD.set(ahead)
    try:
        yield ahead
    finally:
        _AHEAD.reset(token)
        ahead.end()


@contextmanager
def started_ahead() -> Iterator[None]:
    """Let dagster-dbt, inside, go on with the process that was started, and start no other.

    It starts one of a command line, and offers no place to give it one.
    """
    ahead = _AHEAD.get()
    if ahead is None:
        yield
        return

    def go_on(
        args: Sequence[str], stdout: int, stderr: int, env: Mapping[str, str], cwd: Path
    ) -> subprocess.Popen[bytes]:
        process = ahead.command(args[1:], env, cwd)
        if process is None:
            return subprocess.Popen(args, stdout=stdout, stderr=stderr, env=env, cwd=cwd)
        process.args = args
        return process

    used = SimpleNamespace(Popen=go_on, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)
    library, whole = vars(dbt_cli_invocation), dbt_cli_invocation.subprocess
    library["subprocess"] = used
    try:
        yield
    finally:
        library["subprocess"] = whole
