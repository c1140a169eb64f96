"""Libraries that only some formats need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from suppression_attack.description import DescriptionError


@contextmanager
def require_library(library: str, extra: str, name: str) -> Iterator[None]:
    """Raise `DescriptionError`, which says how to read `name`, if the block cannot import it."""
    try:
        yield
    except ImportError as error:
        needed = f"pip install 'suppression-attack[{extra}]'"
        raise DescriptionError(f"{name} cannot be read without {library}: {needed}") from error
