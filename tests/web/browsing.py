"""A browser without a window: sends requests to the application itself, keeps cookies, reads forms.

It does what a person's browser does with cookies, redirects and forms, and runs no script.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

HOST = "127.0.0.1:8321"
SEE_OTHER = 303


@dataclass(frozen=True)
class Answer:
    """What came back: `path` is where redirects ended."""

    status: int
    headers: dict[str, str]
    text: str
    path: str

    @property
    def words(self) -> str:
        """The text of the page without its tags, in one line."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.text).split())

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that is sent to a path, as the page filled them in."""
        reader = _Forms()
        reader.feed(self.text)
        return dict(reader.forms[action])


class _Forms(HTMLParser):
    """The forms of a page that are posted, by where they are sent."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the open one."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("method") == "post":
            self._open = self.forms.setdefault(found["action"], {})
        elif tag == "input" and self._open is not None and found.get("type") != "radio":
            self._open[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Note that a form is over."""
        if tag == "form":
            self._open = None


@dataclass
class Browser:
    """One person's browser."""

    app: Any
    headers: dict[str, str] = field(default_factory=dict)
    scheme: str = "http"
    host: str = HOST
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page, and follow where it sends."""
        return self._follow("GET", path, b"", headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form, and follow where it sends."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._follow("POST", path, urlencode(form).encode(), {**kind, **headers})

    def submit(self, page: Answer, action: str, **filled: str) -> Answer:
        """Fill in a form of a page and send it as a browser does."""
        origin = f"{self.scheme}://{self.host}"
        form = {**page.form(action), **filled}
        return self.post(action, form, origin=origin, **{"sec-fetch-site": "same-origin"})

    def sign_in(self, name: str, password: str, purpose: str = "clerical_review") -> None:
        """Sign in with a local account, and say why one looks."""
        page = self.submit(self.get("/sign-in"), "/sign-in", name=name, password=password)
        assert page.status == 200, page.words
        if purpose:
            self.submit(self.get("/purpose"), "/purpose", purpose=purpose)

    def once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One request, without following."""
        return asyncio.run(self._send(method, path, body, headers))

    def _follow(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = self.once(method, path, body, headers)
        while answer.status == SEE_OTHER:
            place = urljoin(answer.path, answer.headers["location"])
            answer = self.once("GET", place, b"", {})
        return answer

    async def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(path)
        sent = {"host": self.host, **self.headers, **headers}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8321),
        }
        messages: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not asked:
                # The browser stays until it has the answer.
                await asyncio.Event().wait()
            return asked.pop()

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        start = messages[0]
        found = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
        for name, value in found:
            if name == "set-cookie":
                self.cookies |= {key: each.value for key, each in SimpleCookie(value).items()}
        text = b"".join(each.get("body", b"") for each in messages[1:])
        return Answer(start["status"], dict(found), text.decode("utf-8", "replace"), path)
