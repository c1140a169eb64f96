"""The figures of public sets as rows: on the console, and as YAML for `measurements.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.linkage.public_sets import Figures, SetFigures

SCORE_TITLE = "Public sets beside stock Splink"
SCORE_COLUMNS = (
    "set",
    "method",
    "precision",
    "recall",
    "F1 (95 %)",
    "best F1",
    "true pairs compared (share)",
)
LOAD_TITLE = "Persons without families"
LOAD_COLUMNS = (
    "set",
    "precision",
    "recall",
    "F1 (95 %)",
    "recall of stock Splink at this precision",
    "true pairs listed for review (share)",
    "true pairs neither linked nor listed (share)",
    "questions per 1,000 persons (share true)",
    "calibration error by pairs",
)
NOTHING = "-"


def show_public_sets(figures: Sequence[SetFigures], console: Console) -> None:
    """Show the figures of public sets as two tables, and why most true pairs are listed."""
    scores = [row for each in figures for row in each.scores]
    table = _build_table(f"{SCORE_TITLE}: more likely than not", SCORE_COLUMNS)
    for row in scores:
        table.add_row(*list_score_cells(row))
    console.print(table)
    table = _build_table(f"{LOAD_TITLE}, as a load links", LOAD_COLUMNS)
    for each in figures:
        table.add_row(*list_load_cells(each.load))
    console.print(table)
    for each in figures:
        console.print(f"{each.load['set']}, listed for review: {_list_caps(each.load)}")


def write_yaml_tables(figures: Sequence[SetFigures]) -> str:
    """Return the rows of both tables of `measurements.yaml`, indented as they stand in it.

    They leave out exact matching, and further fields that stock Splink does not read.
    """
    scores = [
        list_score_cells(row)
        for each in figures
        for row in each.scores
        if row["method"] != "exact matching" and "all fields" not in row["method"]
    ]
    loads = [list_load_cells(each.load) for each in figures]
    model = figures[0].load["model_version"]
    return "\n".join(
        [
            f"# {SCORE_TITLE}",
            *_write_table("trained on each set", SCORE_COLUMNS, scores),
            f"# {LOAD_TITLE}",
            *_write_table(model, LOAD_COLUMNS, loads),
        ]
    )


def list_score_cells(row: Figures) -> list[str]:
    """Return the cells of a method that scores pairs, in the order of `SCORE_COLUMNS`."""
    if not row["is_trained"]:
        return [row["set"], f"{row['method']} (not trained)", *[NOTHING] * (len(SCORE_COLUMNS) - 2)]
    return [
        row["set"],
        row["method"],
        _format_number(row["precision"]),
        _format_number(row["recall"]),
        _format_f1(row),
        _format_number(row["best_f1"]),
        _format_number(row["candidate_recall"]),
    ]


def list_load_cells(row: Figures) -> list[str]:
    """Return the cells of a load, in the order of `LOAD_COLUMNS`."""
    true_share = _format_number(row["question_true_share"], 2)
    return [
        row["set"],
        _format_number(row["precision"]),
        _format_number(row["recall"]),
        _format_f1(row),
        _format_number(row["stock_recall"]),
        _format_number(row["listed_share"]),
        _format_number(row["missed_share"]),
        f"{row['questions_per_1000']:.0f} ({true_share})",
        _format_number(row["calibration_error"], 3),
    ]


def _list_caps(load: Figures) -> str:
    """Return the three caps or reasons that keep most true pairs from being linked."""
    listed = sorted(load["listed_pairs"], key=lambda each: -each["true"])[:3]
    return ", ".join(
        f"{each['cap'] or each['reason']} ({each['true']} of {each['pairs']} true)"
        for each in listed
    )


def _write_table(model: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"    model: {model}",
        f"    columns: {_write_row(columns)}",
        "    rows:",
        *(f"      - {_write_row(cells)}" for cells in rows),
    ]


def _write_row(cells: Sequence[str]) -> str:
    """Return cells as a list in YAML; a cell with a comma or a dash alone is quoted."""
    quoted = [f'"{each}"' if "," in each or each == NOTHING else each for each in cells]
    return f"[{', '.join(quoted)}]"


def _format_f1(row: Figures) -> str:
    if row["f1"] is None or row["f1_interval"] is None:
        return NOTHING
    lower, upper = row["f1_interval"]
    return f"{row['f1']:.4f} ({lower:.4f}-{upper:.4f})"


def _format_number(number: Any, places: int = 4) -> str:
    return NOTHING if number is None else f"{number:.{places}f}"


def _build_table(title: str, headings: Iterable[str]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading)
    return table
