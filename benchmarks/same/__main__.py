"""`make same REF=<commit>`: two nations loaded with a commit and with the working tree.

Both checkouts load the same deliveries with the same development key. Then every published table is
compared. The exit code is 1 if anything differs.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.checkouts import Checkout, CheckoutError, check_out, working_tree
from benchmarks.same.differences import Compared, compare_generations

app = typer.Typer(add_completion=False)
console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Nation:
    """A nation to load; `known_at`, if given, is the day whose state of knowledge is loaded."""

    seed: int
    authorities: int
    years: int
    known_at: str | None = None


NATIONS = (Nation(1, 10, 2), Nation(7, 8, 2, known_at="2026-03-01"))


@app.command()
def same(
    commit: Annotated[str, typer.Argument(help="commit that the working tree is compared with")],
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch homes")] = None,
) -> None:
    """Load two nations with the commit and with the working tree; print tables that differ."""
    scratch = Path(tempfile.mkdtemp(prefix="same-", dir=folder)).resolve()
    try:
        with check_out(commit) as reference:
            is_same = [compare_nation(scratch, reference, working_tree(), n) for n in NATIONS]
    except CheckoutError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not all(is_same):
        raise typer.Exit(1)


def compare_nation(scratch: Path, reference: Checkout, candidate: Checkout, nation: Nation) -> bool:
    """Simulate a nation with the reference, load it with both checkouts, and print differences."""
    title = f"seed {nation.seed}, {nation.authorities} authorities, {nation.years} years"
    console.print(f"{title}: simulated by {reference.name}")
    homes = [scratch / f"{nation.seed}-{side}" for side in ("before", "after")]
    options = ("--seed", nation.seed, "--authorities", nation.authorities, "--years", nation.years)
    reference.register(homes[0], "simulate", *map(str, options))
    # The time at which a file arrived is its modification time, which a copy keeps.
    shutil.copytree(homes[0], homes[1], symlinks=True)
    for checkout, home in zip((reference, candidate), homes, strict=True):
        console.print(f"{title}: loaded by {checkout.name}")
        checkout.register(home, "load")
        if nation.known_at:
            checkout.register(home, "load", "--as-known-at", nation.known_at)
    is_same = True
    for name, before, after in _generations(homes, nation):
        comparison = compare_generations(before, after)
        print_comparison(f"{title}, {name}", comparison)
        is_same = is_same and not comparison.differences
    return is_same


def _generations(homes: list[Path], nation: Nation) -> list[tuple[str, Path, Path]]:
    before, after = (home / "published" for home in homes)
    generations = [("current", before / "current", after / "current")]
    if nation.known_at:
        aside = [next((place / "as-known-at").glob("*/*")) for place in (before, after)]
        generations.append((f"as known at {nation.known_at}", aside[0], aside[1]))
    return generations


def print_comparison(title: str, comparison: Compared) -> None:
    """Print the number of compared tables, and the differences of each table that differs."""
    for difference in comparison.differences:
        console.print(f"  {difference.table}: {difference.detail}", style="red", markup=False)
    tables = len({difference.table for difference in comparison.differences})
    console.print(
        f"{title}: {comparison.table_count} tables and {comparison.row_count:,} rows compared,"
        f" {tables} tables differ",
        markup=False,
    )


if __name__ == "__main__":
    app()
