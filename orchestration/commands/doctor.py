"""`register doctor`: whether everything that a load needs is as it should be."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from orchestration.commands.console import FAILED, output, stop, write_json
from register.settings import SettingsError, load_settings


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
) -> None:
    """Check Python, extensions, home, locks, disk, left-overs, key, dbt project and symlink."""
    from orchestration.examination import examine

    try:
        settings = load_settings()
    except SettingsError as error:
        stop(str(error), FAILED)
    findings = examine(settings)
    if as_json:
        write_json([finding.as_dict() for finding in findings])
    else:
        table = Table(show_header=False, box=None)
        for finding in findings:
            mark = "[green]✓[/green]" if finding.is_well else "[red]✗[/red]"
            table.add_row(mark, finding.subject, finding.says)
        output.print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(FAILED)
