"""`register metrics …`: metrics of the current generation, by MetricFlow's own command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from interfaces.command_line.console import FAILED, stop
from interfaces.command_line.lazy import lazy_module
from register.home import prepare_home
from register.settings import load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

app = typer.Typer(
    help="Ask metrics of the current generation, by time, area, care and characteristics."
    "\n\nOptions and `--help` are those of MetricFlow (`mf`).",
    no_args_is_help=True,
)
# Every word goes to MetricFlow, --help too.
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
FILE_OPTION = "--csv"


@app.command("list", context_settings=HANDED_ON)
def list_(context: typer.Context) -> None:
    """List metrics, dimensions or saved queries: `register metrics list metrics`."""
    _ask(["list", *context.args])


@app.command(context_settings=HANDED_ON)
def query(context: typer.Context) -> None:
    """Ask: `register metrics query --metrics children_missing --group-by episode__region_name`."""
    _ask(["query", *context.args])


def _ask(words: list[str]) -> None:
    from orchestration.dbt import DbtError
    from orchestration.metrics import MetricsError, build_metricflow_command, create_metrics_project

    settings = load_settings()
    prepare_home(settings)
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`")
    try:
        command = build_metricflow_command(_placed(words, Path.cwd()))
        folder = create_metrics_project(settings, generation)
    except (DbtError, MetricsError) as error:
        stop(str(error), FAILED)
    environment = {**os.environ, "DBT_PROFILES_DIR": str(folder), "DO_NOT_TRACK": "1"}
    raise typer.Exit(subprocess.run(command, cwd=folder, env=environment, check=False).returncode)


def _placed(words: list[str], folder: Path) -> list[str]:
    """The words, with a file to write below the folder of whoever asks: MetricFlow has another."""
    return [
        str(folder / word) if before == FILE_OPTION else word
        for before, word in zip(["", *words], words, strict=False)
    ]
