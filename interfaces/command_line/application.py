"""`register …`: starts jobs, shows the ledger and the generations, traces figures to lines.

The commands themselves are in `commands`, one module each, imported when they run.
"""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from interfaces.command_line.console import EXIT_CODES, configure_logging
from interfaces.command_line.lazy import LazyGroup, Place
from register.access import keep_private
from register.processes import run_and_end

# In the order in which they are listed, with their line in that list.
COMMANDS = {
    "simulate": Place(
        "simulate",
        "simulate",
        "Simulate a nation of feeds in the inbox. Without options: a small one for a first look.",
    ),
    "load": Place(
        "load",
        "load",
        "Land what is new, build and audit the register, publish it and measure it.",
    ),
    "check": Place(
        "check",
        "check",
        "Check a delivery before it is delivered: rule, file, line, column, what to put right.",
    ),
    "status": Place(
        "status",
        "status",
        "Show what is late, held, rejected, damaged or failed; exit code 5 where anything is.",
    ),
    "deliveries": Place(
        "deliveries",
        "app",
        "List deliveries, confirm or refuse one that is held, and withdraw one that is not right.",
    ),
    "recording-changes": Place(
        "recording_changes",
        "app",
        "List changes of recording that suppliers announced; add or remove one.",
    ),
    "feedback": Place(
        "feedback",
        "feedback",
        "Show the feedback on a delivery: rule, file, line or element, record, what to put right.",
    ),
    "layouts": Place(
        "layouts",
        "app",
        "List layouts that are wrong, and check one against a sample.",
    ),
    "trace": Place(
        "trace",
        "trace",
        "Follow a published row, or the rows of a figure, back to supplier, delivery, file and"
        " line.",
    ),
    "statistics": Place(
        "statistics",
        "app",
        "Make official statistics: announce, draft, check, sign, approve, publish, revise.",
    ),
    "case-lists": Place(
        "case_lists",
        "case_lists",
        "List children who may be at risk, how long, why, and which body should act.",
    ),
    "key": Place("key", "app", "Show the history of a child's key."),
    "generations": Place(
        "generations",
        "app",
        "List published generations, show a manifest, put readers back on an older one.",
    ),
    "diff": Place(
        "diff",
        "diff",
        "Show what changed between two generations: rows, key figures, and what caused it.",
    ),
    "serve": Place(
        "serve",
        "app",
        "Give the current generation to the tools of analysts: Parquet files, PostgreSQL.",
    ),
    "metrics": Place(
        "metrics",
        "app",
        "Ask metrics of the current generation, by time, area, care and characteristics.",
    ),
    "identity": Place(
        "identity",
        "app",
        "Train a linkage model and pin it, draw a clerical sample, evaluate linkage.",
    ),
    "review": Place(
        "review",
        "app",
        "List pairs of records by the value of a decision, judge them and decide on them.",
    ),
    "explain": Place("explain", "explain", "Show the evidence linking a child's records."),
    "audit": Place("audit", "app", "Draw an audit sample, enter what was found, and report it."),
    "doctor": Place(
        "doctor",
        "doctor",
        "Check Python, extensions, home, locks, disk, decisions, key, layouts, models, symlink.",
    ),
    "guide": Place(
        "documents",
        "guide",
        "Write the supplier guide: a page a feed, with templates and sample files.",
    ),
    "ui": Place(
        "ui",
        "ui",
        "Run the Dagster UI on the loopback address, and the daemon that runs schedule and sensor.",
    ),
    "web": Place(
        "web",
        "app",
        "Serve review, case lists, deliveries, audit, outbox and quality site on loopback.",
    ),
    "docs": Place(
        "documents",
        "docs",
        "Build the documents, the documentation of the models and the quality site.",
    ),
}


class RegisterGroup(LazyGroup):
    """All commands of `register`."""

    places = COMMANDS


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
