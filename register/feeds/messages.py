"""Messages to suppliers."""

from __future__ import annotations

from register.private_files import write_private
from register.settings import Settings


def send_message(
    settings: Settings, feed: str, supplier_code: str, name: str, content: bytes
) -> None:
    """Write a message to a supplier into the outbox."""
    path = settings.outbox / supplier_code / feed / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(settings.data_keys, path, content)
