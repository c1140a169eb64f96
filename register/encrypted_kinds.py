"""The list of every kind of file that is encrypted in a home with keys."""

from __future__ import annotations

from register.key_rotation import FileKind

ENCRYPTED_KINDS: tuple[FileKind, ...] = ()
