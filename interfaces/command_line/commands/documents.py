"""`register guide` and `register docs`: write documents for people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from register.access import share_site
from register.home import prepare_home
from register.settings import Settings, load_settings


def guide(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="The folder to write to; by default in the home."),
    ] = None,
) -> None:
    """Write the supplier guide: a page for each feed, with templates and sample files."""
    from interfaces.documentation import write_supplier_guide

    settings = load_settings()
    target = folder or settings.quality / "models" / "supplier_guide"
    index = write_supplier_guide(settings, target)[0]
    console.write_line(f"supplier guide: {index}")


def docs(context: typer.Context) -> None:
    """Build the documents, the documentation of the dbt models and the quality site.

    The quality site needs a published generation.
    """
    from orchestration.data_dictionary import write_data_dictionary
    from orchestration.dbt import DbtError, dbt_target, run_dbt

    settings = load_settings()
    prepare_home(settings)
    site = settings.quality / "models"
    scratch = publishing.scratch_folder(settings)
    try:
        with console.stop_on(DbtError), console.notices.status("documenting the models"):
            # The catalogue would open the warehouse, which a load may have locked.
            run_dbt(settings, ["docs", "generate", "--static", "--empty-catalog"], scratch)
    finally:
        shutil.rmtree(scratch)
    site.mkdir(parents=True, exist_ok=True)
    shutil.copy(dbt_target(settings) / "static_index.html", site / "index.html")
    console.write_line(f"models: {site / 'index.html'}")
    manifest = json.loads((dbt_target(settings) / "manifest.json").read_text(encoding="utf-8"))
    dictionary = write_data_dictionary(manifest, site / "dictionary")[0]
    console.write_line(f"data dictionary: {dictionary}")
    _build_documents(settings, context.find_root().command, manifest)
    guide(site / "supplier_guide")
    if publishing.current_generation(settings) is None:
        console.stop("nothing is published yet, so there is no quality site: run `register load`")
    from interfaces.quality_site import build_site

    with console.notices.status("building the quality site"):
        build_site(settings)
        share_site(settings)
    index = settings.quality / "site" / "index.html"
    console.write_line(f"quality site: {index}")


def _build_documents(settings: Settings, command_line: Any, manifest: dict[str, Any]) -> None:
    """Build the documentation site next to the quality site."""
    from interfaces.documentation import DocumentationError, build_documentation

    try:
        with console.notices.status("building the documents"):
            index = build_documentation(command_line, manifest, settings.quality / "docs")
    except DocumentationError as error:
        console.stop(f"the documents have links that lead nowhere:\n{error}", console.FAILED)
    console.write_line(f"documents: {index}")
