"""The stand-alone page of the check: a real server, its answers, and nothing left behind."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.accessibility import WIDTHS, list_page_faults
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM
from tests.feeds.deliveries import AUTHORITY, COMPACT, MONTH, QUARTER, police_csv, report, zipped

EDGE = "form-edge-of-the-test"
PLACE = {"feed": "police_reports", "supplier": COMPACT, "period": MONTH}


@dataclass(frozen=True)
class Server:
    """A running check: its process, its address and the folder for temporary files."""

    process: subprocess.Popen[str]
    host: str
    temporary: Path

    def ask(
        self, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """Return status, page and headers of an answer."""
        connection = HTTPConnection(self.host, timeout=60)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/", body or None, names)
        answer = connection.getresponse()
        text = html.unescape(answer.read().decode())
        connection.close()
        return answer.status, text, {name.lower(): value for name, value in answer.getheaders()}

    def send(
        self, files: dict[str, bytes], place: dict[str, str] = PLACE, **headers: str
    ) -> tuple[int, str]:
        """Send files with the form, and return status and page."""
        parts = [
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
            for name, text in place.items()
        ]
        for name, data in files.items():
            start = f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="{name}"'
            parts.append(start.encode() + b"\r\n\r\n" + data + b"\r\n")
        body = b"".join([*parts, f"--{EDGE}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={EDGE}"
        status, text, _ = self.ask("POST", body, **{"Content-Type": kind, **headers})
        return status, text


def _start(folder: Path) -> Server:
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder), "REGISTER_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "interfaces.command_line", "check", "--serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    address = re.search(r"http://(\S+)", process.stderr.readline())
    assert address is not None
    return Server(process, address[1], folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this file."""
    started = _start(tmp_path_factory.mktemp("check") / "temporary")
    yield started
    started.process.kill()
    started.process.wait()
    # Not even a killed server leaves anything.
    assert list(started.temporary.iterdir()) == []


def test_files_are_judged_and_nothing_is_kept(server: Server) -> None:
    """Prevents a check that leaves a child's record on the machine where it ran."""
    bad = police_csv("compact", [report(n, sex="Plantedcode", dob="31/02/2012") for n in (1, 2)])
    status, page = server.send({"../../etc/Plantedname.csv": bad})
    assert status == 200
    assert "This delivery would be" in page
    assert "A code is not in the code map" in page
    assert "<li>file_1.csv, lines 2 to 3</li>" in page
    assert "Planted" not in page
    assert f'<option value="{COMPACT}" selected>' in page
    large = police_csv("compact", [report(n, sex="F") for n in range(20_000)])
    assert "20,000 records read, 20,000 would" in server.send({"reports.csv": large})[1]
    assert list(server.temporary.iterdir()) == []


def test_a_good_delivery_has_nothing_to_put_right(server: Server) -> None:
    """Prevents a page that finds fault with what a load accepts."""
    good = police_csv("compact", [report(1, sex="F", category="Missing")])
    status, page = server.send({"folder/reports.csv": good, "folder/.DS_Store": b"x"})
    assert (status, "This delivery would be accepted<" in page) == (200, True)
    assert "<dt>To put right</dt><dd>nothing</dd>" in page


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"reports.csv": b""}, "A file is empty"),
        ({"r.zip": zipped({"r.csv": bytes(300 << 20)})}, "larger than is allowed"),
        ({"r.zip": zipped({"../r.csv": b"a,b"})}, "names a file outside its own folder"),
        ({"r.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><Return>&a;</Return>"}, "missing"),
        ({"r.csv": b"\0" * 5000}, "A file is not in the encoding"),
        ({".hidden": b"x"}, "is missing"),
    ],
)
def test_hostile_files_are_answered(server: Server, files: dict[str, bytes], title: str) -> None:
    """Prevents a file that ends the server, or fills the machine."""
    status, page = server.send(files)
    assert status == 200
    assert "This delivery would be rejected" in page
    assert title in page
    assert list(server.temporary.iterdir()) == []


def test_what_is_too_large_or_no_form_is_refused_unread(server: Server) -> None:
    """Prevents one request from filling the memory."""
    kind = f"multipart/form-data; boundary={EDGE}"
    headers = {"Content-Type": kind, "Content-Length": str(1 << 30)}
    status, page, _ = server.ask("POST", b"", **headers)
    assert (status, "At most 257 MB" in page) == (413, True)
    assert server.ask("POST", b"", Content_Type=kind, Transfer_Encoding="chunked")[0] == 411
    assert server.ask("POST", b"{}", Content_Type="application/json")[0] == 400
    assert server.send({f"{n}.csv": b"a" for n in range(1001)})[0] == 400
    assert server.send({})[0] == 400
    assert server.send({"a.csv": b"a"}, {**PLACE, "feed": "x"})[0] == 400


def test_only_this_machine_and_this_page_may_ask(server: Server) -> None:
    """Prevents another site, or another machine's name, from using the page."""
    assert server.ask(Host="register.example")[0] == 400
    assert server.send({"a.csv": b"a"}, Origin="https://register.example")[0] == 403
    assert server.send({"a.csv": b"a"}, Sec_Fetch_Site="cross-site")[0] == 403
    status, page, headers = server.ask()
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_interrupting_the_server_ends_it(tmp_path: Path) -> None:
    """Prevents a server that outlives its terminal, or ends with a traceback."""
    started = _start(tmp_path / "temporary")
    assert started.ask()[0] == 200
    started.process.send_signal(signal.SIGINT)
    _, errors = started.process.communicate(timeout=20)
    assert "Traceback" not in errors
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_works_in_a_browser_without_a_script(
    server: Server, tmp_path: Path, width: int
) -> None:
    """Prevents a form that a keyboard, a screen reader or a telephone cannot use."""
    from playwright.sync_api import sync_playwright

    file = tmp_path / "ssd_person.csv"
    file.write_text("pers_person_id,pers_sex\nP1,Q\n", encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"http://{server.host}/")
        assert list_page_faults(page, width) == []
        page.get_by_label("Feed").select_option("authority_extract")
        page.get_by_label("Supplier").select_option(AUTHORITY)
        page.get_by_label("Period").fill(QUARTER)
        page.get_by_label("Files", exact=True).set_input_files(file)
        page.get_by_role("button", name="Check").click()
        assert page.get_by_role("heading", level=2).first.inner_text() == (
            "This delivery would be rejected"
        )
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        assert list_page_faults(page, width) == []
        assert page.locator("script").count() == 0
        browser.close()
