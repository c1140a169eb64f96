"""`register simulate`: a nation of feeds with known truth, put into the inbox."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, NOT_FOUND, notices, output, stop, write_json
from register.home import prepare_home
from register.settings import PROJECT_ROOT, load_settings

# The last collection year that a simulated nation has finished.
LAST_YEAR = 2025


class Errors(StrEnum):
    """How dirty the simulated sources are."""

    STANDARD = "standard"
    HARDER = "harder"


class ProfileName(StrEnum):
    """By which processes the sources' records differ from the truth."""

    STANDARD = "standard"
    HARDER = "harder"


def simulate(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    authorities: Annotated[
        int | None,
        typer.Option(min=1, help="This many authorities at full size, with their forces."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Share of a national year, in whole authorities."),
    ] = None,
    years: Annotated[
        int, typer.Option(min=1, help="Complete collection years, the last 2025-26.")
    ] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Reproduce the figures of a DfE authority CSV.",
        ),
    ] = None,
    profile: Annotated[
        ProfileName,
        typer.Option(help="harder: records unlike the rules, and the year in progress."),
    ] = ProfileName.STANDARD,
    harder: Annotated[bool, typer.Option("--harder", help="Short for --profile harder.")] = False,
    errors: Annotated[
        Errors, typer.Option(help="The rates of errors in the sources.")
    ] = Errors.STANDARD,
    as_json: Annotated[bool, typer.Option("--json", help="Write the counts as JSON.")] = False,
) -> None:
    """Simulate a nation of feeds in the inbox. Without options: a small one for a first look."""
    find_simulation()
    from simulation import PlanError, SimulationPlan
    from simulation import simulate as run_simulation

    settings = load_settings()
    if settings.environment == "production":
        stop("simulated deliveries do not belong in production: set another REGISTER_ENVIRONMENT")
    prepare_home(settings)
    try:
        plan = SimulationPlan(
            seed=seed,
            share=share,
            authority_count=authorities,
            first_year=LAST_YEAR - years + 1,
            year_count=years,
            calibration_file=calibrate,
            profile="harder" if harder else profile.value,
            error_rates=errors.value,
        )
        with notices.status("Simulating") as status:
            summary = run_simulation(settings.home, plan, progress=status.update)
    except PlanError as error:
        stop(str(error), FAILED)
    if as_json:
        write_json(asdict(summary))
        return
    table = Table(title="Simulated nation", show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in asdict(summary).items():
        shown = f"{value:,.0f}" if isinstance(value, int | float) else str(value)
        table.add_row(name.replace("_", " "), shown)
    output.print(table)
    output.print(f"inbox: {settings.inbox}", markup=False, soft_wrap=True)
    output.print(f"truth: {settings.home / 'truth'}", markup=False, soft_wrap=True)


def find_simulation() -> None:
    """Let the simulation be imported from the checkout; end the command where there is none.

    It is no part of the wheel, so an installation for production cannot invent children.
    """
    if (PROJECT_ROOT / "simulation").is_dir():
        if str(PROJECT_ROOT) not in sys.path:
            sys.path.append(str(PROJECT_ROOT))
        return
    stop(
        "the simulation is not installed: run `register simulate` in a checkout of the project,"
        " set up with `make setup`",
        NOT_FOUND,
    )
