"""Versions that two invented signatories took to a state, each with a key of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from official_statistics.production import withdraw_release
from official_statistics.releases import (
    Person,
    Version,
    announce,
    approve,
    publish,
    sign_version,
)
from register.settings import Settings, load_settings
from register.signatory_keys import format_public_key
from tests.statistics.versions import RELEASE_AT, STEPS, at, new_version

PRODUCER_KEY = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
HEAD_KEY = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
AREED = Person("areed", "producer", key=PRODUCER_KEY)
BHEAD = Person("bhead", "head_of_profession", key=HEAD_KEY)


def make_signed_home(home: Path) -> Settings:
    """A home with two signatories, in which the release of 2026 is announced."""
    settings = replace(
        load_settings({"REGISTER_HOME": str(home), "REGISTER_ENVIRONMENT": "test"}),
        signatories={"areed": "producer", "bhead": "head_of_profession"},
        signatory_keys={
            "areed": format_public_key(PRODUCER_KEY.public_key()),
            "bhead": format_public_key(HEAD_KEY.public_key()),
        },
    )
    announce(settings, 2026, RELEASE_AT, at(-60))
    return settings


def sign_up_to(settings: Settings, state: str, number: int = 1) -> Version:
    """A version of 2026 that the signatories took to a state."""
    version = new_version(settings, number)
    STEPS["draft"](settings, version)
    STEPS["checked"](settings, version)
    steps = {
        "signed": lambda: sign_version(settings, version, AREED, at(-8)),
        "approved": lambda: approve(settings, version, BHEAD, at(-7)),
        "published": lambda: publish(settings, version, Person("areed", "producer"), at(0)),
        "withdrawn": lambda: withdraw_signed(settings, version),
    }
    for name, step in steps.items():
        if version.state != state:
            step()
            assert version.state == name
    return version


def withdraw_signed(settings: Settings, version: Version) -> None:
    """Withdraw a version for the producer, with the head of profession's key."""
    person = Person("areed", "producer", "A wrong table")
    withdraw_release(settings, version, person, BHEAD, at(1))
