"""An upload that is cut or killed at any moment is completed later, and never read in half."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from register.feeds import land_everything, read_ledger
from register.settings import PROJECT_ROOT, Settings
from tests.free_ports import find_free_port
from tests.web.supplier_home import (
    API,
    FORCE,
    PERIOD,
    SupplierHome,
    build_files,
    hash_inbox,
    make_supplier_home,
)

pytestmark = pytest.mark.drill
FILES = {**build_files(40), "more.csv": build_files(3)["reports.csv"]}
DATA = FILES["reports.csv"]
HALF = len(DATA) // 2
SECONDS = 240
MOMENTS = (0.05, 0.35, 0.65, 0.95)


@contextmanager
def serve(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`register web` in a process of its own: the process and its port."""
    port = find_free_port()
    command = [sys.executable, "-m", "interfaces.command_line", "web", "--port", str(port)]
    environment = {**os.environ, "REGISTER_HOME": str(settings.home)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        try:
            yield process, port
        finally:
            process.kill()


def cut_part(port: int, token: str, upload_id: str, offset: int, count: int) -> socket.socket:
    """Begin to send the rest of the first file, and send only some bytes of it."""
    head = (
        f"PATCH {API}/uploads/{upload_id}/files/1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {token}\r\nUpload-Offset: {offset}\r\n"
        f"Content-Length: {len(DATA) - offset}\r\n\r\n"
    )
    client = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    client.sendall(head.encode() + DATA[offset : offset + count])
    return client


def ask(port: int, token: str, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """Send a request to the server; its status. A cut connection is 0."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request(
            method, API + path, body, {"Authorization": f"Bearer {token}", **headers}
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def complete(suppliers: SupplierHome, upload_id: str) -> None:
    """Go on as a supplier's system does after an interruption, and compare what landed."""
    api, settings = suppliers.open_api(), suppliers.settings
    for number, data in enumerate(FILES.values(), start=1):
        head = api.send("HEAD", f"/uploads/{upload_id}/files/{number}")
        offset = int(head.headers["upload-offset"])
        if offset < len(data):
            sent = api.send_part(upload_id, number, offset, data[offset:])
            assert sent.status == 204, sent.text
    answer = api.send("POST", f"/uploads/{upload_id}/confirm")
    assert answer.status == 202, answer.text
    upload = api.wait(upload_id)
    (entry,) = read_ledger(settings)
    assert upload["delivery_id"] == entry.delivery_id
    assert entry.landed_row_count + entry.quarantined_row_count == entry.received_row_count


def check_nothing_half(settings: Settings, expected: dict[str, str]) -> None:
    """A load that runs now reads the whole delivery or nothing."""
    land_everything(settings)
    assert hash_inbox(settings) in ({}, expected)
    for entry in read_ledger(settings):
        assert len(list((settings.landing / entry.feed / entry.delivery_id / "raw").iterdir())) == 2


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, str]:
    """What the inbox has after an upload that nobody interrupted."""
    whole = make_supplier_home(tmp_path / "whole")
    folder = whole.settings.inbox / "police_reports" / FORCE / PERIOD
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return hash_inbox(whole.settings)


def test_a_part_that_is_cut_or_whose_server_dies_goes_on(
    suppliers: SupplierHome, expected: dict[str, str]
) -> None:
    """Prevents a broken connection or a killed server from costing a file or damaging it."""
    api, token = suppliers.open_api(), suppliers.tokens[FORCE]
    upload_id = json.loads(api.start(FILES).text)["upload_id"]
    place = f"/uploads/{upload_id}/files/1"

    def read_offset(least: int) -> int:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            offset = int(api.send("HEAD", place).headers["upload-offset"])
            if offset >= least:
                return offset
            time.sleep(0.1)
        raise AssertionError(offset)

    with serve(suppliers.settings) as (_, port):
        # The client ends the connection within a part.
        cut_part(port, token, upload_id, 0, 700).close()
        offset = read_offset(700)
        check_nothing_half(suppliers.settings, expected)
    with serve(suppliers.settings) as (process, port):
        # The server dies within a part.
        client = cut_part(port, token, upload_id, offset, 500)
        offset = read_offset(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        client.close()
    check_nothing_half(suppliers.settings, expected)
    with serve(suppliers.settings) as (process, port):
        # The server dies between two parts.
        offset = read_offset(1)
        sent = ask(port, token, "PATCH", place, DATA[offset:], **{"Upload-Offset": str(offset)})
        assert sent == 204
        process.send_signal(signal.SIGKILL)
        process.wait()
    check_nothing_half(suppliers.settings, expected)
    complete(suppliers, upload_id)
    assert hash_inbox(suppliers.settings) == expected


def run_child(
    suppliers: SupplierHome, step: str, upload_id: str, fatal: int, sent: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Do a step in a process that dies at a file operation."""
    home = str(suppliers.settings.home)
    return subprocess.run(
        [sys.executable, "-m", "tests.web.upload_child", home, step, upload_id, str(fatal)],
        input=sent,
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
    )


def prepare_step(suppliers: SupplierHome, step: str, upload_id: str) -> bytes:
    """Bring an upload to the moment before a step; what the step reads."""
    api = suppliers.open_api()
    if step == "part":
        api.send_part(upload_id, 1, 0, DATA[:HALF])
        return DATA[HALF:]
    for number, data in enumerate(FILES.values(), start=1):
        assert api.send_part(upload_id, number, 0, data).status == 204
    if step == "land":
        assert run_child(suppliers, "confirm", upload_id, 0).returncode == 0
    return b""


@pytest.mark.parametrize("step", ["part", "confirm", "land"])
def test_a_process_that_dies_at_a_step_leaves_all_or_nothing(
    tmp_path: Path, step: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents half a delivery in the inbox or in landing, and one that is lost."""

    def make_home(name: str) -> tuple[SupplierHome, str, bytes]:
        monkeypatch.setenv("REGISTER_HOME", str(tmp_path / name))
        monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
        suppliers = make_supplier_home(tmp_path / name)
        upload_id = json.loads(suppliers.open_api().start(FILES).text)["upload_id"]
        return suppliers, upload_id, prepare_step(suppliers, step, upload_id)

    finished = run_child(*_order(make_home("undisturbed"), step, 0))
    assert finished.returncode == 0, finished.stderr
    total = int(finished.stdout)
    assert total > len(MOMENTS)
    for moment in MOMENTS:
        fatal = max(1, round(moment * total))
        suppliers, upload_id, sent = make_home(f"dies-at-{fatal}")
        died = run_child(suppliers, step, upload_id, fatal, sent)
        assert died.returncode == -signal.SIGKILL, (fatal, died.stderr)
        if step != "land":
            check_nothing_half(suppliers.settings, expected)
        complete(suppliers, upload_id)
        assert set(hash_inbox(suppliers.settings).items()) == set(expected.items())


def _order(
    made: tuple[SupplierHome, str, bytes], step: str, fatal: int
) -> tuple[SupplierHome, str, str, int, bytes]:
    suppliers, upload_id, sent = made
    return suppliers, step, upload_id, fatal, sent


def test_a_delivery_waits_for_a_load_that_is_landing(suppliers: SupplierHome) -> None:
    """Prevents a page that says nothing while a load reads other deliveries."""
    api = suppliers.open_api()
    upload_id = api.send_all(FILES)
    with (suppliers.settings.landing / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert api.send("POST", f"/uploads/{upload_id}/confirm").status == 202
        for _ in range(3):
            upload = json.loads(api.send("GET", f"/uploads/{upload_id}").text)
            assert upload["progress"] == "waits_for_load"
            time.sleep(1)
        page = suppliers.open_as(FORCE).get(f"/deliver/{upload_id}")
        assert "the register is reading other deliveries" in page.words
        assert read_ledger(suppliers.settings) == []
    assert api.wait(upload_id)["delivery_id"]
