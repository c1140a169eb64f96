"""`register guide` and `register docs`: the documents that people read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.command_line.console import FAILED, notices, output, stop
from interfaces.command_line.lazy import lazy_module
from register.access import share_site
from register.home import prepare_home
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")


def guide(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where; without it, in the home.")
    ] = None,
) -> None:
    """Write the supplier guide: a page a feed, with templates and sample files."""
    from interfaces.documentation import write_supplier_guide

    settings = load_settings()
    target = folder or settings.quality / "models" / "supplier_guide"
    index = write_supplier_guide(settings, target)[0]
    output.print(f"supplier guide: {index}", markup=False, soft_wrap=True)


def docs(context: typer.Context) -> None:
    """Build the documents, the documentation of the models and the quality site.

    The quality site needs a published generation.
    """
    from orchestration.dbt import DbtError, dbt_target, run_dbt

    settings = load_settings()
    prepare_home(settings)
    site = settings.quality / "models"
    scratch = publishing.scratch_folder(settings)
    try:
        with notices.status("documenting the models"):
            # The catalogue would open the warehouse, which a load may hold: contracts say it too.
            run_dbt(settings, ["docs", "generate", "--static", "--empty-catalog"], scratch)
    except DbtError as error:
        stop(str(error), FAILED)
    finally:
        shutil.rmtree(scratch)
    site.mkdir(parents=True, exist_ok=True)
    shutil.copy(dbt_target(settings) / "static_index.html", site / "index.html")
    output.print(f"models: {site / 'index.html'}", markup=False, soft_wrap=True)
    dictionary = _write_dictionary(dbt_target(settings) / "manifest.json", site / "dictionary")
    output.print(f"data dictionary: {dictionary}", markup=False, soft_wrap=True)
    manifest = dbt_target(settings) / "manifest.json"
    _build_documents(settings, context.find_root().command, manifest)
    guide(site / "supplier_guide")
    if publishing.current_generation(settings) is None:
        stop("nothing is published yet, so there is no quality site: run `register load`")
    from interfaces.quality_site import build_site

    with notices.status("building the quality site"):
        build_site(settings)
        share_site(settings)
    index = settings.quality / "site" / "index.html"
    output.print(f"quality site: {index}", markup=False, soft_wrap=True)


def _build_documents(settings: Settings, command_line: Any, manifest: Path) -> None:
    """Build the site of the documents, which belongs beside the quality site."""
    from interfaces.documentation import DocumentationError, build_documentation

    try:
        with notices.status("building the documents"):
            read = json.loads(manifest.read_text(encoding="utf-8"))
            index = build_documentation(command_line, read, settings.quality / "docs")
    except DocumentationError as error:
        stop(f"the documents have links that lead nowhere:\n{error}", FAILED)
    output.print(f"documents: {index}", markup=False, soft_wrap=True)


def _write_dictionary(manifest: Path, folder: Path) -> Path:
    """Write the pages of the data dictionary and return the first of them."""
    from orchestration.data_dictionary import write_data_dictionary

    return write_data_dictionary(json.loads(manifest.read_text(encoding="utf-8")), folder)[0]
