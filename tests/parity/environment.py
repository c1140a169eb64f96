"""An environment of its own for the sector's validator, whose pandas is years behind ours.

The environment is built once, from a lock with hashes, into `.venv-validator` of the project.
What the validator is asked belongs in `validator.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / ".venv-validator"
LOCK = Path(__file__).parent / "requirements.lock"
INTERPRETER = "python3.11"
NO_INTERPRETER = (
    f"the sector's validator needs pandas below 2, which has wheels for {INTERPRETER} at most, "
    "and no such interpreter was found on the path"
)


def validator_python() -> Path | None:
    """The interpreter of the validator's environment, built where it is missing or out of date.

    None where no Python 3.11 can be found. Raises `CalledProcessError` if the environment cannot
    be built: a registry that does not answer is a failure, not a reason to skip.
    """
    base = _base_interpreter()
    if base is None:
        return None
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return python
    _run("venv", "--clear", "--quiet", "--python", base, str(FOLDER))
    _run("pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK))
    stamp.write_text(digest, encoding="utf-8")
    return python


def _base_interpreter() -> str | None:
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    return shutil.which(INTERPRETER)


def _run(*arguments: str) -> None:
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else "uv"
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    subprocess.run([uv, *arguments], check=True, env=environment)
