"""Copies of the Parquet package in a folder and in an object store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest

from register.publishing import PublishError
from register.serving import serve
from register.settings import Settings
from register.storage_settings import ServedCopySettings
from tests.feeds.remote_homes import AZURE, running_azure_store
from tests.serving.object_store import SECRET, running_object_store
from tests.serving.registers import KEYS, published


@pytest.fixture(params=["folder", "s3", AZURE])
def copied(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> Iterator[tuple[Settings, Any, str]]:
    """Settings with a place of copies, a file system that sees it, and its root."""
    if request.param == "folder":
        place = str(tmp_path / "copies")
        yield (
            replace(settings, served_copy=ServedCopySettings(place)),
            fsspec.filesystem("file"),
            place,
        )
        return
    if request.param == "azure":
        (tmp_path / "azurite").mkdir()
        with running_azure_store(tmp_path / "azurite") as server:
            azure = server.make_inbox()
            chosen = ServedCopySettings(azure.address, azure.options)
            yield replace(settings, served_copy=chosen), azure.objects, azure.bucket
        return
    with running_object_store() as store:
        place = store.bucket()
        options = {"key": "any", "secret": SECRET, "endpoint_url": store.endpoint}
        chosen = ServedCopySettings(place, options)
        files = fsspec.filesystem(
            "s3", skip_instance_cache=True, use_listings_cache=False, **options
        )
        yield replace(settings, served_copy=chosen), files, place.removeprefix("s3://")


def _read_pointer(files: Any, root: str) -> dict[str, str]:
    pointer: dict[str, str] = json.loads(files.cat_file(f"{root}/parquet/current.json"))
    return pointer


def test_the_pointer_names_a_complete_copy(copied: tuple[Settings, Any, str]) -> None:
    """Prevents a reader of the store from getting other files than those in the home."""
    settings, files, root = copied
    generation = published(settings, 1)
    served = serve(settings, "parquet", KEYS)
    pointer = _read_pointer(files, root)
    assert pointer["generation"] == generation.generation_id
    descriptor = json.loads(files.cat_file(f"{root}/parquet/{pointer['datapackage']}"))
    folder = Path(str(served["folder"]))
    for file in descriptor["files"]:
        copy = files.cat_file(f"{root}/parquet/{generation.generation_id}/{file['path']}")
        assert copy == (folder / file["path"]).read_bytes()


def test_a_copy_that_breaks_off_leaves_readers_on_the_one_before(
    copied: tuple[Settings, Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents readers from seeing half a load, and the error from telling a secret."""
    settings, files, root = copied
    first = published(settings, 1)
    serve(settings, "parquet", KEYS)
    second = published(settings, 2)
    real, calls = type(files).put_file, 0

    def broken(self, *details, **options):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionResetError(SECRET)
        return real(self, *details, **options)

    monkeypatch.setattr(type(files), "put_file", broken)
    with pytest.raises(PublishError, match="ConnectionResetError") as caught:
        serve(settings, "parquet", KEYS)
    assert SECRET not in str(caught.value)
    assert _read_pointer(files, root)["generation"] == first.generation_id
    monkeypatch.setattr(type(files), "put_file", real)
    serve(settings, "parquet", KEYS)
    assert _read_pointer(files, root)["generation"] == second.generation_id


def test_only_copies_of_generations_that_are_kept_stay(
    copied: tuple[Settings, Any, str],
) -> None:
    """Prevents a copy from keeping what the home has erased, and the loss of others' files."""
    settings, files, root = copied
    published(settings, 1)
    serve(settings, "parquet", KEYS)
    old, foreign = "20200101T000000-000000", "others"
    for name in (old, foreign):
        files.makedirs(f"{root}/parquet/{name}", exist_ok=True)
        files.pipe_file(f"{root}/parquet/{name}/file", b"x")
    second = published(settings, 2)
    serve(settings, "parquet", KEYS)
    names = {item.rstrip("/").rpartition("/")[2] for item in files.ls(f"{root}/parquet", False)}
    assert {second.generation_id, foreign, "current.json"} <= names
    assert old not in names
