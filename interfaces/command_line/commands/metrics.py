"""`register metrics …`: ask common questions, or query metrics with MetricFlow's command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.ask import EXAMPLES, HELP, ask
from register.home import prepare_home
from register.settings import load_settings

app = typer.Typer(
    help="Ask the current generation for figures."
    "\n\n`ask` answers common questions in a few seconds, with intervals, also as a spreadsheet."
    " `list` and `query` combine any metrics and dimensions, in about 15 seconds. Their options and"
    " `--help` are those of MetricFlow (`mf`).",
    no_args_is_help=True,
)
# Every option is passed to MetricFlow, including --help.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
FILE_OPTION = "--csv"


app.command(help=HELP, epilog=EXAMPLES)(ask)


@app.command("list", context_settings=PASSED_ON)
def list_(context: typer.Context) -> None:
    """List metrics, dimensions or saved queries: `register metrics list metrics`."""
    _run_metricflow(["list", *context.args])


@app.command(context_settings=PASSED_ON)
def query(context: typer.Context) -> None:
    """Query metrics: `register metrics query --metrics children_missing --group-by metric_time`."""
    _run_metricflow(["query", *context.args])


def _run_metricflow(words: list[str]) -> None:
    from orchestration.dbt import DbtError
    from orchestration.metrics import MetricsError, build_metricflow_command, create_metrics_project

    settings = load_settings()
    prepare_home(settings)
    generation = console.require_generation(settings, console.FAILED)
    with console.stop_on(DbtError, MetricsError):
        command = build_metricflow_command(_resolve_files(words, Path.cwd()))
        folder = create_metrics_project(settings, generation)
    environment = {**os.environ, "DBT_PROFILES_DIR": str(folder), "DO_NOT_TRACK": "1"}
    raise typer.Exit(subprocess.run(command, cwd=folder, env=environment, check=False).returncode)


def _resolve_files(words: list[str], folder: Path) -> list[str]:
    """Make file paths among the arguments absolute, because MetricFlow runs in another folder."""
    return [
        str(folder / word) if before == FILE_OPTION else word
        for before, word in zip(["", *words], words, strict=False)
    ]
