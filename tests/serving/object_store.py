"""An S3-compatible server of its own for the tests that need one, and lakes of each form."""

from __future__ import annotations

import itertools
import logging
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from duckdb_extensions import import_extension
from moto.server import ThreadedMotoServer

from register.settings import Settings
from register.variables import LakeSettings

SECRET = "hidden-key"


@dataclass
class ObjectStore:
    """A running server; its buckets are empty when they are made."""

    endpoint: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def bucket(self) -> str:
        """Make an empty bucket; return its address."""
        name = f"lake-{next(self._numbers)}"
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")  # noqa: S310 - ours
        with urllib.request.urlopen(request):  # noqa: S310
            return f"s3://{name}/register"


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Start a server of this process on the loopback address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield ObjectStore(f"http://{host}:{port}")
    finally:
        server.stop()


def lake_in_folder(folder: Path) -> LakeSettings:
    """Settings of a lake whose catalogue is a file, and whose data are in a folder."""
    return LakeSettings(str(folder / "lake" / "register.ducklake"), str(folder / "lake" / "data"))


def lake_in_store(catalogue: str, store: ObjectStore) -> LakeSettings:
    """Settings of a lake with its data in an object store."""
    return LakeSettings(
        catalogue, store.bucket(), s3_endpoint=store.endpoint, s3_key_id="any", s3_secret=SECRET
    )


@contextmanager
def reading(settings: Settings, *options: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader's connection, as docs/reference/serving.md describes it."""
    lake = settings.lake
    with duckdb.connect() as connection:
        _load(connection, "ducklake")
        if lake.catalogue.startswith("postgres:"):
            _load(connection, "postgres_scanner")
        if lake.s3_endpoint:
            _load(connection, "httpfs")
            connection.execute(
                f"create secret (type s3, key_id 'any', secret '{lake.s3_secret}', url_style"
                f" 'path', use_ssl false, endpoint '{lake.s3_endpoint.removeprefix('http://')}')"
            )
        chosen = ", ".join(("read_only", *options))
        connection.execute(f"attach 'ducklake:{lake.catalogue}' as lake ({chosen})")
        yield connection


def _load(connection: duckdb.DuckDBPyConnection, extension: str) -> None:
    import_extension(extension)
    connection.execute(f"load {extension}")
