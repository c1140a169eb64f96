"""`register simulate`: write deliveries of a simulated nation to the inbox, with its true data."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from register.home import prepare_home
from register.settings import PROJECT_ROOT, load_settings

# The last complete collection year of a simulated nation.
LAST_YEAR = 2025


class Difficulty(StrEnum):
    """Levels of error rates: how far the sources' simulated records are from the truth."""

    STANDARD = "standard"
    HARDER = "harder"


class Rates(StrEnum):
    """Where the share of looked-after children missing comes from, by authority and year."""

    CONSTANT = "constant"
    ENGLAND = "england"


def simulate(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    authorities: Annotated[
        int | None,
        typer.Option(min=1, help="Number of authorities at full size, with their police forces."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Fraction of England to simulate (0 to 1), rounded to whole authorities.",
        ),
    ] = None,
    years: Annotated[
        int,
        typer.Option(
            min=1, help="Number of complete collection years to simulate; the last is 2025-26."
        ),
    ] = 2,
    seed: Annotated[
        int, typer.Option(help="Seed of the random numbers: the same seed gives the same files.")
    ] = 1,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="DfE file (CSV) whose figures by authority the simulation reproduces: statistics"
            " of one year, or the Local Authority Interactive Tool for each year.",
        ),
    ] = None,
    rates: Annotated[
        Rates,
        typer.Option(
            help="Share of looked-after children missing. With `england`, it differs by authority"
            " and year as in England from 2015-16 to 2024-25."
        ),
    ] = Rates.CONSTANT,
    profile: Annotated[
        Difficulty,
        typer.Option(
            help="`harder` adds errors that the register was not developed for, and the year in"
            " progress."
        ),
    ] = Difficulty.STANDARD,
    harder: Annotated[bool, typer.Option("--harder", help="Short for --profile harder.")] = False,
    errors: Annotated[
        Difficulty, typer.Option(help="Set of error rates in the simulated sources.")
    ] = Difficulty.STANDARD,
    as_json: console.AsJson = False,
) -> None:
    """Simulate a nation and write its feeds to the inbox; without options, a small nation."""
    require_simulation()
    from simulation import PlanError, SimulationPlan
    from simulation import simulate as run_simulation

    settings = load_settings()
    if settings.environment == "production":
        console.stop(
            "simulated deliveries do not belong in production: set another REGISTER_ENVIRONMENT"
        )
    prepare_home(settings)
    with console.stop_on(PlanError):
        plan = SimulationPlan(
            seed=seed,
            share=share,
            authority_count=authorities,
            first_year=LAST_YEAR - years + 1,
            year_count=years,
            calibration_file=calibrate,
            authority_rates=rates.value,
            profile="harder" if harder else profile.value,
            error_rates=errors.value,
        )
        with console.notices.status("Simulating") as status:
            summary = run_simulation(settings.home, plan, status.update, settings.data_keys)
    if as_json:
        console.write_json(asdict(summary))
        return
    facts = [
        (
            name.replace("_", " "),
            f"{value:,.0f}" if isinstance(value, int | float) else str(value),
        )
        for name, value in asdict(summary).items()
        if value is not None
    ]
    console.show_facts("Simulated nation", facts)
    console.write_line(f"inbox: {settings.inbox}")
    console.write_line(f"truth: {settings.home / 'truth'}")


def require_simulation() -> None:
    """Make the simulation importable from the checkout, or end the command without a checkout.

    The wheel does not include the simulation, so an installation for production cannot invent
    children.
    """
    if (PROJECT_ROOT / "simulation").is_dir():
        if str(PROJECT_ROOT) not in sys.path:
            sys.path.append(str(PROJECT_ROOT))
        return
    console.stop(
        "the simulation is not installed: run `register simulate` in a checkout of the project,"
        " set up with `make setup`",
        console.NOT_FOUND,
    )
