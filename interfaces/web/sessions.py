"""Sessions and form tokens, signed with the home's secret.

A session is a signed cookie with an id, the account, its epoch and the stated purpose. The server
stores no sessions. A session ends a fixed time after its start, however active it is, or when the
account's epoch increases.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import asdict, dataclass
from hashlib import sha256

from itsdangerous import BadData, URLSafeTimedSerializer

from interfaces.web.application_files import read_signing_secret
from register.settings import Settings

# Browsers accept a cookie whose name begins with `__Host-` only over HTTPS and only from this host.
SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-register", "register_session"
# The cookie that marks a browser from which an account has signed in before. It grants no access.
SECURE_BROWSER_COOKIE, LOOPBACK_BROWSER_COOKIE = "__Host-register-known", "register_known"
KNOWN_BROWSER_SECONDS = 365 * 24 * 3600
ID_BYTES = 24


@dataclass(frozen=True)
class Session:
    """A browser's session, which began at `began` (Unix time in seconds).

    `user` is empty until somebody signs in.
    """

    session_id: str
    user: str = ""
    epoch: int = 0
    purpose: str = ""
    began: float = 0.0


def create_session(user: str = "", epoch: int = 0) -> Session:
    """Return a session with a new secret id."""
    return Session(secrets.token_urlsafe(ID_BYTES), user, epoch, began=time.time())


class Sessions:
    """Reader and writer of one home's session cookies and form tokens."""

    def __init__(self, settings: Settings) -> None:
        secret = read_signing_secret(settings)
        self._serializer = URLSafeTimedSerializer(secret, salt="session")
        self._known = URLSafeTimedSerializer(secret, salt="known browser")
        self._form_key = sha256(f"form|{secret}".encode()).digest()
        is_behind_https = settings.oidc.is_configured and bool(settings.web.host)
        self.is_secure = settings.web.is_proxied or is_behind_https
        self.cookie = SECURE_COOKIE if self.is_secure else LOOPBACK_COOKIE
        self.browser_cookie = SECURE_BROWSER_COOKIE if self.is_secure else LOOPBACK_BROWSER_COOKIE
        self.seconds = int(settings.web.session_hours * 3600)

    def read(self, cookie: str | None) -> Session | None:
        """Return a cookie's session; None if it has expired or was not signed by this home."""
        try:
            session = Session(**self._serializer.loads(cookie or "", max_age=self.seconds))
        except (BadData, TypeError):
            return None
        return session if time.time() - session.began <= self.seconds else None

    def write(self, session: Session) -> str:
        """Return a session as the value of a cookie."""
        return str(self._serializer.dumps(asdict(session)))

    def write_known_browser(self, user: str) -> str:
        """Return the cookie for a browser from which an account has signed in."""
        return str(self._known.dumps(user))

    def is_known_browser(self, cookie: str | None, user: str) -> bool:
        """Return whether an account has signed in from this browser before."""
        try:
            return bool(self._known.loads(cookie or "", max_age=KNOWN_BROWSER_SECONDS) == user)
        except BadData:
            return False

    def build_form_token(self, session: Session) -> str:
        """Return the token for all forms of a session, which nobody else can compute."""
        text = f"{session.session_id}|{session.user}"
        return hmac.digest(self._form_key, text.encode(), "sha256").hex()

    def is_form_token(self, session: Session, token: str) -> bool:
        """Return whether a form token belongs to this session."""
        return hmac.compare_digest(self.build_form_token(session).encode(), token.encode())
