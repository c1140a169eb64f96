"""`register diff`: how the tables of two generations differ, and what caused the differences."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from register.settings import load_settings

# Longer lists are shortened on screen; JSON has all items.
MAX_LISTED = 10
Before = Annotated[
    str, typer.Argument(metavar="BEFORE", help="The earlier generation, by its id; or `previous`.")
]
After = Annotated[
    str, typer.Argument(metavar="AFTER", help="The later generation, by its id; or `current`.")
]


def diff(
    before: Before = "previous",
    after: After = "current",
    as_json: console.AsJson = False,
) -> None:
    """Show what changed between two generations: rows, key figures, and what caused it."""
    old, new = _find_generations(before, after)
    comparison = publishing.compare_generations(old, new)
    if as_json:
        console.write_json(asdict(comparison))
        return
    console.output.print(f"From {comparison.before} to {comparison.after}", style="bold")
    _show_causes(comparison)
    _show_figures(comparison)
    _show_tables(comparison)


def _find_generations(
    before: str, after: str
) -> tuple[publishing.Generation, publishing.Generation]:
    settings = load_settings()
    generations = publishing.kept_generations(settings) if settings.published.is_dir() else []
    known = {
        item.generation_id: item for item in [*generations, *publishing.generations_aside(settings)]
    }
    current = next((place for place, item in enumerate(generations) if item.is_current), None)
    if current is not None:
        known["current"] = generations[current]
        if current + 1 < len(generations):
            known["previous"] = generations[current + 1]
    for name in (before, after):
        if name not in known:
            console.stop(
                f"no generation {name} is kept; see `register generations`", console.NOT_FOUND
            )
    return known[before], known[after]


def _show_causes(comparison: publishing.Comparison) -> None:
    if not comparison.causes:
        console.output.print(
            "\nMade from the same deliveries, decisions, code, models and look-ups."
        )
    for title, lines in comparison.causes.items():
        console.output.print(f"\n{title.capitalize()}: {len(lines):,}", style="bold")
        for line in lines[:MAX_LISTED]:
            console.output.print(f"  {line}", markup=False, highlight=False)
        if len(lines) > MAX_LISTED:
            console.output.print(f"  and {len(lines) - MAX_LISTED:,} more: --json lists all")


def _show_figures(comparison: publishing.Comparison) -> None:
    rows = [
        [name.replace("_", " "), f"{old:,}", f"{new:,}", f"{new - old:+,}" if new != old else ""]
        for name, (old, new) in comparison.figures.items()
    ]
    console.show_table("Key figures", ["figure", "#before", "#after", "#difference"], rows)


def _show_tables(comparison: publishing.Comparison) -> None:
    changed = [item for item in comparison.tables if not item.is_same]
    same = len(comparison.tables) - len(changed)
    rows = []
    for item in changed:
        columns = [f"+{name}" for name in item.columns_added]
        columns += [f"-{name}" for name in item.columns_removed]
        counts = (item.rows_before, item.rows_after, item.added, item.removed)
        changes = f"{item.changed:,}" if item.has_key else "no key"
        rows.append([item.table, *(f"{count:,}" for count in counts), changes, ", ".join(columns)])
    headings = ["table", "#rows before", "#rows after", "#added", "#removed", "#changed", "columns"]
    console.show_table(f"{len(changed)} tables changed, {same} did not", headings, rows)
