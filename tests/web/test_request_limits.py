"""Limits of the web server: requests of one address, and the time that a request may take."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from interfaces.command_line.loopback import SECONDS_TO_SEND
from interfaces.web import create_app
from register.settings import Settings
from register.variables import WebSettings
from tests.free_ports import find_free_port
from tests.web.browsing import Browser

PROXY_SECRET = "k3-Zp9vQ7sR1tU5wX8yB2dF4gH6jK0mN-aCeL"
LIMITED = WebSettings(requests_per_minute=3)
PROXIED = WebSettings(PROXY_SECRET, "register.example", requests_per_minute=3)


def count_answers(browser: Browser, requests: int, **headers: str) -> list[int]:
    """The status of each of several requests for a page."""
    return [browser.once("GET", "/sign-in", b"", headers).status for _ in range(requests)]


def test_an_address_may_send_only_so_many_requests(home: Settings) -> None:
    """Prevents one address from using up the application, or from listing it page by page."""
    browser = Browser(create_app(replace(home, web=LIMITED)))
    assert count_answers(browser, 5) == [200, 200, 200, 429, 429]


def test_addresses_behind_the_proxy_are_counted_apart(home: Settings) -> None:
    """Prevents one person from locking out all others who come through the same proxy."""
    app = create_app(replace(home, web=PROXIED))
    secret = {"X-Register-Proxy-Secret": PROXY_SECRET, "X-Register-User": "ann"}
    browser = Browser(app, secret, "https", "register.example")
    first, second = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    assert count_answers(browser, 4, **first)[-1] == 429
    assert 429 not in count_answers(browser, 3, **second)
    # What a browser sent comes before the address that the proxy saw.
    assert count_answers(browser, 1, **{"X-Forwarded-For": "198.51.100.7, 192.0.2.1"}) == [429]


def test_only_the_proxy_says_which_address_a_request_has(home: Settings) -> None:
    """Prevents a header that anybody can send from lifting the limit."""
    app = create_app(replace(home, web=PROXIED))
    browser = Browser(app, {"X-Register-Proxy-Secret": "another"}, "https", "register.example")
    answers = [
        count_answers(browser, 1, **{"X-Forwarded-For": f"192.0.2.{number}"})[0]
        for number in range(5)
    ]
    assert answers == [403, 403, 403, 429, 429]


@pytest.fixture
def port(home: Settings) -> Iterator[int]:
    """The port of a running `register web`."""
    number = find_free_port()
    command = [sys.executable, "-m", "interfaces.command_line", "web", "--port", str(number)]
    environment = {**os.environ, "REGISTER_HOME": str(home.home)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as server:
        assert server.stderr is not None
        while f":{number}".encode() not in server.stderr.readline():
            assert server.poll() is None
        yield number
        server.terminate()
        assert server.wait(20) == 0


def test_a_request_that_is_never_finished_is_cut_off(port: int) -> None:
    """Prevents clients that send their headers one by one from holding all connections."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
        client.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        client.settimeout(20)
        assert client.recv(20).startswith(b"HTTP/1.1 200")
    began, is_open = time.monotonic(), True
    with socket.create_connection(("127.0.0.1", port), timeout=1) as slow:
        slow.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        while is_open and time.monotonic() - began < 6 * SECONDS_TO_SEND:
            try:
                slow.sendall(b"X-More: 1\r\n")
                is_open = slow.recv(1) != b""
            except TimeoutError:
                continue
            except OSError:
                is_open = False
    assert not is_open


def test_a_port_that_is_in_use_is_named(home: Settings) -> None:
    """Prevents a traceback instead of what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "interfaces.command_line", "web", "--port", number]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "choose another with --port" in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
