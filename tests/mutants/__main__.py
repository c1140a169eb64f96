"""`make mutants FOLDER=…`: breaks each expression of the models or modules of a folder in turn.

A break of a model is tried on its compiled SQL, in DuckDB, against the tests of that model alone.
A break of a Python module is tried in a copy of the working tree, against the tests of its package.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from register.settings import PROJECT_ROOT
from tests.mutants.judge_models import judge_models
from tests.mutants.judge_modules import judge_modules

MODELS = PROJECT_ROOT / "dbt_project" / "models"
REGISTER = PROJECT_ROOT / "register"
app = typer.Typer(add_completion=False)


@app.command()
def mutants(
    folder: Annotated[
        Path, typer.Argument(help="a folder of models (dbt_project/models/…) or of register/…")
    ] = MODELS / "marts",
    home: Annotated[
        Path | None,
        typer.Option(help="where the small nation is built, and found again by a later run"),
    ] = None,
    sample: Annotated[
        int, typer.Option(help="of a folder of modules: how many breaks are tried, drawn by chance")
    ] = 40,
    seed: Annotated[int, typer.Option(help="which breaks of modules are drawn")] = 1,
) -> None:
    """Break one expression at a time, and list the breaks that no test notices.

    Ends with 1 if fewer than 90 % of those of a folder are noticed, if a survivor has no reason in
    `survivors.yml`, or if what is listed there no longer survives.
    """
    folder = folder.resolve()
    if folder.is_relative_to(MODELS):
        with _kept_or_scratch(home) as path:
            enough = judge_models(path, str(folder.relative_to(MODELS)))
    elif folder.is_relative_to(REGISTER):
        with _kept_or_scratch(None) as path:
            enough = judge_modules(path, folder, sample, seed)
    else:
        raise typer.BadParameter(f"{folder} is neither below {MODELS} nor below {REGISTER}")
    raise typer.Exit(0 if enough else 1)


@contextmanager
def _kept_or_scratch(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder.resolve()
        return
    scratch = Path(tempfile.mkdtemp(prefix="mutants-")).resolve()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    app()
