"""`register identity`: train the linkage model, and hold linkage to known truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestration.commands.console import output, stop, write_json
from register.identity.model import MODEL_PATH, ModelError
from register.identity.person_tables import read_person_table
from register.identity.persons import PersonsError
from register.identity.table_evaluation import TableFiles, evaluate_files
from register.identity.training import train as train_model

app = typer.Typer(help="Train the linkage model, and hold linkage to known truth.")
AsJson = Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")]
ExistingFile = typer.Option(exists=True, dir_okay=False, metavar="FILE")


@dataclass(frozen=True)
class _Row:
    name: str
    key: str


ROWS = (
    _Row("pairs", "pairwise"),
    _Row("pairs after closure", "closed"),
    _Row("whole clusters", "clusters"),
)


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    left: Annotated[Path, ExistingFile],
    truth: Annotated[Path, ExistingFile],
    columns: Annotated[Path, ExistingFile],
    right: Annotated[Path | None, ExistingFile] = None,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Find duplicates within --left alone.")
    ] = False,
    train: Annotated[
        bool, typer.Option(help="Train on these tables, or score with the pinned model.")
    ] = True,
    one_to_one: Annotated[
        bool, typer.Option("--one-to-one", help="Link each record once at most.")
    ] = False,
    link_weight: Annotated[
        float | None, typer.Option(help="Link from this match weight (bits) up.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Link any two person tables, or one with itself, and measure the links against true pairs."""
    if dedupe == (right is not None):
        stop("give either --right FILE, to link two tables, or --dedupe, to search one")
    try:
        found = evaluate_files(
            TableFiles(left, right, truth, columns),
            train=train,
            one_to_one=one_to_one,
            link_weight=link_weight,
        )
    except (PersonsError, ModelError) as error:
        stop(str(error))
    if as_json:
        write_json(found)
    else:
        _show(found)


@app.command()
def train(
    mentions: Annotated[Path, ExistingFile],
    model: Annotated[Path, typer.Option(help="Where the model is written.")] = MODEL_PATH,
    report: Annotated[
        Path | None, typer.Option(help="A folder for the report and its charts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on cleaned mentions (Parquet) and pin the model; a failure keeps the old one."""
    try:
        trained, told = train_model(read_person_table(mentions), model, report)
    except (PersonsError, ModelError) as error:
        stop(str(error))
    if as_json:
        write_json({"model_version": trained.version, **told.as_dict()})
        return
    output.print(f"{told.message}: model {trained.version} of {trained.record_count:,} mentions")
    if not told.is_trained:
        raise typer.Exit(1)


def _show(found: dict[str, Any]) -> None:
    table = Table(
        title=f"{found['record_count']:,} records, {found['truth_pair_count']:,} true pairs"
    )
    for heading in ("", "right", "wrong", "missed", "precision", "recall", "F1"):
        table.add_column(heading)
    for row in ROWS:
        measured = found[row.key]
        counts = (measured[name] for name in ("true_count", "false_count", "missed_count"))
        shares = (_share(measured[name]) for name in ("precision", "recall", "f1"))
        table.add_row(row.name, *(f"{count:,}" for count in counts), *shares)
    output.print(table)
    output.print(
        f"{found['review_pair_count']:,} pairs for review, {found['review_true_count']:,} of them"
        f" true; blocking let {_share(found['candidate_recall'])} of the true pairs through"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
