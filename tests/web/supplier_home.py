"""A home with two suppliers, each with an account and a token, and what each sends.

`FORCE` is the supplier under test, and `OTHER` is another. `ApiClient` does what the system of a
supplier does.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from interfaces.web import add_account, add_token, create_app, read_accounts
from interfaces.web.sessions import create_session
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.feeds.deliveries import moved, police_csv, report
from tests.web.browsing import Answer, Browser

FORCE, OTHER = "E23000001", "E23000006"
FEED = "police_reports"
# The last month that ended, so that the page lists it on whatever day the tests run.
PERIOD = f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"
API = "/api/v1"
SECONDS = 240


def build_files(count: int = 5) -> dict[str, bytes]:
    """A force's delivery of some reports."""
    rows = moved([report(number) for number in range(1, count + 1)], PERIOD)
    coded = [{"sex": "F", "category": "Missing", **row} for row in rows]
    return {"reports.csv": police_csv("compact", coded)}


@dataclass
class ApiClient:
    """The system of a supplier, which sends with a token."""

    browser: Browser
    token: str
    prefix: str = API

    def send(
        self, method: str, path: str, body: bytes | Mapping[str, Any] = b"", **headers: str
    ) -> Answer:
        """Send a request."""
        sent = {"authorization": f"Bearer {self.token}", **headers}
        if not isinstance(body, bytes):
            body, sent["content-type"] = json.dumps(body).encode(), "application/json"
        return self.browser.once(method, self.prefix + path, body, sent)

    def start(self, files: Mapping[str, bytes], period: str = PERIOD, **changes: Any) -> Answer:
        """Start an upload of files."""
        listed = [
            {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **changes}
            for name, data in files.items()
        ]
        return self.send("POST", "/uploads", {"feed": FEED, "period": period, "files": listed})

    def send_part(self, upload_id: str, number: int, offset: int, data: bytes) -> Answer:
        """Send a part of a file."""
        path = f"/uploads/{upload_id}/files/{number}"
        return self.send("PATCH", path, data, **{"upload-offset": str(offset)})

    def send_all(self, files: Mapping[str, bytes], period: str = PERIOD) -> str:
        """Start an upload and send every byte of it; its id."""
        answer = self.start(files, period)
        assert answer.status == 201, answer.text
        upload = json.loads(answer.text)
        for file in upload["files"]:
            sent = self.send_part(upload["upload_id"], file["number"], 0, files[file["path"]])
            assert sent.status == 204, sent.text
        return str(upload["upload_id"])

    def wait(self, upload_id: str) -> dict[str, Any]:
        """Wait until an upload has landed; what the API then says of it."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            upload: dict[str, Any] = json.loads(self.send("GET", f"/uploads/{upload_id}").text)
            if upload["progress"] == "landed":
                return upload
            time.sleep(0.3)
        raise AssertionError(upload)


@dataclass
class SupplierHome:
    """The home, its application, and the tokens of both suppliers."""

    settings: Settings
    tokens: dict[str, str]
    app: Any = field(default=None)

    def __post_init__(self) -> None:
        """Create the application."""
        self.app = self.app or create_app(self.settings)

    def open_api(self, supplier: str = FORCE) -> ApiClient:
        """The system of a supplier."""
        return ApiClient(Browser(self.app), self.tokens[supplier])

    def open_as(self, name: str) -> Browser:
        """A browser in which somebody is signed in: a supplier's code, `ann` or `rita`."""
        sessions = self.app.state.sessions
        session = create_session(name, read_accounts(self.settings)[name].epoch)
        return Browser(self.app, cookies={sessions.cookie: sessions.write(session)})


def make_supplier_home(folder: Path) -> SupplierHome:
    """Make the home, with staff too."""
    values = {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(folder)}
    settings = load_settings(values)
    prepare_home(settings)
    add_account(settings, "ann", "staff", None)
    add_account(settings, "rita", "reader", None)
    tokens = {}
    for code in (FORCE, OTHER):
        add_account(settings, code, "supplier", None, [code])
        tokens[code] = add_token(settings, f"system of {code}".replace(" ", "-"), code)
    return SupplierHome(settings, tokens)


def hash_inbox(settings: Settings) -> dict[str, str]:
    """A hash of each file that a load would read, by its path without the delivery's mark."""
    hashes = {}
    for path in settings.inbox.glob("*/*/*/**/*"):
        parts = path.relative_to(settings.inbox).parts
        if path.is_file() and not any(part.startswith(".") for part in parts):
            period = parts[2].partition("+")[0]
            if period != "from_register":
                name = "/".join((*parts[:2], period, *parts[3:]))
                hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes
