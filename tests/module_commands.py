"""Commands of pages that run a module, held to the module's own options."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path


def unknown_words(command: str) -> list[str]:
    """Return the module, or the options, of a `python -m` command that the project has not."""
    python, dash_m, module, *words = shlex.split(command)
    assert (python, dash_m) == ("python", "-m"), command
    spec = find_spec(module)
    if spec is not None and spec.submodule_search_locations:
        spec = find_spec(f"{module}.__main__")
    if spec is None or spec.origin is None:
        return [module]
    code = Path(spec.origin).read_text(encoding="utf-8")
    options = [word.removeprefix("--") for word in words if word.startswith("--")]
    # Typer makes an option of an argument's name unless it is given one.
    return [each for each in options if each.replace("-", "_") not in code.replace("-", "_")]
