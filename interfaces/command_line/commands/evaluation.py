"""`register identity evaluate`: measure the linkage of a labelled set or of the register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import clean, duckdb, evaluate, publishing, score
from register.settings import load_settings

LABELLED_SET, DIFFERENT = "A labelled set", "Link differently from a load"


def _file_option(purpose: str, panel: str = LABELLED_SET) -> Any:
    return typer.Option(
        exists=True, dir_okay=False, metavar="FILE", help=purpose, rich_help_panel=panel
    )


def _flag_option(name: str, purpose: str, panel: str = DIFFERENT) -> Any:
    return typer.Option(name, help=purpose, rich_help_panel=panel)


Mentions = Annotated[
    Path | None,
    _file_option("The labelled records as mentions, in the register's form (Parquet or CSV)."),
]
Left = Annotated[
    Path | None, _file_option("A person table (CSV or Parquet), in place of mentions.")
]
Right = Annotated[Path | None, _file_option("A second table, to link to the first.")]
Dedupe = Annotated[
    bool, _flag_option("--dedupe", "Find duplicates within the table of --left.", LABELLED_SET)
]
Columns = Annotated[
    Path | None,
    _file_option("YAML file that says which column of the tables is which field of the register."),
]
Care = Annotated[
    Path | None,
    _file_option(
        "Care placements, with the columns mention_key, place, care_start_date and care_end_date."
    ),
]
Truth = Annotated[
    Path | None,
    _file_option(
        "The true links. With --mentions: a table with mention_key, child_key and a column for "
        "each grouping (Parquet or CSV). With --left: pairs of keys (CSV)."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="A folder for the report: Markdown, JSON and a reliability diagram."),
]
Keys = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False,
        metavar="FILE",
        help=(
            "A file for the keys of records that were falsely merged or missed (CSV). Keys lead to "
            "children, so only its owner may read it."
        ),
        rich_help_panel=LABELLED_SET,
    ),
]
OtherModel = Annotated[
    Path | None, _file_option("A model to use in place of the pinned one.", DIFFERENT)
]
LinkWeight = Annotated[
    float | None,
    typer.Option(
        help="Link pairs from this match weight (bits), instead of the model's threshold.",
        rich_help_panel=DIFFERENT,
    ),
]
Train = Annotated[
    bool,
    _flag_option(
        "--train",
        (
            "Train a model on the given tables, and measure only pair scores, without caps, guards "
            "and clusters."
        ),
    ),
]
OneToOne = Annotated[
    bool,
    _flag_option("--one-to-one", "Measure only pair scores, and link each record at most once."),
]


ROWS = {"pairs": "pairwise", "pairs after closure": "closed", "whole clusters": "clusters"}
QUALITY, CURVE = "agg_linkage_quality", "agg_linkage_curve"
AGAINST_TRUTH, SAMPLED_CAPS = "agg_linkage_accuracy_by_group", "agg_clerical_sample_by_cap"
BASES = {
    "simulated_truth": "against the truth of the simulation",
    "clerical_sample": "estimated from the clerical sample",
    "assumed_range": "not measured: this home has no clerical sample, so a range is assumed",
}
SCORES_ALONE = (
    "--train and --one-to-one measure scores of tables: they need --left and --columns, and cannot"
    " be combined with --care, --out, --keys and --model"
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
    keys: Keys = None,
    model: OtherModel = None,
    link_weight: LinkWeight = None,
    train: Train = False,
    one_to_one: OneToOne = False,
    as_json: console.AsJson = False,
) -> None:
    """Measure precision and recall of linkage: of the current register, or of a labelled set.

    A labelled set is linked as a load links (pairs, caps, collective evidence, guards, clusters)
    with the pinned model and its thresholds, unless an option says otherwise. Without a set, the
    published figures of the current generation are shown: from a clerical sample, or an assumed
    range. A simulated home also has figures against its truth.
    """
    if mentions is None and left is None:
        if any((truth, columns, right, care, out, keys)):
            console.stop("a labelled set needs --mentions, or --left and --columns")
        _show_published_quality(as_json)
        return
    _require_one_kind(mentions, left, right, columns, dedupe)
    if truth is None:
        console.stop("a labelled set needs --truth")
    with console.stop_on(clean.PersonsError, score.ModelError):
        if train or one_to_one:
            if left is None or columns is None or any((care, out, keys, model)):
                console.stop(SCORES_ALONE)
            files = evaluate.TableFiles(left, right, truth, columns)
            scores = evaluate.evaluate_files(
                files, train=train, one_to_one=one_to_one, link_weight=link_weight
            )
            _show_scores(scores, as_json)
            return
        labelled = evaluate.read_labelled_set(
            evaluate.SetFiles(truth, mentions, left, right, columns, care)
        )
        linkage = evaluate.link_set(
            labelled, score.load_model(model) if model else None, link_weight
        )
    evaluation = evaluate.measure_linkage(linkage, labelled)
    written = evaluate.write_report(evaluation, out) if out else []
    if keys:
        evaluate.write_error_keys(linkage, labelled, keys)
        written.append(keys)
    for path in written:
        console.show_written(path)
    if as_json:
        console.write_json(evaluation.as_dict())
        return
    for headings, rows, title in evaluate.report_tables(evaluation):
        console.show_table(title, headings, rows, title_justify="left")


def _require_one_kind(
    mentions: Path | None,
    left: Path | None,
    right: Path | None,
    columns: Path | None,
    dedupe: bool,
) -> None:
    """End the command unless the options give mentions, or else tables with their column map."""
    if mentions is not None:
        if left or right or columns or dedupe:
            console.stop(
                "--mentions cannot be combined with --left, --right, --columns and --dedupe"
            )
        return
    if columns is None:
        console.stop("a table to link needs --left, --truth and --columns")
    if dedupe == (right is not None):
        console.stop("give either --right FILE, to link two tables, or --dedupe, to search one")


def _show_scores(scores: dict[str, Any], as_json: bool) -> None:
    if as_json:
        console.write_json(scores)
        return
    rows = []
    for name, key in ROWS.items():
        measured = scores[key]
        counts = (measured[name] for name in ("true_count", "false_count", "missed_count"))
        shares = (_format_share(measured[name]) for name in ("precision", "recall", "f1"))
        rows.append([name, *(f"{count:,}" for count in counts), *shares])
    console.show_table(
        f"{scores['record_count']:,} records, {scores['truth_pair_count']:,} true pairs",
        ["", "right", "wrong", "missed", "precision", "recall", "F1"],
        rows,
    )
    console.output.print(
        f"{scores['review_pair_count']:,} pairs for review, {scores['review_true_count']:,} of them"
        f" true; blocking kept {_format_share(scores['candidate_recall'])} of the true pairs"
    )


def _format_share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _show_published_quality(as_json: bool) -> None:
    """Show the precision and recall that the current generation publishes."""
    generation = console.require_generation(load_settings())
    published = _read_quality(generation)
    if as_json:
        console.write_json({"generation_id": generation.generation_id, **published})
        return
    quality = published["quality"]
    for basis in sorted({row["basis"] for row in quality}):
        _show_basis(generation, basis, [row for row in quality if row["basis"] == basis])
    if published["sampled_caps"]:
        _show_sampled_caps(published["sampled_caps"])


def _read_quality(generation: publishing.Generation) -> dict[str, list[dict[str, Any]]]:
    with publishing.open_register(generation) as connection:
        try:
            order = "order by basis, unit, grouping, group_value, linkage"
            quality = _query_rows(connection, f"select * from quality.{QUALITY} {order}")
            truth = _query_if_exists(
                connection,
                AGAINST_TRUTH,
                f"select 'simulated_truth' as basis, * from quality.{AGAINST_TRUTH} {order}",
            )
            curve = f"select * from quality.{CURVE} order by match_weight"
            sampled = f"select * from quality.{SAMPLED_CAPS} order by capped_by"
            return {
                "quality": quality + truth,
                "curve": _query_if_exists(connection, CURVE, curve),
                "sampled_caps": _query_if_exists(connection, SAMPLED_CAPS, sampled),
            }
        except duckdb.CatalogException:
            console.stop(
                f"generation {generation.generation_id} has no figures of linkage quality: run"
                " `register load`",
                console.NOT_FOUND,
            )


def _query_if_exists(
    connection: duckdb.DuckDBPyConnection, mart: str, query: str
) -> list[dict[str, Any]]:
    """Return rows of a mart, or none if the generation lacks it.

    Only a simulated home has marts of evaluation, and an earlier release had no sampled caps.
    """
    exists = connection.execute(
        "select 1 from information_schema.tables where table_name = ?", [mart]
    ).fetchone()
    return _query_rows(connection, query) if exists else []


def _query_rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return rows


def _show_basis(generation: publishing.Generation, basis: str, rows: list[dict[str, Any]]) -> None:
    # Show only some rows here; the JSON output and the mart have all rows.
    listed = [
        row
        for row in rows
        if row["grouping"] == "all" or (row["linkage"] == "central" and row["unit"] == "pair")
    ]
    cells = []
    for row in listed:
        counts = (row[name] for name in ("true_count", "false_count", "missed_count"))
        cells.append(
            [
                f"{row['unit']}s",
                row["grouping"].replace("_", " "),
                row["group_value"],
                row["linkage"],
                *("-" if count is None else f"{count:,}" for count in counts),
                _format_with_interval(row, "precision"),
                _format_with_interval(row, "recall"),
                _format_share(row["f1"]),
            ]
        )
    console.show_table(
        f"Generation {generation.generation_id}, {BASES[basis]}",
        ["of", "by", "", "linkage", "#right", "#wrong", "#missed", "#precision", "#recall", "#F1"],
        cells,
    )
    for source in sorted({row["source_name"] for row in rows if row.get("source_name")}):
        console.output.print(f"Source: {source}", markup=False)


def _show_sampled_caps(rows: list[dict[str, Any]]) -> None:
    """Show what people found in clerical samples of single caps."""
    console.show_table(
        "Clerical samples of single caps",
        ["cap", "#drawn", "#judged", "#one child", "#share, lower limit", "pairs with this cap"],
        [
            [
                row["capped_by"].replace("_", " "),
                *(f"{row[name]:,}" for name in ("drawn_count", "judged_count", "confirmed_count")),
                _format_share(row["confirmed_share_lower"]),
                "linked" if row["is_supported"] else "for review",
            ]
            for row in rows
        ],
    )


def _format_with_interval(row: dict[str, Any], name: str) -> str:
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    if row[name] is None:
        return "-" if lower is None else f"{lower:.4f}-{upper:.4f}"
    return f"{row[name]:.4f} ({lower:.4f}-{upper:.4f})"
