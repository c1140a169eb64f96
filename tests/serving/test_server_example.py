"""The example of a PostgreSQL server's configuration, tried on a server that is installed here."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from register.settings import PROJECT_ROOT
from tests.free_ports import find_free_port

EXAMPLE = PROJECT_ROOT / "docs" / "deployment" / "postgresql"
INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
PASSWORD = "Correct-horse-7-battery"
ADDRESSES = re.compile(r"192\.0\.2\.\d+/\d+")


@dataclass(frozen=True)
class ExampleServer:
    """A server with the example's files: its socket folder, port and log."""

    folder: Path
    port: int
    has_pgaudit: bool

    def connect(self, user: str, **options: str) -> psycopg.Connection:
        """Connect over TCP with TLS and the test's password, or as `options` say."""
        usual = {"host": "127.0.0.1", "sslmode": "require", "password": PASSWORD}
        target = conninfo.make_conninfo(
            "", dbname="register", user=user, port=self.port, **{**usual, **options}
        )
        return psycopg.connect(target, autocommit=True)

    def read_log(self) -> str:
        """Return what the server has logged."""
        return (self.folder / "log").read_text(encoding="utf-8")


def run_as_owner(command: Sequence[str | Path], owner: pwd.struct_passwd) -> None:
    """Run a command of the server as the user that may run it; root may not."""
    ids = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, capture_output=True, timeout=60, **ids)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def server() -> Iterator[ExampleServer]:
    """A server that runs with the example's files, on a port of its own."""
    if not INSTALLED or shutil.which("openssl") is None:
        pytest.skip("no PostgreSQL server with TLS: `apt install postgresql openssl` installs it")
    programs = INSTALLED[-1].parent
    try:
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError:
        pytest.skip("no user `postgres`, and root may not run a PostgreSQL server")
    libraries = programs.parent / "lib"
    has_pgaudit = (libraries / "pgaudit.so").exists()
    # Not below the folders of pytest: their paths are too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="example-"))
    data = folder / "data"
    shutil.chown(folder, owner.pw_uid, owner.pw_gid)
    port = find_free_port()
    try:
        run_as_owner([programs / "initdb", "-U", "postgres", "-A", "trust", "-D", data], owner)
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        files: list[str | Path] = ["-keyout", data / "server.key", "-out", data / "server.crt"]
        run_as_owner([*request, "-subj", "/CN=localhost", *files], owner)
        write_configuration(data, port, folder, has_pgaudit)
        control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w"]
        run_as_owner([*control, "-l", folder / "log", "start"], owner)
        try:
            create_roles(folder, port)
            yield ExampleServer(folder, port, has_pgaudit)
        finally:
            run_as_owner([*control, "-m", "immediate", "stop"], owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_configuration(data: Path, port: int, folder: Path, has_pgaudit: bool) -> None:
    """Write the example's files into a server's folder, for connections from this machine."""
    rules = ADDRESSES.sub("127.0.0.1/32", (EXAMPLE / "pg_hba.conf").read_text(encoding="utf-8"))
    # The test is not the operating system's user `postgres`, whom `peer` would demand.
    (data / "pg_hba.conf").write_text(rules.replace("peer", "trust"), encoding="utf-8")
    settings = (EXAMPLE / "register.conf").read_text(encoding="utf-8")
    if not has_pgaudit:
        settings = settings.replace(", pgaudit'", "'")
    own = f"port = {port}\nunix_socket_directories = '{folder}'\nlisten_addresses = '127.0.0.1'\n"
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(settings + own)


def create_roles(folder: Path, port: int) -> None:
    """Create the database and the roles as the guidance says."""
    administrator = conninfo.make_conninfo("", host=str(folder), port=port, user="postgres")
    with psycopg.connect(administrator, dbname="postgres", autocommit=True) as connection:
        for role in ("national", "exact", "area", "aggregate", "quality"):
            connection.execute(f"create role register_{role}")
        connection.execute(f"create role register_loader login createrole password '{PASSWORD}'")
        connection.execute(f"create role leeds_analyst login password '{PASSWORD}'")
        connection.execute("grant register_area to leeds_analyst")
        connection.execute(f"create role stranger login password '{PASSWORD}'")
        connection.execute("create database register owner register_loader")


def test_members_and_the_loader_connect_with_tls(server: ExampleServer) -> None:
    """Prevents an example that locks out those whom it is for."""
    for user in ("register_loader", "leeds_analyst"):
        with server.connect(user) as connection:
            row = connection.execute(
                "select version from pg_stat_ssl where pid = pg_backend_pid() and ssl"
            ).fetchone()
        assert row is not None
        assert row[0] in {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize(
    ("user", "options"),
    [
        ("leeds_analyst", {"sslmode": "disable"}),
        ("leeds_analyst", {"password": "wrong"}),
        ("stranger", {}),
        ("postgres", {}),
    ],
    ids=["without TLS", "wrong password", "no member", "the superuser over the network"],
)
def test_all_others_are_refused(server: ExampleServer, user: str, options: dict[str, str]) -> None:
    """Prevents passwords in the open, and a role that nobody granted anything from connecting."""
    with pytest.raises(psycopg.OperationalError):
        server.connect(user, **options)


def test_a_wrong_password_is_answered_slowly(server: ExampleServer) -> None:
    """Prevents passwords from being tried by the thousand."""
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        server.connect("leeds_analyst", password="wrong")
    assert time.monotonic() - began >= 0.5


def test_weak_passwords_are_refused_and_others_stored_as_verifiers(server: ExampleServer) -> None:
    """Prevents a password that is guessed at once, or that a copy of the server gives away."""
    with psycopg.connect(
        host=str(server.folder), port=server.port, user="postgres", dbname="postgres"
    ) as connection:
        with pytest.raises(psycopg.Error, match="password"):
            connection.execute("alter role leeds_analyst password 'short'")
        connection.rollback()
        stored = connection.execute(
            "select rolpassword from pg_authid where rolname = 'leeds_analyst'"
        ).fetchone()
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")


def test_the_log_has_connections_and_no_values(server: ExampleServer) -> None:
    """Prevents rows or passwords from reaching the server's log by a statement that fails."""
    with server.connect("leeds_analyst") as connection, pytest.raises(psycopg.Error):
        connection.execute("select 'Okonkwo-Invented' from no_such_relation")
    log = server.read_log()
    assert "connection authorized: user=leeds_analyst database=register SSL enabled" in log
    assert "no_such_relation" in log
    assert "Okonkwo-Invented" not in log
    assert PASSWORD not in log


def test_reads_are_audited_by_relation(server: ExampleServer) -> None:
    """Prevents a read of a served relation that nobody can find later."""
    if not server.has_pgaudit:
        pytest.skip("no pgaudit: `apt install postgresql-<version>-pgaudit` installs it")
    with server.connect("register_loader") as connection:
        connection.execute("create table read_by_somebody (value text)")
        connection.execute("select * from read_by_somebody")
    assert re.search(r"AUDIT: .*READ,SELECT,TABLE,public\.read_by_somebody", server.read_log())
