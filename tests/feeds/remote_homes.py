"""Homes whose inbox is on a server that the tests start: S3-compatible, or OpenSSH's."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fsspec
from moto.server import ThreadedMotoServer

from register.home import prepare_home
from register.settings import load_settings
from tests.feeds.deliveries import Home
from tests.feeds.sftp_server import SftpServer

SECRET = "store-secret"
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
        """The bucket of an object store."""
        return self.address.removeprefix("s3://")

    def make_inbox(self) -> RemoteStore:
        """Return an empty inbox of its own on the same server."""
        number = next(_NUMBERS)
        if self.server is None:
            bucket = f"inbox-{number}"
            store = fsspec.filesystem("s3", skip_instance_cache=True, **self.options)
            store.mkdir(bucket)
            return RemoteStore(f"s3://{bucket}", self.options)
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
            store = fsspec.filesystem("s3", skip_instance_cache=True, **self.options)
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
            store = fsspec.filesystem("s3", skip_instance_cache=True, **self.options)
            found = store.find(self.bucket, detail=True)
            return {
                path: (info["size"], info["ETag"] + str(info["LastModified"]))
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
