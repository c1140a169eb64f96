"""`make mutants`: copies the working tree and tries every break of the catalogue in the copy.

What is tried, and how, is in `catalogue` and `trial`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from register.settings import PROJECT_ROOT

app = typer.Typer(add_completion=False)


@app.command()
def mutants(
    only: Annotated[
        list[str] | None,
        typer.Option(help="try those alone whose name has this in it; repeat for more"),
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="where the scratch copy is made")] = None,
) -> None:
    """Break rules one at a time, and say which breaks no test sees. Ends with 1 if too many."""
    scratch = Path(tempfile.mkdtemp(prefix="mutants-", dir=folder)).resolve()
    try:
        root = scratch / "register"
        _copy_tree(root)
        outcome = subprocess.run(
            [sys.executable, "-m", "tests.mutants.trial", str(scratch / "home"), *(only or [])],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    raise typer.Exit(outcome.returncode)


def _copy_tree(root: Path) -> None:
    """Copy what git knows or would add, as it lies in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = PROJECT_ROOT / name, root / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


if __name__ == "__main__":
    app()
