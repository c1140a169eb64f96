"""`register …`: starts jobs, shows the ledger and the generations, traces figures to lines.

The commands themselves are in `commands`, one module each, imported when they are asked for.
"""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from interfaces.command_line.console import EXIT_CODES, configure_logging
from interfaces.command_line.lazy import LazyGroup
from register.access import keep_private
from register.processes import run_and_end

# In the order in which they are listed: the module in `commands`, and its function or app.
COMMANDS = {
    "simulate": "simulate:simulate",
    "load": "load:load",
    "check": "check:check",
    "status": "status:status",
    "deliveries": "deliveries:app",
    "recording-changes": "recording_changes:app",
    "feedback": "feedback:feedback",
    "layouts": "layouts:app",
    "trace": "trace:trace",
    "statistics": "statistics:app",
    "case-lists": "case_lists:case_lists",
    "key": "key:app",
    "generations": "generations:app",
    "diff": "diff:diff",
    "serve": "serve:app",
    "metrics": "metrics:app",
    "identity": "identity:app",
    "review": "review:app",
    "explain": "explain:explain",
    "audit": "audit:app",
    "doctor": "doctor:doctor",
    "guide": "documents:guide",
    "ui": "ui:ui",
    "web": "web:app",
    "docs": "documents:docs",
}


class RegisterGroup(LazyGroup):
    """All commands of `register`."""

    lazy_subcommands = COMMANDS


app = typer.Typer(
    name="register",
    cls=RegisterGroup,
    help="A national register of children who go missing: load it, look into it, trace it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def main(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is being done.")
    ] = False,
) -> None:
    """A national register of children who go missing: load it, look into it, trace it."""
    keep_private()
    configure_logging(verbose)


def run() -> NoReturn:
    """Run the command of this process's arguments, and end at once when it is done."""
    run_and_end(app)
