"""The application's files in an encrypted home."""

from __future__ import annotations

from dataclasses import replace

from interfaces.web import add_account, read_accounts
from interfaces.web.application_files import read_signing_secret
from register.data_keys import KeyRing, make_key
from register.home import prepare_home
from register.private_files import read_key_id
from register.settings import Settings


def test_accounts_and_the_secret_of_sessions_are_encrypted(settings: Settings) -> None:
    """Prevents a stolen disk from giving somebody a session, or passwords to guess at."""
    ring = KeyRing((make_key(),))
    encrypted = replace(settings, home=settings.home / "encrypted", data_keys=ring)
    prepare_home(encrypted)
    add_account(encrypted, "ann", "staff", "an invented passphrase")
    assert list(read_accounts(encrypted)) == ["ann"]
    assert read_signing_secret(encrypted) == read_signing_secret(encrypted)
    for name in ("accounts.json", "secret"):
        assert read_key_id(encrypted.web_folder / name) == ring.current.id
