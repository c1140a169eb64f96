"""Sessions and the tokens of forms, signed with the secret of the home.

A session is a signed cookie: an id, the account, its epoch and the purpose that was given. Nothing
of it is kept here, so that it ends when its time is over or when the account's epoch moves on.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256

from itsdangerous import BadData, URLSafeTimedSerializer

from interfaces.web.file_answers import signing_secret
from register.settings import Settings

# A name with this prefix is accepted by browsers over HTTPS alone, and from this host alone.
SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-register", "register_session"
# Says that somebody has signed in from a browser before: no session, and no right.
SECURE_BROWSER_COOKIE, LOOPBACK_BROWSER_COOKIE = "__Host-register-known", "register_known"
KNOWN_BROWSER_SECONDS = 365 * 24 * 3600
ID_BYTES = 24


@dataclass(frozen=True)
class Session:
    """What a browser is known by; `user` is empty before somebody signs in."""

    session_id: str
    user: str = ""
    epoch: int = 0
    purpose: str = ""


def new_session(user: str = "", epoch: int = 0) -> Session:
    """A session with an id that nobody knows: a new one when somebody signs in."""
    return Session(secrets.token_urlsafe(ID_BYTES), user, epoch)


class Sessions:
    """Reads and writes session cookies and form tokens of one home."""

    def __init__(self, settings: Settings) -> None:
        secret = signing_secret(settings)
        self._serializer = URLSafeTimedSerializer(secret, salt="session")
        self._known = URLSafeTimedSerializer(secret, salt="known browser")
        self._form_key = sha256(f"form|{secret}".encode()).digest()
        self.is_secure = settings.web.is_proxied
        self.cookie = SECURE_COOKIE if self.is_secure else LOOPBACK_COOKIE
        self.browser_cookie = SECURE_BROWSER_COOKIE if self.is_secure else LOOPBACK_BROWSER_COOKIE
        self.seconds = int(settings.web.session_hours * 3600)

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie; None where it is none of ours, or is over."""
        try:
            return Session(**self._serializer.loads(cookie or "", max_age=self.seconds))
        except (BadData, TypeError):
            return None

    def write(self, session: Session) -> str:
        """The session as the value of a cookie."""
        return str(self._serializer.dumps(asdict(session)))

    def write_known_browser(self, user: str) -> str:
        """What a browser is given from which an account has signed in."""
        return str(self._known.dumps(user))

    def is_known_browser(self, cookie: str | None, user: str) -> bool:
        """Whether an account has signed in from this browser before."""
        try:
            return bool(self._known.loads(cookie or "", max_age=KNOWN_BROWSER_SECONDS) == user)
        except BadData:
            return False

    def form_token(self, session: Session) -> str:
        """What every form of a session has in it; nobody else can know it."""
        text = f"{session.session_id}|{session.user}"
        return hmac.digest(self._form_key, text.encode(), "sha256").hex()

    def is_form_token(self, session: Session, token: str) -> bool:
        """Whether a form is one that this session was given."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())
