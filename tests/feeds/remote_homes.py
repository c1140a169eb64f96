"""Homes whose inbox is on a server that the tests start: S3-compatible, Azure's or OpenSSH's."""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from register.home import prepare_home
from register.settings import load_settings
from tests.feeds.deliveries import Home
from tests.feeds.sftp_server import SftpServer, running_sftp_server
from tests.free_ports import find_free_port
from tests.npm_packages import MISSING, install_package

SECRET = "store-secret"
# A drill: npm installs the server.
AZURE = pytest.param("azure", marks=pytest.mark.drill)
AZURITE = "azurite@3.35.0"
AZURE_SECRET = base64.b64encode(SECRET.encode()).decode()
# The buckets of all servers of a process are the same, so each test has its own.
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class RemoteStore:
    """An inbox on a server: its settings, and the means of a supplier and of a test's eye."""

    address: str
    options: Mapping[str, Any]
    server: SftpServer | None = None

    @property
    def bucket(self) -> str:
        """The bucket of an object store, or its container."""
        return urlsplit(self.address).netloc

    @property
    def named(self) -> str:
        """What an error names of the server: its address, or else the container."""
        return self.bucket if self.address.startswith("abfs") else "127.0.0.1"

    @property
    def objects(self) -> Any:
        """An object store as a client of a supplier sees it."""
        kind = urlsplit(self.address).scheme
        return fsspec.filesystem(
            kind, skip_instance_cache=True, use_listings_cache=False, **self.options
        )

    def make_inbox(self) -> RemoteStore:
        """Return an empty inbox of its own on the same server."""
        number = next(_NUMBERS)
        if self.server is None:
            bucket = f"inbox-{number}"
            store = RemoteStore(f"{urlsplit(self.address).scheme}://{bucket}", self.options)
            store.objects.mkdir(bucket)
            return store
        folder = self.server.folder / f"inbox_{number}"
        folder.mkdir()
        server = replace(self.server, inbox=folder)
        return RemoteStore(server.address, server.options, server)

    def make_home(self, folder: Path) -> Home:
        """Return a home with this inbox."""
        settings = load_settings(
            {
                "REGISTER_ENVIRONMENT": "test",
                "REGISTER_HOME": str(folder),
                "REGISTER_INBOX": self.address,
                "REGISTER_INBOX_OPTIONS": json.dumps(self.options),
            }
        )
        prepare_home(settings)
        return Home(settings)

    def put_files(self, files: Mapping[str, bytes]) -> None:
        """Put files into the inbox, as a supplier does with a client of their own."""
        if self.server is None:
            store = self.objects
            for path, data in files.items():
                store.pipe_file(f"{self.bucket}/{path}", data)
            return
        command = self.server.client_command(self.write_batch(files))
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C"})

    def write_batch(self, files: Mapping[str, bytes]) -> Path:
        """Write the commands with which OpenSSH's client puts files, and return their file."""
        assert self.server is not None
        lines = []
        sent = self.server.folder / "sent"
        sent.mkdir(exist_ok=True)
        for number, (path, data) in enumerate(files.items()):
            (sent / str(number)).write_bytes(data)
            parents = path.split("/")[:-1]
            folders = ["/".join(parents[:end]) for end in range(1, len(parents) + 1)]
            lines += [f'-mkdir "{self.server.inbox}/{folder}"' for folder in folders]
            # As the guide asks: under another name first, then renamed.
            lines.append(f'put "{sent / str(number)}" "{self.server.inbox}/{path}.part"')
            lines.append(f'rename "{self.server.inbox}/{path}.part" "{self.server.inbox}/{path}"')
        batch = self.server.folder / "batch"
        batch.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return batch

    def list_content(self) -> dict[str, tuple[int, str]]:
        """Return the size and the version or time of each file, as the server has it."""
        if self.server is None:
            found = self.objects.find(self.bucket, detail=True)
            # The names of a version and of a time differ between the libraries of the two stores.
            return {
                path: (
                    info["size"],
                    str([info.get(name) for name in ("ETag", "etag", "LastModified")]),
                )
                for path, info in found.items()
            }
        return {
            str(path): (path.stat().st_size, str(path.stat().st_mtime_ns))
            for path in self.server.inbox.rglob("*")
            if path.is_file()
        }


@contextmanager
def running_s3_store() -> Iterator[RemoteStore]:
    """Start moto's server, which has no bucket yet."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options = {"key": "any", "secret": SECRET, "endpoint_url": f"http://{host}:{port}"}
        yield RemoteStore("s3://", options)
    finally:
        server.stop()


@contextmanager
def running_azure_store(folder: Path) -> Iterator[RemoteStore]:
    """Start Azurite, which has no container yet; a drill, because npm installs it."""
    node, port = install_package(AZURITE, folder), find_free_port()
    if node is None:
        pytest.skip(MISSING)
    program = "node_modules/azurite/dist/src/blob/main.js"
    words = [node, program, "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    words += ["--skipApiVersionCheck", "--disableTelemetry"]
    accounts = {"AZURITE_ACCOUNTS": f"any:{AZURE_SECRET}"}
    with subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | accounts,
    ) as process:
        assert process.stdout is not None
        while "successfully listens" not in (line := process.stdout.readline()):
            assert line, "Azurite ended"
        address = f"http://127.0.0.1:{port}/any"
        connection = (
            f"DefaultEndpointsProtocol=http;AccountName=any;AccountKey={AZURE_SECRET};"
            f"BlobEndpoint={address};"
        )
        yield RemoteStore("abfs://", {"connection_string": connection})
        process.terminate()


@contextmanager
def sharing_servers(make_folder: Callable[[str], Path]) -> Iterator[Callable[[str], RemoteStore]]:
    """Start the server of a kind (`s3`, `azure` or `sftp`) when it is first asked for."""
    with ExitStack() as running:

        @cache
        def start(kind: str) -> RemoteStore:
            folder = make_folder(kind)
            if kind == "sftp":
                server = running.enter_context(running_sftp_server(folder / "server"))
                return RemoteStore(server.address, server.options, server)
            store = running_s3_store() if kind == "s3" else running_azure_store(folder)
            return running.enter_context(store)

        yield start
