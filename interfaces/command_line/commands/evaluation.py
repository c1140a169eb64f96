"""`register identity evaluate`: linkage against truth, of a labelled set or of the register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    import duckdb

    from register import publishing
    from register.identity import clean, evaluate, score
else:
    duckdb = lazy_module("duckdb")
    clean = lazy_module("register.identity.clean")
    evaluate = lazy_module("register.identity.evaluate")
    score = lazy_module("register.identity.score")
    publishing = lazy_module("register.publishing")

SET, OTHER = "A labelled set", "Other than as a load links"


def _file(purpose: str, panel: str = SET) -> Any:
    return typer.Option(
        exists=True, dir_okay=False, metavar="FILE", help=purpose, rich_help_panel=panel
    )


def _flag(name: str, purpose: str, panel: str = OTHER) -> Any:
    return typer.Option(name, help=purpose, rich_help_panel=panel)


Mentions = Annotated[Path | None, _file("Mentions as the register has them (Parquet).")]
Left = Annotated[Path | None, _file("A person table (CSV or Parquet), in place of mentions.")]
Right = Annotated[Path | None, _file("A second table, to link to the first.")]
Dedupe = Annotated[bool, _flag("--dedupe", "Find duplicates within --left alone.", SET)]
Columns = Annotated[Path | None, _file("Which column of the tables is which field (YAML).")]
Care = Annotated[
    Path | None, _file("Care placements: mention_key, place, care_start_date, care_end_date.")
]
Truth = Annotated[
    Path | None,
    _file("Of mentions: mention_key, child_key and any groupings. Of tables: pairs of keys (CSV)."),
]
Out = Annotated[
    Path | None,
    typer.Option(help="A folder for the report: Markdown, JSON and a reliability diagram."),
]
OtherModel = Annotated[Path | None, _file("A model to use in place of the pinned one.", OTHER)]
LinkWeight = Annotated[
    float | None,
    typer.Option(
        help="Link from this match weight (bits) up, in place of the model's threshold.",
        rich_help_panel=OTHER,
    ),
]
Train = Annotated[
    bool,
    _flag("--train", "Train on these tables, and measure scores alone: no caps, guards, clusters."),
]
OneToOne = Annotated[
    bool, _flag("--one-to-one", "Measure scores alone, each record linked once at most.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")]


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
SCORES_ALONE = (
    "--train and --one-to-one measure scores of tables: they need --left and --columns, and go"
    " without --care, --out and --model"
)


def evaluate_linkage(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    mentions: Mentions = None,
    left: Left = None,
    right: Right = None,
    dedupe: Dedupe = False,
    columns: Columns = None,
    care: Care = None,
    truth: Truth = None,
    out: Out = None,
    model: OtherModel = None,
    link_weight: LinkWeight = None,
    train: Train = False,
    one_to_one: OneToOne = False,
    as_json: AsJson = False,
) -> None:
    """Measure linkage: of the current register, or of any labelled set that you bring.

    A labelled set goes the whole path of a load (pairs, caps, collective evidence, guards,
    clusters) with the pinned model and its thresholds, unless an option says otherwise. Without
    a set: precision and recall as the current generation publishes them, by a clerical sample or as
    an assumed range, and in a simulation against its truth too.
    """
    if mentions is None and left is None:
        if truth or columns or right or care or out:
            stop("a labelled set needs --mentions, or --left and --columns")
        _show_published_quality(as_json)
        return
    _require_one_kind(mentions, left, right, columns, dedupe)
    if truth is None:
        stop("a labelled set needs --truth")
    try:
        if train or one_to_one:
            if left is None or columns is None or care or out or model:
                stop(SCORES_ALONE)
            files = evaluate.TableFiles(left, right, truth, columns)
            scores = evaluate.evaluate_files(
                files, train=train, one_to_one=one_to_one, link_weight=link_weight
            )
            if as_json:
                write_json(scores)
            else:
                _show(scores)
            return
        labelled = evaluate.read_labelled_set(
            evaluate.SetFiles(truth, mentions, left, right, columns, care)
        )
        found = evaluate.evaluate_set(
            labelled, score.load_model(model) if model else None, link_weight
        )
    except (clean.PersonsError, score.ModelError) as error:
        stop(str(error))
    for path in evaluate.write_report(found, out) if out else ():
        notices.print(f"Written: {path}", markup=False)
    if as_json:
        write_json(found.as_dict())
    else:
        _show_path(found)


def _require_one_kind(
    mentions: Path | None,
    left: Path | None,
    right: Path | None,
    columns: Path | None,
    dedupe: bool,
) -> None:
    """Stop unless there are mentions alone, or tables with their map."""
    if mentions is not None:
        if left or right or columns or dedupe:
            stop("--mentions goes without --left, --right, --columns and --dedupe")
        return
    if columns is None:
        stop("a table to link needs --left, --truth and --columns")
    if dedupe == (right is not None):
        stop("give either --right FILE, to link two tables, or --dedupe, to search one")


def _show_path(found: evaluate.PathEvaluation) -> None:
    for headings, rows, title in evaluate.report_tables(found):
        table = Table(title=title, title_justify="left")
        for heading in headings:
            table.add_column(heading)
        for row in rows:
            table.add_row(*row)
        output.print(table)


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
    generation = publishing.current_generation(load_settings())
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    quality, curve = _read_quality(generation)
    if as_json:
        identity = {"generation_id": generation.generation_id}
        write_json({**identity, "quality": quality, "curve": curve})
        return
    for basis in sorted({row["basis"] for row in quality}):
        _show_basis(generation, basis, [row for row in quality if row["basis"] == basis])


def _read_quality(
    generation: publishing.Generation,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with publishing.open_register(generation) as connection:
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


def _show_basis(generation: publishing.Generation, basis: str, rows: list[dict[str, Any]]) -> None:
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
