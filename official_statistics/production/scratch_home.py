"""A home for one rebuild: landing and decisions of another home, and nothing else of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from register.home import prepare_home
from register.settings import Settings


@contextmanager
def scratch_home(settings: Settings) -> Iterator[Settings]:
    """Make such a home inside the other, and remove it at the end.

    A rebuild in it reads what landed and what was decided, and writes a warehouse and generations
    of its own: the other's stay as they are.
    """
    with tempfile.TemporaryDirectory(prefix=".rebuilt-", dir=settings.home) as name:
        scratch = replace(settings, home=Path(name))
        for folder in (settings.landing, settings.decisions, settings.models, settings.truth):
            if folder.is_dir():
                (scratch.home / folder.name).symlink_to(folder.resolve(), target_is_directory=True)
        if settings.simulation_declaration.is_file():
            shutil.copy(settings.simulation_declaration, scratch.simulation_declaration)
        prepare_home(scratch)
        yield scratch
