"""The choice of the inbox's storage, from the settings."""

from __future__ import annotations

from register.feeds.inbox_storage import Inbox, LocalInbox
from register.settings import Settings


def open_inbox(settings: Settings) -> Inbox:
    """Return the inbox of an installation. No connection is made before it is used."""
    chosen = settings.inbox_settings
    if not chosen.is_remote:
        return LocalInbox(settings.inbox, must_exist=bool(chosen.place))
    # The libraries of a storage are loaded only where it is used.
    if chosen.place.startswith("sftp:"):
        from register.feeds.sftp_inbox import SftpInbox

        return SftpInbox(chosen.place, chosen.options)
    from register.feeds.object_inbox import ObjectInbox

    return ObjectInbox(chosen.place, chosen.options)
