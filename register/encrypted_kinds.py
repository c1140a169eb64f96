"""The list of every kind of file that is encrypted in a home with keys."""

from __future__ import annotations

from pathlib import Path

from register.feeds import encrypt_raw_folder, list_raw_folders
from register.key_rotation import FileKind
from register.private_files import encrypt_again, list_private_files, read_key_id
from register.settings import Settings


def find_plain_files(settings: Settings) -> list[Path]:
    """Return files and folders that are plain although the home has a key ring."""
    if settings.data_keys is None:
        return []
    return [
        path
        for kind in ENCRYPTED_KINDS
        for path in kind.find_files(settings)
        if kind.read_key_id(settings, path) is None
    ]


def _encrypt_raw_copies(settings: Settings, folder: Path) -> None:
    assert settings.data_keys is not None
    encrypt_raw_folder(settings.data_keys, folder)


def _encrypt_private_file(settings: Settings, path: Path) -> None:
    assert settings.data_keys is not None
    encrypt_again(settings.data_keys, path)


ENCRYPTED_KINDS: tuple[FileKind, ...] = (
    FileKind(
        "plain folders of raw copies",
        lambda settings: list_raw_folders(settings.landing),
        lambda _settings, _folder: None,
        _encrypt_raw_copies,
    ),
    FileKind(
        "private files",
        lambda settings: list_private_files(settings.home),
        lambda _settings, path: read_key_id(path),
        _encrypt_private_file,
    ),
)
