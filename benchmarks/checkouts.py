"""Two checkouts of this project side by side: the working tree and a commit.

The benchmarks that use the checkouts decide what to load and measure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from register.key_strength import DEVELOPMENT_KEY
from register.settings import PROJECT_ROOT

LOCK = "requirements.lock"
# A program that runs a checkout's `register`. Older checkouts define it in another module.
COMMAND = """
try:
    from interfaces.command_line import app
except ModuleNotFoundError:
    from orchestration.cli import app
app()
"""
# Variables of the shell that are not passed on, since they may point to another home or pseudonym
# key.
SETTING_PREFIXES = ("REGISTER_", "DBT_", "DAGSTER_")
# Another variable that is not passed on: with it set, each process in a new checkout would compile
# all libraries again.
UNSET = frozenset({"PYTHONDONTWRITEBYTECODE"})


class CheckoutError(RuntimeError):
    """An error: a commit cannot be checked out, or one of its commands failed.

    The message has the command's output.
    """


@dataclass(frozen=True)
class Checkout:
    """A checkout: its root, a Python with the packages of its lock file, and its name."""

    name: str
    root: Path
    python: Path

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment for commands of this checkout.

        Of the register's own variables, it contains only the home and the development key.
        """
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(SETTING_PREFIXES) and name not in UNSET
        }
        return {
            **inherited,
            "REGISTER_HOME": str(home),
            "REGISTER_ENVIRONMENT": "development",
            "REGISTER_PSEUDONYM_KEY": DEVELOPMENT_KEY,
            "PYTHONPATH": str(self.root),
            "DO_NOT_TRACK": "1",
        }

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `register …` in this checkout."""
        return [str(self.python), "-c", COMMAND, *arguments]

    def register(self, home: Path, *arguments: str) -> None:
        """Run `register …` on a home; if it fails, raise `CheckoutError` with its last output."""
        outcome = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment(home),
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            output = (outcome.stdout + outcome.stderr)[-3000:]
            raise CheckoutError(f"{self.name}: register {' '.join(arguments)} failed:\n{output}")


def working_tree() -> Checkout:
    """Return the checkout from which this process runs, including uncommitted changes."""
    return Checkout("working tree", PROJECT_ROOT, Path(sys.executable))


@contextmanager
def check_out(commit: str) -> Iterator[Checkout]:
    """Check `commit` out in a temporary worktree, which is removed at the end.

    The worktree uses this process's Python if both lock files are the same; otherwise it installs
    its own. Raises `CheckoutError` if the commit does not exist or its set-up fails.
    """
    with tempfile.TemporaryDirectory(prefix="checkout-") as folder:
        root = Path(folder) / "register"
        _run(["git", "worktree", "add", "--detach", "--quiet", str(root), commit], PROJECT_ROOT)
        try:
            name = _run(["git", "describe", "--always", "--abbrev=7"], root).strip()
            yield Checkout(name, root, _prepare_python(root))
        finally:
            shutil.rmtree(root, ignore_errors=True)
            _run(["git", "worktree", "prune"], PROJECT_ROOT)


def _prepare_python(root: Path) -> Path:
    if (root / LOCK).read_bytes() == (PROJECT_ROOT / LOCK).read_bytes():
        return Path(sys.executable)
    _run(["make", "setup"], root)
    return root / ".venv" / "bin" / "python"


def _run(command: list[str], folder: Path) -> str:
    # Make and git set variables for their child processes. A checkout must not inherit them.
    passed = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "GIT_", "VIRTUAL_ENV")) and name != "MFLAGS"
    }
    outcome = subprocess.run(
        command, cwd=folder, env=passed, capture_output=True, text=True, check=False
    )
    if outcome.returncode != 0:
        raise CheckoutError(
            f"{' '.join(command)} failed:\n{(outcome.stdout + outcome.stderr)[-3000:]}"
        )
    return outcome.stdout
