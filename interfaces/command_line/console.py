"""What every command shares: two consoles, plain errors, JSON, exit codes.

Results go to standard output; progress and errors go to standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

if TYPE_CHECKING:
    from register.feeds import Delivery
    from register.settings import Settings

FAILED = 1
NOT_FOUND = 3
BUSY = 4
ATTENTION = 5
# Whose messages are shown.
OUR_LOGGERS = (
    "register",
    "official_statistics",
    "engines",
    "orchestration",
    "expectations",
    "interfaces",
)
EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found, 4 another load is running,"
    " 5 something needs somebody (status)."
)


class LastingStream:
    """A stream that loses what it is given once nobody takes it: a reader has gone, a disk is full.

    For what is only told on the way: a load is not about who reads of it.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_open = True

    def write(self, text: str) -> int:
        """Write, unless writing has failed before."""
        if self._is_open:
            try:
                return self._stream.write(text)
            except OSError:
                self._is_open = False
        return len(text)

    def flush(self) -> None:
        """Flush, unless writing has failed before."""
        if self._is_open:
            try:
                self._stream.flush()
            except OSError:
                self._is_open = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _StandardError:
    """Standard error as it is when it is written to, which loses what nobody takes."""

    def write(self, text: str) -> int:
        return LastingStream(sys.stderr).write(text)

    def flush(self) -> None:
        LastingStream(sys.stderr).flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def lasting_console() -> Console:
    """A console on standard error as it is now: a load sends the stream itself to its log."""
    return Console(file=cast(IO[str], LastingStream(sys.stderr)))


output = Console()
if not output.is_terminal:
    # Into a file or a pipe: lines are not broken at the width of a terminal that is not there.
    output.width = 200
# What a command does and how it ends is no matter of who reads of it.
notices = Console(file=cast(IO[str], _StandardError()))


def configure_logging(verbose: bool) -> None:
    """Log to standard error: warnings, or everything of ours with `--verbose`."""
    handler = RichHandler(
        logging.INFO if verbose else logging.WARNING,
        console=lasting_console(),
        show_path=False,
        show_time=verbose,
    )
    for name in OUR_LOGGERS:
        ours = logging.getLogger(name)
        ours.handlers = [handler]
        ours.setLevel(logging.INFO)


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the command with a message that says what to do."""
    notices.print(f"[red]{escape(message)}[/red]")
    raise typer.Exit(code)


def ledger_or_stop(settings: Settings) -> list[Delivery]:
    """The ledger; ends the command where an entry cannot be read."""
    from register.feeds import LedgerError, read_ledger

    try:
        return read_ledger(settings)
    except LedgerError as error:
        stop(str(error))


def write_json(value: Any) -> None:
    """Write a value for a machine to read."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
