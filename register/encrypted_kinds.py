"""The list of every kind of file that is encrypted in a home with keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from register.databases import copy_database, find_database_key, is_encrypted
from register.feeds import encrypt_raw_folder, list_raw_folders
from register.key_rotation import FileKind
from register.parquet_files import copy_parquet, find_parquet_key, is_encrypted_parquet
from register.private_files import encrypt_again, list_private_files, read_key_id
from register.rewritten_files import replace_file
from register.settings import Settings


def find_plain_files(settings: Settings) -> list[Path]:
    """Return files and folders that are plain although the home has a key ring."""
    if settings.data_keys is None:
        return []
    return [
        *list_raw_folders(settings.landing),
        *(path for path in list_private_files(settings.home) if read_key_id(path) is None),
        *(path for path in _find_databases(settings) if not is_encrypted(path)),
        *(path for path in _find_landed_tables(settings) if not is_encrypted_parquet(path)),
    ]


def _encrypt_raw_copies(settings: Settings, folder: Path) -> None:
    assert settings.data_keys is not None
    encrypt_raw_folder(settings.data_keys, folder)


def _encrypt_private_file(settings: Settings, path: Path) -> None:
    assert settings.data_keys is not None
    encrypt_again(settings.data_keys, path)


def _find_databases(settings: Settings) -> Iterator[Path]:
    yield from settings.warehouse.glob("warehouse.duckdb")
    yield from sorted(settings.published.rglob("case_lists.duckdb"))


def _read_database_key_id(settings: Settings, path: Path) -> str | None:
    assert settings.data_keys is not None
    return find_database_key(settings.data_keys, path).id if is_encrypted(path) else None


def _rewrite_database(settings: Settings, path: Path) -> None:
    ring = settings.data_keys
    assert ring is not None
    replace_file(ring, settings.landing, path, lambda partial: copy_database(ring, path, partial))


def _find_landed_tables(settings: Settings) -> Iterator[Path]:
    """Yield the Parquet files of deliveries, also of damaged ones, and the empty `schema` files."""
    for path in sorted(settings.landing.rglob("*.parquet")):
        if path.parent != settings.landing / "reference" and not path.name.startswith("."):
            yield path


def _read_table_key_id(settings: Settings, path: Path) -> str | None:
    if not is_encrypted_parquet(path):
        return None
    key = find_parquet_key(settings.data_keys, path)
    return None if key is None else key.id


def _rewrite_table(settings: Settings, path: Path) -> None:
    ring = settings.data_keys
    assert ring is not None
    replace_file(ring, settings.landing, path, lambda partial: copy_parquet(ring, path, partial))


ENCRYPTED_KINDS: tuple[FileKind, ...] = (
    FileKind("databases", _find_databases, _read_database_key_id, _rewrite_database),
    FileKind("landed tables", _find_landed_tables, _read_table_key_id, _rewrite_table),
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
