"""`register …`: starts jobs, shows the ledger and the generations, traces figures to lines.

The commands themselves are in `orchestration.commands`, one module each.
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import (
    audit,
    cases,
    changes,
    child,
    deliveries,
    doctor,
    documents,
    explain,
    feedback,
    generations,
    identity,
    load,
    review,
    simulate,
    trace,
)
from orchestration.commands.console import EXIT_CODES, configure_logging

app = typer.Typer(
    name="register",
    help="A national register of children who go missing: load it, look into it, trace it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def main(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what is being done.")
    ] = False,
) -> None:
    """A national register of children who go missing: load it, look into it, trace it."""
    configure_logging(verbose)


app.command("simulate")(simulate.simulate)
app.command("load")(load.load)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(changes.app, name="changes")
app.command("feedback")(feedback.feedback)
app.command("trace")(trace.trace)
app.command("cases")(cases.cases)
app.command("child")(child.child)
app.add_typer(generations.app, name="generations")
app.add_typer(identity.app, name="identity")
app.add_typer(review.app, name="review")
app.command("explain")(explain.explain)
app.add_typer(audit.app, name="audit")
app.command("doctor")(doctor.doctor)
app.command("ui")(documents.ui)
app.command("docs")(documents.docs)

if __name__ == "__main__":
    app()
