"""What a draft needs of the programs around it, given by the code that runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from register.settings import Settings

Progress = Callable[[str], None]
# Build and test the models of a tag on the files of a generation, with environment variables.
Build = Callable[[Settings, Path, str, Mapping[str, str]], None]
# The critical expectations that a generation fails; None where it was not measured.
CriticalFailures = Callable[[Settings, str], list[str] | None]


def _ignore(_: str) -> None:
    return None


@dataclass(frozen=True)
class ReleaseTools:
    """How models are built, how a generation was judged, and where progress is shown."""

    build: Build
    critical_failures: CriticalFailures
    progress: Progress = _ignore
