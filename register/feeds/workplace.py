"""Where one load works, and what it must know to prepare a delivery: the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Workplace:
    """Folders, passwords by supplier, the moment of the load, and the version of our code."""

    inbox: Path
    landing: Path
    seeds: Path
    zip_passwords: Mapping[str, str]
    now: datetime
    code_version: str
