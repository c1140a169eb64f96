"""OpenSSH's server, started by tests on the loopback address: its keys, its port and its log."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.free_ports import find_free_port

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "OpenSSH's server is not installed: apt-get install openssh-server"
CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/user_key.pub
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """A running server; suppliers and the register reach the folder `inbox` on it."""

    folder: Path
    port: int
    process_id: int
    inbox: Path

    @property
    def address(self) -> str:
        """The value of REGISTER_INBOX."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.inbox}"

    @property
    def options(self) -> dict[str, str]:
        """The value of REGISTER_INBOX_OPTIONS."""
        return {
            "key_file": str(self.folder / "user_key"),
            "known_hosts_file": str(self.folder / "known_hosts"),
        }

    def client_command(self, batch: Path) -> list[str]:
        """Return the command of OpenSSH's own client that runs a file of commands."""
        options = {
            "IdentityFile": self.folder / "user_key",
            "UserKnownHostsFile": self.folder / "known_hosts",
            "IdentitiesOnly": "yes",
        }
        chosen = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        target = f"{getpass.getuser()}@127.0.0.1"
        return ["sftp", "-P", str(self.port), *chosen, "-b", str(batch), target]

    def cut_connections(self) -> None:
        """Kill the server's processes of all sessions, as a broken network would."""
        with suppress(psutil.Error):
            for session in psutil.Process(self.process_id).children(recursive=True):
                with suppress(psutil.Error):
                    session.send_signal(signal.SIGKILL)


@contextmanager
def running_sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Start a server with keys of its own, for the user who runs the tests."""
    assert SSHD is not None, MISSING
    (folder / "inbox").mkdir(parents=True)
    # OpenSSH's server asks for this folder when it starts as root.
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host_key", "user_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    port = find_free_port()
    key = " ".join((folder / "host_key.pub").read_text(encoding="utf-8").split()[:2])
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}\n", encoding="utf-8")
    configuration = folder / "sshd_config"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder), encoding="utf-8")
    process = subprocess.Popen([SSHD, "-D", "-f", str(configuration), "-E", str(folder / "log")])
    try:
        _wait_for_port(port)
        yield SftpServer(folder, port, process.pid, folder / "inbox")
    finally:
        process.terminate()
        process.wait()


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError("the SFTP server does not start")
