"""Copies of the served Parquet packages in another folder or in an object store.

`<place>/<package>/<generation>/` has a package, and `<place>/<package>/current.json` names the
generation that readers should open. It is written last, so a reader never sees half a package.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from register.durable import write_whole
from register.generation_ids import GENERATION
from register.hashing import hash_file
from register.publishing import PublishError, kept_generations
from register.serving import datapackage
from register.settings import Settings

POINTER = "current.json"


def copy_parquet(settings: Settings, package: Path) -> str:
    """Copy a package to the place of copies, point to it, and return the copy's address.

    Copies of generations that this home no longer keeps are removed. Raises `PublishError` if the
    place cannot be written; its readers keep the copy before.
    """
    chosen = settings.served_copy
    is_remote = "://" in chosen.place
    kind = urlsplit(chosen.place).scheme if is_remote else "file"
    name, generation_id = package.name, package.resolve().parent.name
    try:
        options = {"use_listings_cache": False} if is_remote else {"auto_mkdir": True}
        store = fsspec.filesystem(kind, skip_instance_cache=True, **{**options, **chosen.options})
        address = urlsplit(chosen.place)
        place = f"{address.netloc}{address.path}" if is_remote else chosen.place
        target = f"{place.rstrip('/')}/{name}"
        _copy_files(store, package, f"{target}/{generation_id}")
        pointer = {
            "generation": generation_id,
            "datapackage": f"{generation_id}/{datapackage.FILE}",
            "hash": datapackage.HASH + hash_file(package / datapackage.FILE),
        }
        content = json.dumps(pointer, indent=1).encode()
        if is_remote:
            store.pipe_file(f"{target}/{POINTER}", content)
        else:
            write_whole(Path(target, POINTER), content, mode=0o600)
        kept = {item.generation_id for item in kept_generations(settings)} | {generation_id}
        _remove_old(store, target, kept)
    except Exception as error:
        # The text of a library's error may have secrets of the store.
        raise PublishError(
            f"the copy of {name} cannot be written ({kind}, {type(error).__name__}): check"
            " REGISTER_SERVE_COPY and REGISTER_SERVE_COPY_OPTIONS, then run"
            f" `register serve {name}`"
        ) from None
    return f"{chosen.place}/{name}/{generation_id}"


def _copy_files(store: Any, package: Path, target: str) -> None:
    """Copy the files of a package, its descriptor last. A copy with a descriptor is complete."""
    if store.exists(f"{target}/{datapackage.FILE}"):
        return
    files = sorted(path for path in package.rglob("*") if path.is_file())
    files.sort(key=lambda path: path.name == datapackage.FILE)
    for path in files:
        copy = f"{target}/{path.relative_to(package).as_posix()}"
        store.put_file(str(path), copy)
        if store.info(copy)["size"] != path.stat().st_size:
            raise OSError("a file was cut")


def _remove_old(store: Any, target: str, kept: set[str]) -> None:
    """Remove copies of generations that are not kept, and nothing else."""
    for entry in store.ls(target, detail=True):
        name = entry["name"].rstrip("/").rpartition("/")[2]
        if entry["type"] == "directory" and name not in kept and GENERATION.match(name):
            store.rm(f"{target}/{name}", recursive=True)
