"""What every command shares: two consoles, plain errors, JSON, exit codes.

Results go to standard output; progress and errors go to standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, NoReturn

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
EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found, 4 another load is running,"
    " 5 something needs somebody (status)."
)


class LastingConsole(Console):
    """A console that falls silent when its reader has gone, where rich would end the process."""

    def on_broken_pipe(self) -> None:
        """Write nothing more: what goes on is not about who reads of it."""
        self.quiet = True


output = Console()
if not output.is_terminal:
    # Into a file or a pipe: lines are not broken at the width of a terminal that is not there.
    output.width = 200
notices = Console(stderr=True)


def configure_logging(verbose: bool) -> None:
    """Log to standard error: warnings, or everything of ours with `--verbose`."""
    # Bound to the stream as it is now: a load sends the stream itself to its log.
    handler = RichHandler(
        logging.INFO if verbose else logging.WARNING,
        console=LastingConsole(file=sys.stderr),
        show_path=False,
        show_time=verbose,
    )
    for name in ("register", "orchestration", "expectations"):
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
