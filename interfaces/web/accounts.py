"""Accounts: who may sign in to the application, and with which password.

What a person may see is granted to the account's name (`register.access_grants`). An account of a
supplier has codes of suppliers instead, and no grant gives it more. Where a reverse
proxy or an OpenID Connect provider identifies people, accounts have no password. Passwords
are hashed (`interfaces.web.passwords`), in a file that only the operator can read.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interfaces.web.application_files import lock_file, prepare_file_path, read_json, write_json
from interfaces.web.passwords import (
    WeakPasswordError,
    hash_password,
    is_right_password,
    needs_new_hash,
    renew_hash,
)
from register.access_grants import ALL, Access, find_access
from register.access_record import Entry, read_record, record_access
from register.choices import Level, Role
from register.feeds import list_supplier_feeds
from register.seals import SEAL, seal_content, seal_fault
from register.settings import Settings

ACCOUNTS, TOKENS = "accounts.json", "tokens.json"
ACCOUNT_ACTS = ("added", "removed", "password_set", "sessions_ended", "password_rehashed")
TOKEN_ACTS = ("token_added", "token_removed")
# Also the names that OpenID Connect providers use, such as `auth0|5f7c` and `ann+work@example.org`.
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@+|:-]{0,127}$")
NO_PASSWORD = ""
SUPPLIER: Role = "supplier"
ROLE_LEVELS: dict[Role, Level] = {"staff": "identity", "reader": "exact"}
FIRST_EPOCHS = 2**31


class AccountError(ValueError):
    """An account cannot be added or changed; the message says why."""


@dataclass(frozen=True)
class Account:
    """One person who may sign in. Sessions with an earlier `epoch` are invalid.

    Grants say what the person may see. Outside production, the role does so if no grant was ever
    decided for this name. A person of a supplier sees what `supplier_codes` delivered.
    """

    name: str
    role: Role
    password_hash: str
    epoch: int
    added_at: str
    supplier_codes: tuple[str, ...] = ()

    @property
    def is_supplier(self) -> bool:
        """Whether the account sends deliveries, and sees nothing else."""
        return self.role == SUPPLIER


def find_account_access(settings: Settings, account: Account) -> Access:
    """Return what the holder of an account may see today.

    Raises `GrantError` if the grants cannot be read.
    """
    if account.is_supplier:
        return Access(account.name)
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
    stored = read_json(settings, settings.web_folder / ACCOUNTS)
    return {
        name: Account(
            **{**facts, "name": name, "supplier_codes": tuple(facts.get("supplier_codes", ()))}
        )
        for name, facts in stored.items()
        if name != SEAL
    }


def find_accounts_fault(settings: Settings) -> str | None:
    """Return how a file of accounts or tokens differs from what commands write; None if none does.

    Commands record each change, so a missing file is noticed.
    """
    return _find_file_fault(settings, ACCOUNTS, "account", ACCOUNT_ACTS) or _find_file_fault(
        settings, TOKENS, "token", TOKEN_ACTS
    )


def _find_file_fault(
    settings: Settings, name: str, subject: str, acts: tuple[str, ...]
) -> str | None:
    path = settings.web_folder / name
    if not path.exists():
        is_known = any(
            entry.get("kind") == "account" and entry.get("what") in acts
            for entry in read_record(settings)
        )
        advice = f"restore it from the backup, or add the {subject}s again"
        return f"{name} is missing: {advice}" if is_known else None
    try:
        fault = seal_fault(settings, read_json(settings, path))
    except (ValueError, AttributeError):
        fault = "it cannot be read"
    if fault is None:
        return None
    return (
        f"{name}: {fault}. Look at `register web {subject} list`; the next change of {subject}s"
        " seals it, or restore it from the backup"
    )


def add_account(
    settings: Settings,
    name: str,
    role: Role,
    password: str | None,
    supplier_codes: Sequence[str] = (),
) -> None:
    """Add an account. Without a password, only a proxy or a provider can sign the user in.

    Raises `AccountError` for a name that exists or is invalid, for a weak password, and for an
    unknown supplier.
    """
    refuse_name(name)
    codes = tuple(dict.fromkeys(supplier_codes))
    if (role == SUPPLIER) != bool(codes):
        raise AccountError("an account of a supplier, and no other, has codes of suppliers")
    for code in codes:
        refuse_unknown_supplier(settings, code)
    hashed = NO_PASSWORD if password is None else _hash_password(name, password)
    with lock_file(_prepare_path(settings)):
        accounts = read_accounts(settings)
        if name in accounts:
            raise AccountError(f"there is an account {name}: remove it, or set its password")
        added_at = datetime.now(UTC).isoformat(timespec="seconds")
        # Start at a random epoch: if an account is removed and added again, old sessions must not
        # be valid for it.
        epoch = secrets.randbelow(FIRST_EPOCHS)
        accounts[name] = Account(name, role, hashed, epoch, added_at, codes)
        record_access(settings, Entry("account", "added", keys=(name, role, *codes)))
        _write_accounts(settings, accounts)


def refuse_name(name: str) -> None:
    """Raise `AccountError` if no account or token can have this name."""
    if not NAME.match(name) or name == SEAL:
        raise AccountError("a name has at most 128 letters, digits and . _ @ + | : -")


def refuse_unknown_supplier(settings: Settings, supplier_code: str) -> None:
    """Raise `AccountError` if no supplier has this code."""
    if not list_supplier_feeds(settings.seeds, supplier_code):
        raise AccountError(
            f"no supplier has the code {supplier_code}: see `register deliveries`, or"
            " ref__suppliers.csv"
        )


def set_password(settings: Settings, name: str, password: str) -> None:
    """Set a new password for an account, and end its sessions."""
    hashed = _hash_password(name, password)
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


def find_or_add_account(settings: Settings, name: str) -> Account | None:
    """Return the account of a person whom the OpenID Connect provider signed in.

    A person with a grant gets an account at the first sign-in. Returns None for a person without an
    account and without a grant. Raises `AccountError` for a name that no account can have.
    """
    if name not in read_accounts(settings) and find_granted_account(settings, name) is not None:
        add_account(settings, name, "reader", None)
    return read_accounts(settings).get(name)


def check_password(settings: Settings, name: str, password: str) -> Account | None:
    """Return the account if the password is right. For an unknown name, this takes equally long.

    A right password with a hash of a former form gets a new hash.
    """
    account = read_accounts(settings).get(name)
    stored_hash = account.password_hash if account else NO_PASSWORD
    is_right = is_right_password(stored_hash, password)
    if account is None or not is_right:
        return None
    if needs_new_hash(stored_hash):
        with lock_file(_prepare_path(settings)):
            accounts = read_accounts(settings)
            if accounts.get(name) == account:
                accounts[name] = replace(account, password_hash=renew_hash(password))
                record_access(settings, Entry("account", "password_rehashed", keys=(name,)))
                _write_accounts(settings, accounts)
    return account


def _hash_password(name: str, password: str) -> str:
    try:
        return hash_password(name, password)
    except WeakPasswordError as error:
        raise AccountError(str(error)) from None


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
    write_json(settings, _prepare_path(settings), seal_content(settings, content))
