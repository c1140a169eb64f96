"""Building of the documentation site with MkDocs. The site loads nothing from elsewhere."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interfaces.documentation.generated_tables import build_settings_page, build_star_page
from interfaces.documentation.references import (
    build_command_line_page,
    build_contracts_page,
)
from interfaces.documentation.staging import REFERENCE, build_navigation, stage_pages
from orchestration.data_dictionary import write_data_dictionary
from register.access import keep_private
from register.appearance import TOKENS_FILE
from register.settings import PROJECT_ROOT

CONFIGURATION = PROJECT_ROOT / "mkdocs.yml"
ASSETS = Path(__file__).parent / "assets"
# The environment variable that turns off a notice of the theme about MkDocs 2. It must be set
# before MkDocs is imported.
NO_NOTICE = "NO_MKDOCS_2_WARNING"


class DocumentationError(RuntimeError):
    """An error in building the documents; the message has the warnings of MkDocs."""


def build_documentation(
    command_line: Any, manifest: Mapping[str, Any] | None, folder: Path
) -> Path:
    """Build the documentation site in `folder`, and return its front page.

    `command_line` is the group of all commands, for the reference page. `manifest` is the content
    of dbt's `manifest.json`; without it, the site has no data dictionary. The old site stays until
    the new one is complete. Raises `DocumentationError`, which lists every broken link.
    """
    keep_private()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".documents-") as scratch:
        pages, built = Path(scratch) / "pages", Path(scratch) / "site"
        stage_pages(pages)
        _write_references(pages / REFERENCE, command_line, manifest)
        shutil.copytree(ASSETS, pages / "assets")
        shutil.copy(TOKENS_FILE, pages / "assets")
        _run_mkdocs(pages, built)
        if folder.exists():
            shutil.rmtree(folder)
        built.rename(folder)
    return folder / "index.html"


def _write_references(folder: Path, command_line: Any, manifest: Mapping[str, Any] | None) -> None:
    folder.mkdir()
    texts = {
        "command-line.md": build_command_line_page(command_line),
        "settings.md": build_settings_page(),
        "contracts.md": build_contracts_page(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    if manifest is not None:
        write_data_dictionary(manifest, folder / "dictionary")
        star = folder / "dictionary" / "star.md"
        star.write_text(build_star_page(manifest), encoding="utf-8")


class _Warnings(logging.Handler):
    """A log handler that collects the warnings of MkDocs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Collect one message."""
        self.messages.append(record.getMessage())


def _run_mkdocs(pages: Path, built: Path) -> None:
    os.environ[NO_NOTICE] = "true"
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    warnings = _Warnings()
    log = logging.getLogger("mkdocs")
    before = log.propagate
    log.addHandler(warnings)
    log.propagate = False
    try:
        configuration = load_config(
            str(CONFIGURATION),
            docs_dir=str(pages),
            site_dir=str(built),
            nav=build_navigation(pages),
        )
        build(configuration)
    finally:
        log.removeHandler(warnings)
        log.propagate = before
    if warnings.messages:
        raise DocumentationError("\n".join(warnings.messages))
