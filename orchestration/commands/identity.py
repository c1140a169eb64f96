"""`register identity`: train the linkage model, and evaluate linkage against known truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.table import Table

from orchestration.commands.console import NOT_FOUND, output, stop, write_json
from orchestration.commands.review import open_case_lists
from register.identity.clean import PersonsError, read_person_table
from register.identity.evaluate import TableFiles, evaluate_files
from register.identity.score import MODEL_PATH, ModelError
from register.identity.score import train as train_model
from register.publishing import Generation, current_generation, open_register
from register.review import DEFAULT_SIZE, ReviewError, draw_sample
from register.settings import load_settings

app = typer.Typer(
    help="Train the linkage model, draw a clerical sample, and evaluate linkage against truth."
)
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
QUALITY, CURVE = "agg_linkage_quality", "agg_linkage_curve"
AGAINST_TRUTH = "agg_linkage_accuracy_by_group"
BASES = {
    "simulated_truth": "against the truth of the simulation",
    "clerical_sample": "estimated from the clerical sample",
    "assumed_range": "not measured: the range assumed in a home without a clerical sample",
}
# What a person is shown at once; the rest is in the JSON and in the mart.
WHOLE = "all"


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    left: Annotated[Path | None, ExistingFile] = None,
    truth: Annotated[Path | None, ExistingFile] = None,
    columns: Annotated[Path | None, ExistingFile] = None,
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
    """Measure linkage: of the current register, or of any two person tables against true pairs.

    Without tables: precision and recall as the current generation publishes them, by a clerical
    sample or as an assumed range, and in a simulation against its truth too.
    """
    if left is None and right is None and truth is None and columns is None:
        _show_published_quality(as_json)
        return
    if left is None or truth is None or columns is None:
        stop("a table to link needs --left, --truth and --columns")
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
        trained, outcome = train_model(read_person_table(mentions), model, report)
    except (PersonsError, ModelError) as error:
        stop(str(error))
    if as_json:
        write_json({"model_version": trained.version, **outcome.as_dict()})
        return
    output.print(f"{outcome.message}: model {trained.version} of {trained.record_count:,} mentions")
    if not outcome.is_trained:
        raise typer.Exit(1)


@app.command("clerical-sample")
def draw_clerical_sample(
    size: Annotated[int, typer.Option(min=1, help="How many pairs to draw.")] = DEFAULT_SIZE,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pairs.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Draw a clerical sample of scored pairs, by stratum of match weight, to be judged blind."""
    settings = load_settings()
    with open_case_lists(settings) as case_lists:
        try:
            drawn = draw_sample(settings, case_lists, size, seed)
        except ReviewError as error:
            stop(str(error))
    if as_json:
        write_json(asdict(drawn))
        return
    table = Table(title=f"Sample {drawn.sample_id}: {drawn.pair_count:,} pairs")
    table.add_column("match weight")
    for column in ("pairs", "drawn", "pairs for each drawn"):
        table.add_column(column, justify="right")
    for each in drawn.strata:
        figures = (f"{each.pair_count:,}", f"{each.sampled_count:,}", f"{each.sampling_weight:.1f}")
        table.add_row(each.stratum, *figures)
    output.print(table)
    output.print("Judge it: `register review --sample --by …`; the next load estimates from it.")


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


def _show_published_quality(as_json: bool) -> None:
    """Show precision and recall of the current generation; nothing is computed here."""
    generation = current_generation(load_settings())
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    quality, curve = _read_quality(generation)
    if as_json:
        identity = {"generation_id": generation.generation_id}
        write_json({**identity, "quality": quality, "curve": curve})
        return
    for basis in sorted({row["basis"] for row in quality}):
        _show_basis(generation, basis, [row for row in quality if row["basis"] == basis])


def _read_quality(generation: Generation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with open_register(generation) as connection:
        try:
            order = "order by basis, unit, grouping, group_value, linkage"
            quality = _rows(connection, f"select * from quality.{QUALITY} {order}")
            truth = _of_simulation(
                connection,
                AGAINST_TRUTH,
                f"select 'simulated_truth' as basis, * from quality.{AGAINST_TRUTH} {order}",
            )
            curve = f"select * from quality.{CURVE} order by match_weight"
            return quality + truth, _of_simulation(connection, CURVE, curve)
        except duckdb.CatalogException:
            stop(
                f"generation {generation.generation_id} does not say how well it links: run"
                " `register load`",
                NOT_FOUND,
            )


def _of_simulation(
    connection: duckdb.DuckDBPyConnection, mart: str, query: str
) -> list[dict[str, Any]]:
    """Rows of a mart of evaluation; none in a home that is no simulation: it has no such mart."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_name = ?", [mart]
    ).fetchone()
    return _rows(connection, query) if found else []


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return found


def _show_basis(generation: Generation, basis: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=f"Generation {generation.generation_id}, {BASES[basis]}")
    for heading in ("of", "by", "", "linkage"):
        table.add_column(heading)
    for heading in ("right", "wrong", "missed", "precision", "recall", "F1"):
        table.add_column(heading, justify="right")
    for row in rows:
        if row["grouping"] != WHOLE and (row["linkage"] != "central" or row["unit"] != "pair"):
            continue
        counts = (row[name] for name in ("true_count", "false_count", "missed_count"))
        table.add_row(
            f"{row['unit']}s",
            row["grouping"].replace("_", " "),
            row["group_value"],
            row["linkage"],
            *("-" if count is None else f"{count:,}" for count in counts),
            _ranged(row, "precision"),
            _ranged(row, "recall"),
            "-" if row["f1"] is None else f"{row['f1']:.4f}",
        )
    output.print(table)
    for source in sorted({row["source_name"] for row in rows if row.get("source_name")}):
        output.print(f"Taken from: {source}", markup=False)


def _ranged(row: dict[str, Any], name: str) -> str:
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    if row[name] is None:
        return "-" if lower is None else f"{lower:.4f}-{upper:.4f}"
    return f"{row[name]:.4f} ({lower:.4f}-{upper:.4f})"


@app.command("rekey-decisions")
def rekey() -> None:
    """Give decisions the keys of a new pseudonym key; the former one is read from the environment.

    REGISTER_PSEUDONYM_KEY is the new key, and REGISTER_PSEUDONYM_KEY_BEFORE the one before.
    """
    from orchestration.dagster_home import BusyError
    from orchestration.dbt import DbtError, WarehouseBusyError
    from orchestration.rekeying import rekey_home

    try:
        done = rekey_home(load_settings())
    except (BusyError, DbtError, ReviewError, WarehouseBusyError) as error:
        stop(str(error))
    output.print(f"{done.row_count:,} rows of decisions have new keys.")
    if done.unknown_row_count:
        output.print(
            f"{done.unknown_row_count:,} are about records that are not delivered any more: they"
            " keep their keys."
        )
    output.print("Every published key changes: `register load --accept-churn`, once.")
