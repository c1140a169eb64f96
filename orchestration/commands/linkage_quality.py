"""How well the current register links, as its generation publishes it."""

from __future__ import annotations

from typing import Any

import duckdb
from rich.table import Table

from orchestration.commands.console import NOT_FOUND, output, stop, write_json
from register.publishing.generations import Generation, current_generation
from register.settings import load_settings

QUALITY, CURVE = "agg_linkage_quality", "agg_linkage_curve"
BASES = {
    "simulated_truth": "against the truth of the simulation",
    "clerical_sample": "estimated from the clerical sample",
    "pinned_model": "as the pinned model was last measured: this home has no truth and no sample",
}
# What a person is shown at once; the rest is in the JSON and in the mart.
WHOLE = "all"


def show_published_quality(as_json: bool) -> None:
    """Show precision and recall of the current generation; nothing is computed here."""
    generation = current_generation(load_settings())
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    quality, curve = _read(generation)
    if as_json:
        identity = {"generation_id": generation.generation_id}
        write_json({**identity, "quality": quality, "curve": curve})
        return
    for basis in sorted({row["basis"] for row in quality}):
        _show(generation, basis, [row for row in quality if row["basis"] == basis])


def _read(generation: Generation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    path = generation.folder / "national_register.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        try:
            return (
                _rows(
                    connection,
                    f"select * from quality.{QUALITY}"
                    " order by basis, unit, grouping, group_value, linkage",
                ),
                _rows(connection, f"select * from quality.{CURVE} order by match_weight"),
            )
        except duckdb.CatalogException:
            stop(
                f"generation {generation.generation_id} does not say how well it links: run"
                " `register load`",
                NOT_FOUND,
            )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return found


def _show(generation: Generation, basis: str, rows: list[dict[str, Any]]) -> None:
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
    dated = sorted(
        {(str(row["measured_on"]), row["source_name"]) for row in rows if row["source_name"]}
    )
    for measured_on, source in dated:
        output.print(f"Measured on {measured_on}: {source}", markup=False)


def _ranged(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "-"
    return f"{row[name]:.4f} ({row[f'{name}_lower']:.4f}-{row[f'{name}_upper']:.4f})"
