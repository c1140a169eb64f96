"""Libraries that only some formats need."""

from __future__ import annotations

import importlib
from types import ModuleType

from suppression_attack.description import DescriptionError


def import_optional(module: str, extra: str, name: str) -> ModuleType:
    """Return a module; raise `DescriptionError` that says how to install it to read `name`."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        needed = f"pip install 'suppression-attack[{extra}]'"
        raise DescriptionError(f"{name} cannot be read without {module}: {needed}") from error
