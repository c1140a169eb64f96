"""Writing the manifest of a folder that a supplier is about to deliver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from register.feeds.delivery import SourceFile
from register.feeds.delivery_check import check_delivery
from register.feeds.delivery_manifest import MANIFEST_NAME, build_manifest
from register.feeds.inbox import UNKNOWN
from register.settings import Settings


class ManifestError(RuntimeError):
    """The files of a folder cannot be listed; the message says why, and names no file."""


@dataclass(frozen=True)
class DeliveryPlace:
    """The feed, supplier and period as which a folder will be delivered."""

    feed: str
    supplier_code: str
    period: str


def write_manifest(settings: Settings, folder: Path, place: DeliveryPlace | None = None) -> Path:
    """Write the manifest of all files in a folder, and return its path.

    If the place is given, the files are read as a load would read them, and the manifest also has
    the numbers of records and of filled values. Raises `ManifestError` if a file cannot be read.
    """
    target = folder / MANIFEST_NAME
    target.unlink(missing_ok=True)
    known = place or DeliveryPlace(UNKNOWN, UNKNOWN, UNKNOWN)
    checked = check_delivery(
        settings, folder, known.feed, known.supplier_code, known.period, datetime.now(UTC)
    )
    if checked.raw.unread is not None:
        raise ManifestError(f"a file cannot be delivered: {checked.raw.unread.rule.value}")
    files: list[SourceFile] = checked.raw.files
    if not files:
        raise ManifestError("the folder has no file")
    target.write_bytes(build_manifest(files, checked.parsed.source))
    return target
