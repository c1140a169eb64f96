"""Tokens, with which the systems of suppliers send deliveries to the HTTPS API.

A token belongs to one supplier. It is printed once; the file has its hash only. A token is long and
random, so a plain SHA-256 hides it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime

from interfaces.web.accounts import TOKENS, AccountError, refuse_name, refuse_unknown_supplier
from interfaces.web.application_files import lock_file, prepare_file_path, read_json, write_json
from register.access_record import Entry, record_access
from register.seals import SEAL, seal_content
from register.settings import Settings

# Secret scanners find tokens by their beginning.
PREFIX = "rmc_"
TOKEN_BYTES = 32


@dataclass(frozen=True)
class ApiToken:
    """A token of a supplier's system. `expires_on` is its last day; empty if it does not expire."""

    name: str
    supplier_code: str
    token_hash: str
    added_at: str
    expires_on: str = ""
    last_used_on: str = ""

    def is_expired(self, today: date) -> bool:
        """Return whether the last day of the token has passed."""
        return bool(self.expires_on) and date.fromisoformat(self.expires_on) < today


def read_tokens(settings: Settings) -> dict[str, ApiToken]:
    """Return every token, by name."""
    stored = read_json(settings, settings.web_folder / TOKENS)
    return {name: ApiToken(name=name, **facts) for name, facts in stored.items() if name != SEAL}


def add_token(
    settings: Settings, name: str, supplier_code: str, expires_on: date | None = None
) -> str:
    """Add a token for a supplier, and return its text, which is stored nowhere.

    Raises `AccountError` for a name that exists or is invalid, and for an unknown supplier.
    """
    refuse_name(name)
    refuse_unknown_supplier(settings, supplier_code)
    text = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with lock_file(prepare_file_path(settings, TOKENS)):
        tokens = read_tokens(settings)
        if name in tokens:
            raise AccountError(f"there is a token {name}: remove it, or choose another name")
        tokens[name] = ApiToken(
            name,
            supplier_code,
            _hash_token(text),
            datetime.now(UTC).isoformat(timespec="seconds"),
            "" if expires_on is None else expires_on.isoformat(),
        )
        record_access(settings, Entry("account", "token_added", keys=(name, supplier_code)))
        _write_tokens(settings, tokens)
    return text


def remove_token(settings: Settings, name: str) -> None:
    """Remove a token, which is refused from now on. Raises `AccountError` if there is none."""
    with lock_file(prepare_file_path(settings, TOKENS)):
        tokens = read_tokens(settings)
        if tokens.pop(name, None) is None:
            raise AccountError(f"there is no token {name}: see `register web token list`")
        record_access(settings, Entry("account", "token_removed", keys=(name,)))
        _write_tokens(settings, tokens)


def check_token(settings: Settings, text: str) -> ApiToken | None:
    """Return the token with this text, and note the day of its use; None if no valid one has it."""
    today, text_hash = datetime.now(UTC).date(), _hash_token(text)
    matching = [
        token
        for token in read_tokens(settings).values()
        if hmac.compare_digest(token.token_hash, text_hash)
    ]
    if not matching or matching[0].is_expired(today):
        return None
    if matching[0].last_used_on != today.isoformat():
        _note_use(settings, matching[0], today)
    return matching[0]


def _note_use(settings: Settings, token: ApiToken, today: date) -> None:
    with lock_file(prepare_file_path(settings, TOKENS)):
        tokens = read_tokens(settings)
        if tokens.get(token.name) == token:
            tokens[token.name] = replace(token, last_used_on=today.isoformat())
            _write_tokens(settings, tokens)


def _hash_token(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_tokens(settings: Settings, tokens: dict[str, ApiToken]) -> None:
    content = {name: asdict(token) for name, token in sorted(tokens.items())}
    for facts in content.values():
        del facts["name"]
    write_json(settings, prepare_file_path(settings, TOKENS), seal_content(settings, content))
