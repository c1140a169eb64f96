"""Tries a sample of the breaks of a folder of `register`, in a copy of the working tree."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from register.settings import PROJECT_ROOT
from tests.mutants.python_breaks import PythonBreak, generate_python_breaks

LEAST_SHARE = 0.90
# A break whose tests take longer is noticed: it never ends.
MOST_SECONDS = 600
console = Console(highlight=False, soft_wrap=True)


def judge_modules(scratch: Path, folder: Path, sample: int, seed: int) -> bool:
    """Try a sample of the breaks of a folder's modules; whether enough of them are noticed.

    The tests are those in the folder of `tests/` that has the place of the module's package.
    Raises `RuntimeError` where they fail without a break.
    """
    root = scratch / "checkout"
    _copy_working_tree(root)
    paths = sorted(path.relative_to(PROJECT_ROOT) for path in folder.rglob("*.py"))
    breaks = [
        (path, item)
        for path in paths
        for item in generate_python_breaks((PROJECT_ROOT / path).read_text(encoding="utf-8"))
    ]
    drawn = random.Random(seed).sample(breaks, min(sample, len(breaks)))
    console.print(f"{len(drawn)} of {len(breaks)} breaks of {len(paths)} modules are tried")
    for tests in sorted({_tests_of(path) for path, _ in drawn}):
        if not _passes(root, tests):
            raise RuntimeError(f"{tests} fails without a break")
    noticed_count = 0
    for path, item in sorted(drawn, key=lambda pair: (pair[0], pair[1].line)):
        is_noticed = _is_noticed(root, path, item)
        noticed_count += is_noticed
        console.print(
            f"{'noticed ' if is_noticed else 'SURVIVES'}  {path}:{item.line}: "
            f"{item.before} -> {item.after}"
        )
    share = noticed_count / len(drawn) if drawn else 0.0
    console.print(f"{noticed_count} of {len(drawn)} are noticed ({share:.0%})")
    return share >= LEAST_SHARE


def _is_noticed(root: Path, path: Path, item: PythonBreak) -> bool:
    target = root / path
    unbroken = target.read_text(encoding="utf-8")
    target.write_text(item.text, encoding="utf-8")
    try:
        return not _passes(root, _tests_of(path))
    finally:
        target.write_text(unbroken, encoding="utf-8")


def _tests_of(path: Path) -> Path:
    """Return the nearest folder of tests with the place of a module's package."""
    tests = Path("tests", *path.parts[1:-1])
    while not (PROJECT_ROOT / tests).is_dir():
        tests = tests.parent
    if tests == Path("tests"):
        named = Path("tests", f"test_{path.stem}.py")
        return named if (PROJECT_ROOT / named).is_file() else Path("tests", "publishing")
    return tests


def _passes(root: Path, tests: Path) -> bool:
    """Whether the tests pass in a checkout; tests that cannot be collected do not."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    try:
        outcome = subprocess.run(
            [*command, "-m", "not drill", str(tests)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return outcome.returncode == 0


def _copy_working_tree(root: Path) -> None:
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
