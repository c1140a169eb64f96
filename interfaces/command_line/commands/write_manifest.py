"""`register manifest`: write the manifest of a folder that a supplier is about to deliver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds
from register.settings import load_settings


def manifest(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to deliver.")],
    feed: Annotated[str, typer.Option(help="The feed, such as authority_return.")] = "",
    supplier: Annotated[str, typer.Option(help="The supplier's code, such as 373.")] = "",
    period: Annotated[str, typer.Option(help="The period, such as 2026-10.")] = "",
) -> None:
    """Write `manifest.json` with each file's size and hash.

    With feed, supplier and period, it also has the numbers of records and of filled values.
    """
    if not folder.is_dir():
        console.stop(f"there is no folder {folder}", console.NOT_FOUND)
    parts = (feed, supplier, period)
    if any(parts) and not all(parts):
        raise typer.BadParameter("give --feed, --supplier and --period together, or none of them")
    place = feeds.DeliveryPlace(*parts) if feed else None
    with console.stop_on(feeds.ManifestError, feeds.LayoutError):
        path = feeds.write_manifest(load_settings(), folder, place)
    console.write_line(f"{path} written")
