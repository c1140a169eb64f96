"""`register conformance`: write the conformance kit for vendors, and run a kit."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import conformance
from register.settings import load_settings

app = typer.Typer(help="Write the conformance kit for vendors of case systems, or run a kit.")


@app.command()
def write(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder to write the kit to.")
    ],
) -> None:
    """Write sample deliveries, good and bad, of each feed and layout, with the expected results.

    The samples are invented. An earlier kit in the folder is replaced.
    """
    count = conformance.write_conformance_kit(load_settings(), folder)
    console.write_line(f"conformance kit: {count:,} samples in {folder}")


@app.command()
def run(
    kit: Annotated[
        Path, typer.Argument(metavar="KIT", help="The folder of a kit that was written before.")
    ],
    as_json: console.AsJson = False,
) -> None:
    """Check each sample of a kit, and compare the result with the expected one.

    Exit code 1 if any sample fails. To check a real export, use `register check`.
    """
    with console.stop_on(conformance.KitError), console.notices.status("checking the samples"):
        results = list(conformance.run_conformance_kit(load_settings(), kit))
    failed = [result for result in results if not result.is_passed]
    if as_json:
        lines = [asdict(result) | {"is_passed": result.is_passed} for result in results]
        console.write_json({"passed": len(results) - len(failed), "samples": lines})
    else:
        for result in results:
            console.write_line(f"{'pass' if result.is_passed else 'fail'}  {result.sample}")
            for difference in result.differences:
                console.write_line(f"      {difference}")
        console.write_line(f"{len(results) - len(failed):,} of {len(results):,} samples pass")
    if failed:
        raise typer.Exit(console.FAILED)
