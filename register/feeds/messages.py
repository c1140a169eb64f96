"""Messages to suppliers: each is written into the outbox, and sent by the way of deliveries.

Everything that tells a supplier something goes through this module. A message that the inbox does
not take stays in the outbox, and the next load sends it again.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from register.access import PRIVATE_FOLDER
from register.durable import write_whole
from register.feeds.contract import load_contracts
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import Inbox
from register.feeds.outbox import PRIVATE, SENT_FOLDER, UNKNOWN
from register.feeds.seeds import load_suppliers
from register.private_files import read_private, write_private
from register.settings import Settings

LOGGER = logging.getLogger(__name__)
UNSENT_FILE = "unsent.json"
# After this many failures in a row, the storage is taken to be out of reach.
MAX_FAILURES_IN_ROW = 3


@dataclass(frozen=True)
class Message:
    """A message to a supplier about a feed. `name` is its path within the supplier's outbox."""

    feed: str
    supplier_code: str
    name: str
    content: bytes


# The feed, the supplier and the name of a message that is still to be sent.
Unsent = tuple[str, str, str]


def send_message(
    settings: Settings, feed: str, supplier_code: str, name: str, content: bytes
) -> bool:
    """Send one message, and return whether it was sent; see `send_messages`."""
    return send_messages(settings, [Message(feed, supplier_code, name, content)]) == 0


def send_messages(settings: Settings, messages: Iterable[Message]) -> int:
    """Write messages into the outbox and send them, with those that were not sent before.

    A message goes into the supplier's folder of the inbox. For an unknown supplier or feed, it is
    only written into the outbox. Returns the number of messages that the inbox did not take. If
    this is killed, the next call sends the rest.
    """
    known = {(term.supplier_code, term.feed) for term in load_suppliers(settings.seeds)}
    by_key = {(message.feed, message.supplier_code, message.name): message for message in messages}
    with _open_unsent(settings) as path:
        unsent = dict.fromkeys(_read_unsent(path))
        if not by_key and not unsent:
            return 0
        unsent |= dict.fromkeys(key for key in by_key if (key[1], key[0]) in known)
        _write_unsent(path, unsent)
        for message in by_key.values():
            target = _find_in_outbox(settings, message.supplier_code, message.name)
            target.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            write_private(settings.data_keys, target, message.content)
        left = _send(settings, unsent)
        _write_unsent(path, left)
    if left:
        LOGGER.warning(
            "the inbox did not take %d messages to suppliers: the next load tries again", len(left)
        )
    return len(left)


def count_unsent(settings: Settings) -> int:
    """Return the number of messages that the inbox did not take yet."""
    return len(_read_unsent(settings.outbox / SENT_FOLDER / UNSENT_FILE))


def find_outbox_folder(settings: Settings, supplier_code: str) -> Path:
    """Return the folder of a supplier in the outbox; unknown suppliers share one."""
    known = {term.supplier_code for term in load_suppliers(settings.seeds)}
    return settings.outbox / (supplier_code if supplier_code in known else UNKNOWN)


def _find_in_outbox(settings: Settings, supplier_code: str, name: str) -> Path:
    return find_outbox_folder(settings, supplier_code) / name


def _send(settings: Settings, unsent: Iterable[Unsent]) -> list[Unsent]:
    """Send messages of the outbox, and return those that the inbox did not take."""
    inbox: Inbox | None = None
    left: list[Unsent] = []
    failures_in_row = 0
    for feed, supplier_code, name in unsent:
        try:
            content = read_private(
                settings.data_keys, _find_in_outbox(settings, supplier_code, name)
            )
        except FileNotFoundError:
            # A person removed it, or a load was killed before it was written.
            continue
        if failures_in_row == MAX_FAILURES_IN_ROW:
            left.append((feed, supplier_code, name))
            continue
        try:
            inbox = inbox or open_inbox(settings)
            inbox.write_message(feed, supplier_code, Path(name).name, content)
            failures_in_row = 0
        except Exception as error:
            # The error's text may have an address or a secret of the storage in it.
            LOGGER.info("a message was not taken: %s", type(error).__name__)
            left.append((feed, supplier_code, name))
            failures_in_row += 1
    return left


@contextmanager
def _open_unsent(settings: Settings) -> Iterator[Path]:
    """Lock the list of messages that are still to be sent until the block ends."""
    folder = settings.outbox / SENT_FOLDER
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with (folder / ".unsent.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / UNSENT_FILE


def _read_unsent(path: Path) -> list[Unsent]:
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    feeds = load_contracts()
    return [(feed, supplier, name) for feed, supplier, name in rows if feed in feeds]


def _write_unsent(path: Path, unsent: Iterable[Unsent]) -> None:
    rows = [list(key) for key in unsent]
    if rows:
        write_whole(path, json.dumps(rows, indent=1).encode(), PRIVATE)
    else:
        path.unlink(missing_ok=True)
