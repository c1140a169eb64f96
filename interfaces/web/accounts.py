"""Accounts: who may sign in to the application, and with which password.

What a person may see is granted to the account's name (`register.access_grants`). Behind a reverse
proxy, accounts have no password: the proxy identifies the user. Passwords are stored as scrypt
hashes, in a file that only the operator can read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interfaces.web.application_files import lock_file, prepare_file_path, read_json, write_json
from register.access_grants import ALL, Access, find_access
from register.access_record import Entry, record_access
from register.choices import Level, Role
from register.seals import SEAL, seal_content, seal_fault
from register.settings import Settings

ACCOUNTS = "accounts.json"
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
MIN_PASSWORD_LENGTH = 12
# Parameters of scrypt (RFC 7914): each guess of a password costs about 32 MB and a tenth of a
# second.
COST, BLOCK_SIZE, PARALLEL = 2**15, 8, 1
SALT_BYTES, HASH_BYTES = 16, 32
MAX_MEMORY = 2**26
NO_PASSWORD = ""
ROLE_LEVELS: dict[Role, Level] = {"staff": "identity", "reader": "exact"}
FIRST_EPOCHS = 2**31


class AccountError(ValueError):
    """An account cannot be added or changed; the message says why."""


@dataclass(frozen=True)
class Account:
    """One person who may sign in. Sessions with an earlier `epoch` are invalid.

    Grants say what the person may see. Outside production, the role does so if no grant was ever
    decided for this name.
    """

    name: str
    role: Role
    password_hash: str
    epoch: int
    added_at: str


def find_account_access(settings: Settings, account: Account) -> Access:
    """Return what the holder of an account may see today.

    Raises `GrantError` if the grants cannot be read.
    """
    access = find_access(settings, account.name)
    if access.is_decided or settings.environment == "production":
        return access
    return Access(account.name, {ALL: ROLE_LEVELS[account.role]})


def find_granted_account(settings: Settings, name: str) -> Account | None:
    """Return an account for a person who has a grant and no account here; None without a grant.

    The person was signed in elsewhere: by the proxy or the OpenID Connect provider.
    """
    if not find_access(settings, name).levels:
        return None
    return Account(name, "reader", NO_PASSWORD, epoch=0, added_at="")


def read_accounts(settings: Settings) -> dict[str, Account]:
    """Return every account, by name."""
    stored = read_json(settings.web_folder / ACCOUNTS)
    return {name: Account(name=name, **facts) for name, facts in stored.items() if name != SEAL}


def find_accounts_fault(settings: Settings) -> str | None:
    """Return how the file of accounts differs from what commands write, or None if it does not."""
    path = settings.web_folder / ACCOUNTS
    if not path.exists():
        return None
    try:
        fault = seal_fault(settings, read_json(path))
    except (ValueError, AttributeError):
        fault = "it cannot be read"
    if fault is None:
        return None
    return (
        f"{ACCOUNTS}: {fault}. Look at `register web account list`; the next change of an account"
        " seals it, or restore it from the backup"
    )


def add_account(settings: Settings, name: str, role: Role, password: str | None) -> None:
    """Add an account. Without a password, only a reverse proxy can sign the user in.

    Raises `AccountError` for a name that exists or is invalid, and for a weak password.
    """
    if not NAME.match(name) or name == SEAL:
        raise AccountError("a name has at most 64 letters, digits and . _ @ -")
    hashed = NO_PASSWORD if password is None else hash_password(name, password)
    with lock_file(_prepare_path(settings)):
        accounts = read_accounts(settings)
        if name in accounts:
            raise AccountError(f"there is an account {name}: remove it, or set its password")
        added_at = datetime.now(UTC).isoformat(timespec="seconds")
        # Start at a random epoch: if an account is removed and added again, old sessions must not
        # be valid for it.
        epoch = secrets.randbelow(FIRST_EPOCHS)
        accounts[name] = Account(name, role, hashed, epoch, added_at)
        record_access(settings, Entry("account", "added", keys=(name, role)))
        _write_accounts(settings, accounts)


def set_password(settings: Settings, name: str, password: str) -> None:
    """Set a new password for an account, and end its sessions."""
    hashed = hash_password(name, password)
    _change_account(settings, name, "password_set", password_hash=hashed)


def end_sessions(settings: Settings, name: str) -> None:
    """End every session of an account."""
    _change_account(settings, name, "sessions_ended")


def remove_account(settings: Settings, name: str) -> None:
    """Remove an account; its sessions end at once."""
    with lock_file(_prepare_path(settings)):
        accounts = read_accounts(settings)
        if accounts.pop(name, None) is None:
            raise AccountError(f"there is no account {name}: see `register web account list`")
        record_access(settings, Entry("account", "removed", keys=(name,)))
        _write_accounts(settings, accounts)


def check_password(settings: Settings, name: str, password: str) -> Account | None:
    """Return the account if the password is right. For an unknown name, this takes equally long."""
    account = read_accounts(settings).get(name)
    stored_hash = account.password_hash if account else NO_PASSWORD
    salt, expected_hash = (bytes.fromhex(part) for part in (stored_hash or "00$00").split("$"))
    is_right = hmac.compare_digest(_hash_with_salt(password, salt), expected_hash)
    return account if is_right and stored_hash else None


def hash_password(name: str, password: str) -> str:
    """Return a password's salt and hash. Raises `AccountError` if the password is weak."""
    if len(password) < MIN_PASSWORD_LENGTH or name.lower() in password.lower():
        raise AccountError(
            f"a password has {MIN_PASSWORD_LENGTH} characters or more, without the name in it"
        )
    salt = secrets.token_bytes(SALT_BYTES)
    return f"{salt.hex()}${_hash_with_salt(password, salt).hex()}"


def _hash_with_salt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=COST,
        r=BLOCK_SIZE,
        p=PARALLEL,
        maxmem=MAX_MEMORY,
        dklen=HASH_BYTES,
    )


def _change_account(settings: Settings, name: str, what: str, **changes: Any) -> None:
    with lock_file(_prepare_path(settings)):
        accounts = read_accounts(settings)
        if name not in accounts:
            raise AccountError(f"there is no account {name}: see `register web account list`")
        stored = replace(accounts[name], epoch=accounts[name].epoch + 1)
        accounts[name] = replace(
            stored, password_hash=changes.get("password_hash", stored.password_hash)
        )
        record_access(settings, Entry("account", what, keys=(name,)))
        _write_accounts(settings, accounts)


def _prepare_path(settings: Settings) -> Path:
    return prepare_file_path(settings, ACCOUNTS)


def _write_accounts(settings: Settings, accounts: dict[str, Account]) -> None:
    content = {name: asdict(account) for name, account in sorted(accounts.items())}
    for facts in content.values():
        del facts["name"]
    write_json(_prepare_path(settings), seal_content(settings, content))
