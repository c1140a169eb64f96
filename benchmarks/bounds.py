"""`python -m benchmarks.bounds`: how often published bounds contain the truth, over many nations.

Nations are simulated and loaded, with several seeds for each profile. Then bounds are compared with
the truth by authority and year. Four measures are compared: children missing for over 24 hours,
absences of over 24 hours, open absences, and interviews within 72 hours. The first was the
department's old measure. Two trivial answers are compared too: the count by recorded start and end,
which has no bounds, and [0, all], which is never wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checkouts import CheckoutError, working_tree
from register.feeds import land_everything, land_postcodes
from register.home import prepare_home
from register.settings import load_settings

app = typer.Typer(add_completion=False)
STANDARD = "standard"
MODELS = (
    "+agg_measures_by_area_year",
    "+agg_open_episodes_by_area",
    "+agg_return_interviews_by_area_year",
    "+int_true_reports",
)
QUERIES = Path(__file__).parent / "bounds.sql"
MEASURES = ("over_24_hours_children", "over_24_hours_absences", "open_absences", "within_72_hours")


@dataclass(frozen=True)
class Coverage:
    """The bounds of one measure compared with the truth, over authorities and years.

    Widths and errors are means. They are numbers of children, absences or interviews.
    """

    profile: str
    measure: str
    cells: int
    truth: int
    lower: int
    upper: int
    within: float
    width: float
    width_of_all: float
    point_right: float
    point_error: float


@app.command()
def bench(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    nations: Annotated[int, typer.Option(min=1, help="number of nations for each profile")] = 10,
    first_seed: Annotated[int, typer.Option(help="seed of the first nation of each profile")] = 201,
    authorities: Annotated[
        int, typer.Option(min=1, help="number of authorities in each nation")
    ] = 10,
    profile: Annotated[
        list[str] | None, typer.Option(help="profile of the simulation; can be repeated")
    ] = None,
    home: Annotated[
        list[Path] | None,
        typer.Option(help="instead, compare this simulated, loaded home; can be repeated"),
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch homes")] = None,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
) -> None:
    """Simulate and load nations, and print how many published bounds contain the truth."""
    console = Console(width=150)
    with duckdb.connect() as db:
        db.execute(
            "create table cells (profile text, measure text, authority_code_dfe text, period text,"
            " truth bigint, lower bigint, upper bigint, point bigint, most bigint)"
        )
        for place in home or []:
            add_cells(db, place, "given")
        for name in [] if home else profile or [STANDARD, "harder"]:
            for seed in range(first_seed, first_seed + nations):
                console.log(f"{name}: seed {seed}")
                scratch = Path(tempfile.mkdtemp(prefix="bounds-", dir=folder)).resolve()
                try:
                    options = ("--seed", str(seed), "--authorities", str(authorities))
                    # `standard` is the default of `simulate`, so it needs no option.
                    named = () if name == STANDARD else ("--profile", name)
                    working_tree().register(scratch, "simulate", *options, *named)
                    build(scratch)
                    add_cells(db, scratch, name)
                finally:
                    shutil.rmtree(scratch, ignore_errors=True)
        coverages = read_coverages(db)
    _show(console, coverages)
    if output:
        rows = [asdict(coverage) for coverage in coverages]
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def build(home: Path) -> None:
    """Land the home's deliveries and build only what the comparison needs, without tests."""
    settings = load_settings({**os.environ, "REGISTER_HOME": str(home)})
    prepare_home(settings)
    land_postcodes(settings)
    land_everything(settings)
    folder = settings.published / "current"
    folder.mkdir(parents=True)
    kinds = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    outcome = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "build", *kinds, "--select", *MODELS,
         "--target-path", str(settings.warehouse / "dbt"), "--log-level-file", "none"],
        cwd=settings.dbt_project,
        env={**os.environ, **settings.build_dbt_environment(folder)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if outcome.returncode != 0:
        raise CheckoutError(f"dbt failed:\n{(outcome.stdout + outcome.stderr)[-3000:]}")


def add_cells(db: duckdb.DuckDBPyConnection, home: Path, profile: str) -> None:
    """Add one home's published bounds and truth, one row per authority, year and measure."""
    published = home / "published" / "current" / "national_register.duckdb"
    db.execute(f"attach '{published}' as register_of_home (read_only)")
    db.execute(f"attach '{home / 'warehouse' / 'warehouse.duckdb'}' as warehouse (read_only)")
    try:
        query = QUERIES.read_text(encoding="utf-8").replace("$truth", str(home / "truth"))
        db.execute("set timezone = 'UTC'")
        db.execute(f"insert into cells select '{profile}', compared.* from ({query}) as compared")
    finally:
        db.execute("detach register_of_home")
        db.execute("detach warehouse")


def read_coverages(db: duckdb.DuckDBPyConnection) -> list[Coverage]:
    """Return, by profile and measure, the share of cells whose bounds contain the truth.

    A cell is one authority in one year.
    """
    rows = db.execute(
        """
        select
            profile, measure, count(*), sum(truth), sum(lower), sum(upper),
            avg(case when truth between lower and upper then 1.0 else 0.0 end),
            avg(upper - lower), avg(most),
            avg(case when truth = point then 1.0 else 0.0 end), avg(abs(truth - point)),
        from cells
        group by profile, measure
        order by profile desc, list_position(?, measure)
        """,
        [list(MEASURES)],
    ).fetchall()
    return [Coverage(*row) for row in rows]


def _show(console: Console, coverages: list[Coverage]) -> None:
    table = Table(title="Published bounds against the truth, by authority and year")
    for name in Coverage.__dataclass_fields__:
        table.add_column(name.replace("_", " "), justify="right")
    for coverage in coverages:
        values = asdict(coverage).values()
        table.add_row(*(f"{item:.3f}" if isinstance(item, float) else f"{item}" for item in values))
    console.print(table)


if __name__ == "__main__":
    app()
