"""Code that commands share: consoles, tables, JSON, error messages, exit codes and options.

Results go to standard output; progress and errors go to standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from interfaces.command_line.lazy_modules import publishing

if TYPE_CHECKING:
    from register.settings import Settings

FAILED = 1
NOT_FOUND = 3
BUSY = 4
ATTENTION = 5
# Packages whose log messages are shown.
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
    " 5 something needs attention."
)


class LastingStream:
    """A stream that ignores all text after a write has failed (reader ended, or disk full).

    Progress and notices use it, so that a load continues when nobody reads them.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_open = True

    def write(self, text: str) -> int:
        """Write the text, unless an earlier write failed."""
        if self._is_open:
            try:
                return self._stream.write(text)
            except OSError:
                self._is_open = False
        return len(text)

    def flush(self) -> None:
        """Flush the stream, unless an earlier write failed."""
        if self._is_open:
            try:
                self._stream.flush()
            except OSError:
                self._is_open = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _StandardError:
    """A lasting stream that looks up `sys.stderr` at each use, because a load may redirect it."""

    def write(self, text: str) -> int:
        return LastingStream(sys.stderr).write(text)

    def flush(self) -> None:
        LastingStream(sys.stderr).flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def open_lasting_console() -> Console:
    """Return a console on `sys.stderr` as it is now, even if a load later redirects it."""
    return Console(file=cast(IO[str], LastingStream(sys.stderr)))


output = Console()
if not output.is_terminal:
    # A file or a pipe has no width, so lines are wrapped only after 200 characters.
    output.width = 200
# If nobody reads standard error any more, the command continues without notices.
notices = Console(file=cast(IO[str], _StandardError()))


def configure_logging(verbose: bool) -> None:
    """Log warnings to standard error; with `--verbose`, all messages of this project's packages."""
    handler = RichHandler(
        logging.INFO if verbose else logging.WARNING,
        console=open_lasting_console(),
        show_path=False,
        show_time=verbose,
    )
    for name in OUR_LOGGERS:
        ours = logging.getLogger(name)
        ours.handlers = [handler]
        ours.setLevel(logging.INFO)


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the command with this message, which says what to do."""
    notices.print(f"[red]{escape(message)}[/red]")
    raise typer.Exit(code)


@contextmanager
def stop_on(*errors: type[Exception], code: int = FAILED) -> Iterator[None]:
    """End the command with the error's message if the block raises one of these errors."""
    try:
        yield
    except errors as error:
        stop(str(error), code)


def require_generation(settings: Settings, code: int = NOT_FOUND) -> publishing.Generation:
    """Return the current generation, or end the command if nothing is published."""
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", code)
    return generation


def write_json(value: Any) -> None:
    """Write a value as JSON, for programs."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 row`, `2 rows` or `3 entries`."""
    if number == 1:
        return f"1 {noun}"
    is_changed = noun.endswith("y") and noun[-2] not in "aeiou"
    return f"{number:,} {noun[:-1]}ies" if is_changed else f"{number:,} {noun}s"


def write_line(text: str, style: str | None = None) -> None:
    """Write a line of text unchanged and without wrapping."""
    output.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def show_written(path: Path) -> None:
    """Say on standard error which file was written, in one line that is not wrapped."""
    notices.print(f"Written: {path}", markup=False, soft_wrap=True)


def show_table(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[str | Text]], **options: Any
) -> None:
    """Write a table. `#` before a heading marks figures, `!` marks text that is not wrapped."""
    table = Table(title=title or None, **options)
    for heading in headings:
        table.add_column(
            heading.lstrip("#!"),
            justify="right" if heading.startswith("#") else "left",
            no_wrap=heading.startswith("!"),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    output.print(table)


def show_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """Write pairs of name and value in two columns."""
    table = Table(title=title or None, show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in facts:
        table.add_row(name, value)
    output.print(table)


# Options that several commands share.
AsJson = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="Reason, for people who read it later.")
]
