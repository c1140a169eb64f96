"""Inboxes on S3, Azure and SFTP, tried against real servers on the loopback address."""

from __future__ import annotations

import logging
import os
import pickle
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from register.feeds import (
    LandingSummary,
    land_everything,
    object_inbox,
    open_inbox,
    read_inbox_state,
    read_ledger,
    remote_inbox,
    workers,
)
from register.storage_settings import InboxUnreachableError
from tests.feeds.deliveries import COMPACT, MONTH, Home, police_csv, report
from tests.feeds.remote_homes import AZURE, SECRET, RemoteStore, sharing_servers
from tests.feeds.sftp_server import MISSING, SSHD, running_sftp_server

FEED = "police_reports"
PLACE = f"{FEED}/{COMPACT}/{MONTH}"
MOMENTS = 10
SFTP = pytest.param("sftp", marks=pytest.mark.skipif(SSHD is None, reason=MISSING))
Start = Callable[[str], RemoteStore]
KINDS = ("s3", SFTP, AZURE)


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts the server of a kind, which the tests of this file share."""
    with sharing_servers(tmp_path_factory.mktemp) as start:
        yield start


@pytest.fixture
def store(request: pytest.FixtureRequest, start_server: Start) -> RemoteStore:
    """An empty inbox on a server of the kind that the test asks for."""
    return start_server(request.param).make_inbox()


on_each_store = pytest.mark.parametrize("store", KINDS, indirect=True)


def _reports(count: int = 2) -> bytes:
    rows = [report(n, sex="F", category="Missing") for n in range(1, count + 1)]
    return police_csv("compact", rows)


def _load(home: Home) -> list[str]:
    """Land everything; return the ids of all landed deliveries."""
    land_everything(home.settings)
    return [entry.delivery_id for entry in read_ledger(home.settings)]


def _raw_bytes(home: Home) -> dict[str, bytes]:
    (entry,) = read_ledger(home.settings)
    raw = home.folder(entry) / "raw"
    return {p.relative_to(raw).as_posix(): p.read_bytes() for p in raw.rglob("*") if p.is_file()}


def _sources(folder: Path, size: int = 0) -> dict[str, Path]:
    """Write the files of a delivery: reports, and a file of another name and this size."""
    folder.mkdir()
    (folder / "one").write_bytes(_reports())
    (folder / "two").write_bytes(b"x" * size)
    return {"reports.csv": folder / "one", "notes.txt": folder / "two"}


@on_each_store
def test_a_delivery_lands_byte_identical_by_each_way(
    store: RemoteStore, home: Home, tmp_path: Path
) -> None:
    """Prevents the way of a delivery from changing its bytes or its id, or the inbox."""
    home.put_files(FEED, COMPACT, MONTH, {"reports.csv": _reports()})
    by_folder = home.land_one()
    remote = store.make_home(tmp_path / "remote")
    store.put_files({f"{PLACE}/reports.csv": _reports()})
    before = store.list_content()
    assert _load(remote) == [by_folder.delivery_id]
    assert _raw_bytes(remote) == _raw_bytes(home)
    after = store.list_content()
    receipts = {path for path in after if "/from_register/" in path}
    assert {path: state for path, state in after.items() if path not in receipts} == before
    assert any(path.endswith(f"{by_folder.delivery_id}.json") for path in receipts)
    assert read_inbox_state(remote.settings).new == ()


@on_each_store
def test_a_delivery_that_the_register_writes_lands_too(store: RemoteStore, tmp_path: Path) -> None:
    """Prevents a delivery of the web page from landing in part, twice or with a message."""
    home = store.make_home(tmp_path / "home")
    inbox = open_inbox(home.settings)
    sources = _sources(tmp_path / "sent", size=5)
    place = inbox.deliver(FEED, COMPACT, MONTH, sources)
    inbox.write_message(FEED, COMPACT, "receipt.json", b"{}")
    assert len(_load(home)) == 1
    assert _raw_bytes(home) == {name: path.read_bytes() for name, path in sources.items()}
    again = inbox.deliver(FEED, COMPACT, MONTH, sources)
    assert again != place
    assert len(_load(home)) == 1
    assert any(path.endswith("from_register/receipt.json") for path in store.list_content())
    assert not any(path.endswith(".part") for path in store.list_content())


@pytest.mark.drill
@on_each_store
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_delivery_cut_at_any_moment_waits_until_it_is_completed(
    store: RemoteStore, tmp_path: Path, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents half a delivery from being read after its writer is killed."""
    home = store.make_home(tmp_path / "home")
    inbox = open_inbox(home.settings)
    assert isinstance(inbox, remote_inbox.RemoteInbox)
    kind, sources, calls = type(inbox), _sources(tmp_path / "sent", size=5), 0

    class KilledError(BaseException):
        """The end of a process."""

    def interrupt(name: str) -> None:
        real = getattr(kind, name)

        def counted(self, *details):
            nonlocal calls
            calls += 1
            if calls == moment + 1:
                raise KilledError
            return real(self, *details)

        monkeypatch.setattr(kind, name, counted)

    with monkeypatch.context() as patched:
        monkeypatch = patched
        for name in ("list_below", "write_file", "delete_file"):
            interrupt(name)
        try:
            inbox.deliver(FEED, COMPACT, MONTH, sources)
        except KilledError:
            is_cut = True
        else:
            is_cut = False
    assert len(_load(home)) == (0 if is_cut else 1)
    inbox.deliver(FEED, COMPACT, MONTH, sources)
    assert len(_load(home)) == 1
    assert _raw_bytes(home) == {name: path.read_bytes() for name, path in sources.items()}


@on_each_store
def test_a_cut_delivery_is_refused_after_a_day(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a delivery that nobody completes from waiting for ever without a word."""
    home = store.make_home(tmp_path / "home")
    inbox = open_inbox(home.settings)
    monkeypatch.setattr(type(inbox), "remove_file", lambda *_: None)
    inbox.deliver(FEED, COMPACT, MONTH, _sources(tmp_path / "sent"))
    assert _load(home) == []
    assert len(read_inbox_state(home.settings).waiting) == 1
    land_everything(home.settings, now=datetime.now(UTC) + timedelta(hours=25))
    (entry,) = read_ledger(home.settings)
    assert (entry.outcome, entry.reject_rule_code) == ("rejected", "unfinished_file")


@pytest.mark.drill
@pytest.mark.skipif(SSHD is None, reason=MISSING)
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_connection_cut_while_sending_leaves_nothing_half(tmp_path: Path, moment: int) -> None:
    """Prevents a broken network from tearing a file that the register reads."""
    with running_sftp_server(tmp_path / "server") as server:
        store = RemoteStore(server.address, server.options, server)
        home = store.make_home(tmp_path / "home")
        sources = _sources(tmp_path / "sent", size=20_000_000)
        finished = threading.Event()

        def cut() -> None:
            time.sleep(0.05 + 0.08 * moment)
            if not finished.is_set():
                server.cut_connections()

        cutter = threading.Thread(target=cut)
        cutter.start()
        try:
            open_inbox(home.settings).deliver(FEED, COMPACT, MONTH, sources)
        finally:
            finished.set()
            cutter.join()
        assert len(_load(home)) == 1
        assert _raw_bytes(home) == {name: path.read_bytes() for name, path in sources.items()}


@pytest.mark.drill
@pytest.mark.parametrize("store", [SFTP], indirect=True)
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_supplier_whose_client_is_killed_can_send_again(
    store: RemoteStore, tmp_path: Path, moment: int
) -> None:
    """Prevents the start of a file from landing when a supplier's own client dies."""
    home = store.make_home(tmp_path / "home")
    rows = _reports() + b"x" * 2_000_000
    assert store.server is not None
    command = store.server.client_command(store.write_batch({f"{PLACE}/reports.csv": rows}))
    # So slow, in kilobits a second, that sending takes about a second.
    command[1:1] = ["-l", "16000"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
        time.sleep(0.2 + 0.12 * moment)
        client.kill()
    land_everything(home.settings)
    for entry in read_ledger(home.settings):
        assert entry.file_count == 1
        assert _raw_bytes(home) == {"reports.csv": rows}
    store.put_files({f"{PLACE}/reports.csv": rows})
    land_everything(home.settings)
    assert _raw_bytes(home) == {"reports.csv": rows}


def _land_while_somebody_writes(
    home: Home, monkeypatch: pytest.MonkeyPatch, path: str, data: bytes
) -> LandingSummary:
    """Land everything, while each file that is read is followed by a file of a supplier."""
    kind = type(open_inbox(home.settings))
    real = kind.read_start

    def followed(self, connection, read, size):
        start = real(self, connection, read, size)
        self.write_file(connection, path, data)
        return start

    with monkeypatch.context() as patched:
        patched.setattr(kind, "read_start", followed)
        return land_everything(home.settings)


@on_each_store
def test_a_file_that_changes_while_it_is_read_waits(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a mixture of two versions of a file from landing."""
    home, path = store.make_home(tmp_path / "home"), f"{PLACE}/reports.csv"
    store.put_files({path: _reports(1)})
    landed = _land_while_somebody_writes(home, monkeypatch, path, _reports(3))
    assert landed.waiting == (PLACE,)
    land_everything(home.settings)
    (entry,) = read_ledger(home.settings)
    assert entry.received_row_count == 3


@on_each_store
def test_a_file_that_arrives_while_others_are_read_waits(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the first files of a delivery from landing without the others."""
    home = store.make_home(tmp_path / "home")
    store.put_files({f"{PLACE}/reports.csv": _reports(1)})
    _land_while_somebody_writes(home, monkeypatch, f"{PLACE}/delivery.part", b"")
    assert read_ledger(home.settings) == []


@on_each_store
def test_an_inbox_that_does_not_answer_ends_landing_and_harms_nothing(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a broken network from rejecting deliveries, and its error from telling secrets."""
    monkeypatch.setattr(remote_inbox, "PAUSES", (0.0,))
    home = store.make_home(tmp_path / "home")
    names = {f"{FEED}/{COMPACT}/2026-0{n}/reports.csv": _reports(n) for n in (7, 8, 9)}
    store.put_files(names)
    kind = type(open_inbox(home.settings))
    real, calls = kind.read_start, 0

    def broken(self, connection, path, size):
        nonlocal calls
        calls += 1
        if calls > 1:
            raise ConnectionResetError(f"{SECRET} {path}")
        return real(self, connection, path, size)

    monkeypatch.setattr(kind, "read_start", broken)
    with pytest.raises(
        InboxUnreachableError, match=rf"{re.escape(store.named)}.*ConnectionResetError"
    ) as caught:
        land_everything(home.settings)
    assert SECRET not in str(caught.value)
    assert COMPACT not in str(caught.value)
    assert len(read_ledger(home.settings)) == 1
    monkeypatch.setattr(kind, "read_start", real)
    assert len(_load(home)) == 3


@on_each_store
def test_one_answer_that_fails_is_asked_for_again(
    store: RemoteStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Prevents a single lost packet from ending a load."""
    monkeypatch.setattr(remote_inbox, "PAUSES", (0.0, 0.0))
    home = store.make_home(tmp_path / "home")
    store.put_files({f"{PLACE}/reports.csv": _reports()})
    kind = type(open_inbox(home.settings))
    real, calls = kind.read_start, 0

    def flaky(self, connection, path, size):
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise TimeoutError(SECRET)
        return real(self, connection, path, size)

    monkeypatch.setattr(kind, "read_start", flaky)
    with caplog.at_level(logging.WARNING):
        assert len(_load(home)) == 1
    assert "TimeoutError" in caplog.text
    assert SECRET not in caplog.text


@on_each_store
def test_a_worker_reads_the_inbox_with_its_own_connection(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents large deliveries on a server from landing in the main process alone."""
    home = store.make_home(tmp_path / "home")
    store.put_files({f"{PLACE}/reports.csv": _reports()})
    monkeypatch.setattr(workers, "SMALL_BYTES", 0)
    assert len(_load(home)) == 1
    inbox = open_inbox(home.settings)
    assert pickle.loads(pickle.dumps(inbox)) == inbox  # noqa: S301 - our own


@on_each_store
def test_odd_names_land_or_are_refused_and_never_leave_their_folder(
    store: RemoteStore, tmp_path: Path
) -> None:
    """Prevents a name on a server from writing outside landing or from stopping a load."""
    home = store.make_home(tmp_path / "home")
    names = ("ü b#%.csv", "a'b&c.csv", "sub/deeper/reports.csv", "-rf", "semi;colon $HOME")
    store.put_files({f"{PLACE}/{name}": _reports() for name in names})
    if store.server is None:
        # A client of Azure cannot send the first two.
        objects = ("../../../../out", "?versionId=3", "a//b", "sub", "n" * 300)
        for n, name in enumerate(objects):
            if n >= 2 or store.address.startswith("s3"):
                store.put_files({f"{FEED}/{COMPACT}/2026-0{n + 1}/{name}": b"x"})
        store.put_files({f"{FEED}/{COMPACT}/2026-04/sub/inner": b"x"})
    else:
        folder = store.server.inbox / FEED / COMPACT
        for number in range(1, 4):
            (folder / f"2026-0{number}").mkdir()
        (folder / "2026-01" / os.fsdecode(b"\xff\xfe.csv")).write_bytes(b"x")
        (folder / "2026-02" / "link").symlink_to("/etc/passwd")
        os.mkfifo(folder / "2026-03" / "pipe")
    land_everything(home.settings)
    entries = {entry.period: entry for entry in read_ledger(home.settings)}
    raw = home.folder(entries[MONTH]) / "raw"
    assert {p.relative_to(raw).as_posix() for p in raw.rglob("*") if p.is_file()} == set(names)
    others = [entry for period, entry in entries.items() if period != MONTH]
    assert len(others) >= 3
    assert {entry.outcome for entry in others} == {"rejected"}
    assert {entry.reject_rule_code for entry in others} <= {"not_a_file", "unreadable_file"}
    assert not list(tmp_path.rglob("out"))


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_a_thousand_deliveries_are_listed_without_reading_one(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the sensor, which lists each minute, from reading the whole inbox."""
    home = store.make_home(tmp_path / "home")
    store.put_files(
        {
            f"{FEED}/{COMPACT}/{y}-{m:02d}+{n}/r.csv": b"x"
            for y in (2025, 2026)
            for m in range(1, 11)
            for n in range(50)
        }
    )

    def refuse(*_: object) -> bytes:
        raise AssertionError("a file was read")

    monkeypatch.setattr(object_inbox.ObjectInbox, "read_start", refuse)
    monkeypatch.setattr(object_inbox.ObjectInbox, "find_file", refuse)
    assert len(read_inbox_state(home.settings).new) == 1000


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_content_that_is_not_what_the_store_has_waits(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents bytes that were damaged on their way from landing."""
    home = store.make_home(tmp_path / "home")
    store.put_files({f"{PLACE}/reports.csv": _reports()})
    real, calls = object_inbox.ObjectInbox.read_start, 0

    def damaged(self, connection, path, size):
        nonlocal calls
        calls += 1
        data = real(self, connection, path, size)
        return data[:-1] + b"x" if calls == 1 else data

    monkeypatch.setattr(object_inbox.ObjectInbox, "read_start", damaged)
    assert land_everything(home.settings).waiting == (PLACE,)
    assert len(_load(home)) == 1


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_a_delivery_above_the_limit_is_refused_unread(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a huge object from using up the memory."""
    home = store.make_home(tmp_path / "home")
    store.put_files({f"{PLACE}/reports.csv": b"x" * (1 << 20) + b"y"})
    limits = replace(home.settings.limits, delivery_megabytes=1.0)

    def refuse(*_: object) -> bytes:
        raise AssertionError("a file was read")

    monkeypatch.setattr(object_inbox.ObjectInbox, "read_start", refuse)
    land_everything(replace(home.settings, limits=limits))
    (entry,) = read_ledger(home.settings)
    assert entry.reject_rule_code == "too_large"
