"""The links `published/parquet` and `published/parquet_exact` to the latest complete packages."""

from __future__ import annotations

import os

from register.access import PARQUET
from register.durable import point_link
from register.settings import Settings


def point_parquet(settings: Settings, generation_id: str, name: str = PARQUET) -> None:
    """Point the link `name` to the Parquet package of this name in a kept generation."""
    before = parquet_generation(settings, name)
    if before == generation_id:
        return
    if before is not None and (settings.published / before).is_dir():
        # From now on, readers of the former package have a grace period.
        os.utime(settings.published / before)
    point_link(settings.published / name, f"{generation_id}/{name}")


def parquet_generation(settings: Settings, name: str = PARQUET) -> str | None:
    """Return the id of the generation whose Parquet package is served; None if none is."""
    try:
        return (settings.published / name).readlink().parent.name
    except FileNotFoundError:
        return None
