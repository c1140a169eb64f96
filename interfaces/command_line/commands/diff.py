"""`register diff`: what changed between two generations, in which tables, and what caused it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

# Longer lists are counted here and whole in JSON.
SHOWN = 10
Before = Annotated[
    str, typer.Argument(metavar="BEFORE", help="Id of a kept generation, or `previous`.")
]
After = Annotated[
    str, typer.Argument(metavar="AFTER", help="Id of a kept generation, or `current`.")
]


def diff(
    before: Before = "previous",
    after: After = "current",
    as_json: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
) -> None:
    """Show what changed between two generations: rows, key figures, and what caused it."""
    old, new = _chosen(before, after)
    comparison = publishing.compare_generations(old, new)
    if as_json:
        write_json(asdict(comparison))
        return
    output.print(f"From {comparison.before} to {comparison.after}", style="bold")
    _show_causes(comparison)
    _show_figures(comparison)
    _show_tables(comparison)


def _chosen(before: str, after: str) -> tuple[publishing.Generation, publishing.Generation]:
    settings = load_settings()
    kept = publishing.kept_generations(settings) if settings.published.is_dir() else []
    known = {item.generation_id: item for item in [*kept, *publishing.generations_aside(settings)]}
    current = next((place for place, item in enumerate(kept) if item.is_current), None)
    if current is not None:
        known["current"] = kept[current]
        if current + 1 < len(kept):
            known["previous"] = kept[current + 1]
    for name in (before, after):
        if name not in known:
            stop(f"no generation {name} is kept; see `register generations`", NOT_FOUND)
    return known[before], known[after]


def _show_causes(comparison: publishing.Comparison) -> None:
    if not comparison.causes:
        output.print("\nMade from the same deliveries, decisions, code, models and look-ups.")
    for title, lines in comparison.causes.items():
        output.print(f"\n{title.capitalize()}: {len(lines):,}", style="bold")
        for line in lines[:SHOWN]:
            output.print(f"  {line}", markup=False, highlight=False)
        if len(lines) > SHOWN:
            output.print(f"  and {len(lines) - SHOWN:,} more: --json has all")


def _show_figures(comparison: publishing.Comparison) -> None:
    table = Table(title="Key figures")
    table.add_column("figure")
    for column in ("before", "after", "difference"):
        table.add_column(column, justify="right")
    for name, (old, new) in comparison.figures.items():
        table.add_row(
            name.replace("_", " "), f"{old:,}", f"{new:,}", f"{new - old:+,}" if new != old else ""
        )
    output.print(table)


def _show_tables(comparison: publishing.Comparison) -> None:
    changed = [item for item in comparison.tables if not item.is_same]
    same = len(comparison.tables) - len(changed)
    table = Table(title=f"{len(changed)} tables changed, {same} did not")
    table.add_column("table")
    for column in ("rows before", "rows after", "added", "removed", "changed"):
        table.add_column(column, justify="right")
    table.add_column("columns")
    for item in changed:
        counts = (item.rows_before, item.rows_after, item.added, item.removed)
        told = f"{item.changed:,}" if item.has_key else "no key"
        table.add_row(item.table, *(f"{count:,}" for count in counts), told, _columns(item))
    output.print(table)


def _columns(item: publishing.ComparedTable) -> str:
    added = [f"+{name}" for name in item.columns_added]
    return ", ".join(added + [f"-{name}" for name in item.columns_removed])
