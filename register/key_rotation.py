"""Rewriting of encrypted files under the current key.

Each kind of encrypted file is declared as a `FileKind`; `register.encrypted_kinds` lists them all.
The functions work on one file after another, so an interrupted rotation continues where it ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from register.rewritten_files import renew_record
from register.settings import Settings

PLAIN = "not encrypted"


class RotationError(RuntimeError):
    """Files of the home are not under the current key; the message says what to do."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is encrypted in a home with keys.

    `find_files` lists the files. `read_key_id` returns the id of the key that a file is under, and
    None for a plain file. `rewrite` replaces a file, atomically, by the same content under the
    current key.
    """

    name: str
    find_files: Callable[[Settings], Iterable[Path]]
    read_key_id: Callable[[Settings, Path], str | None]
    rewrite: Callable[[Settings, Path], None]


def count_files(settings: Settings, kinds: Iterable[FileKind]) -> Counter[tuple[str, str]]:
    """Count files by kind and by the id of their key; plain files count as `PLAIN`."""
    return Counter(
        (kind.name, kind.read_key_id(settings, path) or PLAIN)
        for kind in kinds
        for path in kind.find_files(settings)
    )


def check_rotation(settings: Settings, kinds: Iterable[FileKind]) -> None:
    """Raise `RotationError` if a file is plain, or under a former key, as a build reads neither."""
    if settings.data_keys is None:
        return
    current = settings.data_keys.current.id
    others = sum(
        count for (_, key_id), count in count_files(settings, kinds).items() if key_id != current
    )
    if others:
        raise RotationError(
            f"{others:,} files are not encrypted under the key {current}:"
            " run `register keys rotate`"
        )


def rotate_files(settings: Settings, kinds: Iterable[FileKind]) -> Iterator[tuple[FileKind, Path]]:
    """Rewrite every file that is plain or under a former key, and yield it when it is done.

    The home must have a key ring.
    """
    assert settings.data_keys is not None
    current = settings.data_keys.current.id
    for kind in kinds:
        for path in list(kind.find_files(settings)):
            if kind.read_key_id(settings, path) != current:
                kind.rewrite(settings, path)
                yield kind, path
    renew_record(settings.data_keys, settings.landing)
