"""Which deliveries of the inbox were seen before, so that they need not be read again.

Only a cache: it may be deleted at any time, and then every delivery is read and recognised by
its content once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from register.feeds.inbox import InboxDelivery

CACHE = ".cache/fingerprints.json"


@dataclass
class Fingerprints:
    """The fingerprint of each place in the inbox when it was last landed, and as what."""

    landing: Path
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)

    def holds(self, item: InboxDelivery) -> bool:
        """Whether this very delivery was landed and its folder is still there."""
        fingerprint, folder = self.seen.get(item.place, ("", ""))
        return fingerprint == item.fingerprint and (self.landing / folder).is_dir()

    def add(self, item: InboxDelivery, folder: str) -> None:
        """Remember that the delivery is landed in `folder` (relative to landing)."""
        self.seen[item.place] = (item.fingerprint, folder)

    def save(self, items: Iterable[InboxDelivery]) -> None:
        """Write the cache, forgetting what is no longer in the inbox."""
        present = {item.place for item in items}
        kept = {place: list(seen) for place, seen in self.seen.items() if place in present}
        path = self.landing / CACHE
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(path)


def read_fingerprints(landing: Path) -> Fingerprints:
    """Read the cache; a missing or damaged one is empty, since it can be made again."""
    try:
        stored = json.loads((landing / CACHE).read_text(encoding="utf-8"))
        seen = {place: (str(sign), str(folder)) for place, (sign, folder) in stored.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        seen = {}
    return Fingerprints(landing, seen)
