"""`python -m benchmarks.linkage.write_page`: writes the page of linkage measurements.

Figures by group come from the seed that `benchmarks.held_out` writes, and all other figures from
`measurements.yaml`. Nothing is measured here.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

from benchmarks.held_out import CENTRAL, SEED_FILE, THRESHOLDS, VALIDATION_SEEDS
from benchmarks.measured_pages import markdown_table, read_figures
from register.identity.score import load_model
from register.settings import PROJECT_ROOT

FIGURES = Path(__file__).with_name("measurements.yaml")
PAGE = PROJECT_ROOT / "docs" / "reference" / "linkage-measurements.md"
Key = tuple[str, str, str, str]


def write_linkage_page() -> str:
    """Return the page in Markdown; the same seed, figures and pinned model give the same text."""
    figures = read_figures(FIGURES)
    pinned = load_model().version
    held_out = figures["held_out"]
    with SEED_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    source = _write_source(held_out | {"model": rows[0]["model_version"]}, pinned)
    parts = [
        "# Linkage measurements",
        figures["about"],
        "## Recall between the sources",
        "This recall is the share of true pairs that are linked, among true pairs of a police"
        " record and an authority record. Each cell has three shares: at the strict, central and"
        " loose threshold. Both validation nations have 60,000 children. Unaccompanied children"
        f" are a group of their own, and are not counted in the other groups. {source}",
        _build_recall_table(rows, held_out["groups"]),
        "At the central threshold, one authority in forty has a recall at or below "
        + ", ".join(
            f"{float(row['recall']):.3f} (seed {row['nation_seed']})"
            for row in rows
            if row["group_code"] == "lowest_fortieth"
        )
        + ". `quality.agg_linkage_held_out_by_group` has an interval for every group.",
        "## What becomes of missed pairs",
        "Some true pairs, within or between sources, are not linked at the central threshold. Each"
        " cell has two shares of all true pairs: listed for review, and neither linked nor listed."
        f" {source}",
        _build_missed_table(rows, held_out["groups"]),
    ]
    for table in figures["tables"]:
        text = f"{table['text']} {_write_source(table, pinned)}".rstrip()
        parts += [f"## {table['title']}", text]
        parts.append(markdown_table(table["columns"], table["rows"]))
    return "\n\n".join(parts) + "\n"


def _write_source(table: dict[str, Any], pinned: str) -> str:
    """Return a sentence about the model, rules and command with which a table was measured."""
    words = []
    if model := table.get("model"):
        words.append(f"Model {model}" + ("" if model == pinned else ", not the pinned one"))
    if "rules" in table:
        words.append(f"rules of {table['rules']}")
    if "command" in table:
        words.append(f"`{table['command']}`")
    return "; ".join(words) + "." if words else ""


def _build_recall_table(rows: list[dict[str, str]], groups: dict[str, str]) -> str:
    recall = {_row_key(row): row["recall"] for row in rows if row["scope_code"] == "between"}
    return _build_group_table(
        groups,
        "seed {}",
        lambda seed, group: [recall[_group_key(seed, at, group)] for at in THRESHOLDS],
    )


def _build_missed_table(rows: list[dict[str, str]], groups: dict[str, str]) -> str:
    shares = {
        _row_key(row): (row["review_share"], row["unlisted_share"])
        for row in rows
        if row["scope_code"] == "all"
    }
    return _build_group_table(
        groups,
        "seed {}: listed for review, neither linked nor listed",
        lambda seed, group: shares[_group_key(seed, CENTRAL, group)],
    )


def _build_group_table(
    groups: dict[str, str], heading: str, shares_of: Callable[[str, str], Iterable[str]]
) -> str:
    """Return a table with a row for each group and a column for each seed of a validation nation.

    Shares have three decimals.
    """
    seeds = [str(seed) for seed in VALIDATION_SEEDS]
    rows = [
        [name]
        + [", ".join(f"{float(share):.3f}" for share in shares_of(seed, group)) for seed in seeds]
        for group, name in groups.items()
    ]
    return markdown_table(["group", *(heading.format(seed) for seed in seeds)], rows)


def _row_key(row: dict[str, str]) -> Key:
    return row["nation_seed"], row["linkage_code"], row["grouping_code"], row["group_code"]


def _group_key(seed: str, threshold: str, group: str) -> Key:
    return seed, threshold, "all" if group == "all" else "linkage_group", group


def main() -> None:
    """Write the page from the seed and the recorded figures."""
    PAGE.write_text(write_linkage_page(), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
