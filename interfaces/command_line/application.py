"""The application `register`: its list of commands and its options.

Each command is a module in `commands`, imported when the command is used.
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer

from interfaces.command_line.console import EXIT_CODES, configure_logging, stop_on
from interfaces.command_line.disk_faults import stop_on_disk_fault
from interfaces.command_line.lazy import LazyGroup
from register.access import keep_private
from register.processes import run_and_end
from register.storage_settings import InboxUnreachableError

# Commands in the order in which help lists them. Each value is a module in `commands` and the name
# of its function or Typer app.
COMMANDS = {
    "simulate": "simulate:simulate",
    "load": "load:load",
    "check": "check:check",
    "manifest": "write_manifest:manifest",
    "status": "status:status",
    "alerts": "alerts:alerts",
    "deliveries": "deliveries:app",
    "recording-changes": "recording_changes:app",
    "feedback": "feedback:feedback",
    "receipts": "receipts:app",
    "layouts": "layouts:app",
    "trace": "trace:trace",
    "statistics": "statistics:app",
    "case-lists": "case_lists:case_lists",
    "key": "key:app",
    "keys": "encryption:app",
    "generations": "generations:app",
    "diff": "diff:diff",
    "serve": "serve:app",
    "metrics": "metrics:app",
    "identity": "identity:app",
    "review": "review:app",
    "explain": "explain:explain",
    "audit": "audit:app",
    "access": "access:app",
    "erase": "erase:erase",
    "retain": "retain:retain",
    "doctor": "doctor:doctor",
    "backup": "backup:app",
    "restore": "restore:restore",
    "guide": "documents:guide",
    "conformance": "conformance:app",
    "ui": "ui:ui",
    "web": "web:app",
    "docs": "documents:docs",
}


DESCRIPTION = (
    "A national register of missing children: load deliveries, query the register, trace figures"
    " back to the delivered files."
)


class RegisterGroup(LazyGroup):
    """The commands of `register`."""

    lazy_subcommands = COMMANDS

    def invoke(self, ctx: Any) -> Any:
        """Invoke a command. If a disk cannot be written, the command ends with a message."""
        with stop_on_disk_fault(), stop_on(InboxUnreachableError):
            return super().invoke(ctx)


app = typer.Typer(
    name="register",
    cls=RegisterGroup,
    help=DESCRIPTION,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback(help=DESCRIPTION)
def main(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each step.")] = False,
) -> None:
    """Make new files private and set up logging, before any command runs."""
    keep_private()
    configure_logging(verbose)


def run() -> NoReturn:
    """Run the command given by this process's arguments, and end the process."""
    run_and_end(app)
