"""The people who answer for a release, identified by an id in the settings or by a name.

In production, a person signs in the web application, where they are signed in. Elsewhere, the
person who runs a step types the id or name. Each event also records the account of the operating
system.
"""

from __future__ import annotations

import os
import pwd
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from official_statistics.releases.practice import ReleaseError
from register.access_record import current_actor
from register.approvals import (
    SIGNATURE_ROLES,
    ApprovalError,
    ApprovalKind,
    decide_request,
    find_approved,
    request_approval,
    require_approval,
    sign_request,
)
from register.own_keys import read_own_keys
from register.settings import Settings
from register.signatory_keys import SignatoryKeyError, format_public_key

PRODUCER, HEAD_OF_PROFESSION = "producer", "head_of_profession"
TITLES = {"dr", "miss", "mr", "mrs", "ms", "prof", "professor", "sir", "dame"}


@dataclass(frozen=True)
class Person:
    """A person who takes a step: their role, their reason, and the key with which they sign."""

    who: str
    role: str
    words: str = ""
    key: Ed25519PrivateKey | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Withdrawal:
    """The person who withdraws a version, the approver, and the page that announces it.

    `key` is the approver's.
    """

    person: Person
    approved_by: str
    page: bytes
    key: Ed25519PrivateKey | None = field(default=None, repr=False)


def read_account() -> str:
    """Return the operating-system account of this process."""
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def check_signatory(settings: Settings, name: str, role: str) -> None:
    """Raise `ReleaseError` if a person may not act for a release in this role.

    If the settings list signatories, only these may act. Production needs the list, because two
    spellings of one name can look like two people.
    """
    if not name.strip():
        raise ReleaseError("a signature needs a name (--by)")
    if settings.signatories:
        if settings.signatories.get(name.strip()) != role:
            raise ReleaseError(
                f"'{name.strip()}' is not a signatory with the role {role}: give an id of"
                " REGISTER_STATISTICS_SIGNATORIES"
            )
    elif settings.environment == "production":
        raise ReleaseError(
            "nobody is named who may sign and approve: set REGISTER_STATISTICS_SIGNATORIES to"
            " id=producer id=head_of_profession"
        )


def authenticate_signer(
    settings: Settings, person: Person, kind: ApprovalKind, subject: Sequence[str]
) -> Person:
    """Return the person who signs. In production, it is who signed in the web application.

    `subject` is the version's name and the hash of its public files, so a signature is about
    exactly these files. Somebody who has a key must sign with it. Without a signature, one is asked
    for, and `ReleaseError` says who gives it and where.
    """
    person = _name_key_holder(settings, person)
    if settings.environment != "production" or not settings.signatories:
        require_key(settings, person)
        return person
    if person.key is not None:
        _approve_with_key(settings, person, kind, subject)
    try:
        signer = require_approval(settings, kind, subject).decided_by
    except ApprovalError:
        request_id = request_approval(settings, kind, subject, kind.replace("_", " "))
        role = SIGNATURE_ROLES[kind].replace("_", " ")
        raise ReleaseError(
            f"{subject[0]} waits for the signature of a {role}, who signs request {request_id} on"
            " the page Approvals of `register web`. Then run this again"
        ) from None
    if signer is None or person.who.strip() not in ("", signer.name):
        raise ReleaseError("somebody else signed this: leave the name out")
    person = replace(person, who=signer.name)
    require_key(settings, person)
    return person


def list_public_keys(settings: Settings, name: str) -> list[str]:
    """Return the public keys of a signatory: those of the web application, and of the settings."""
    own = [key.public_key for key in read_own_keys(settings).get(name, [])]
    return own + ([settings.signatory_keys[name]] if name in settings.signatory_keys else [])


def _name_key_holder(settings: Settings, person: Person) -> Person:
    """Return the person by the id of the signatory to whom their key belongs, if they have one."""
    if person.key is None:
        return person
    public_key = format_public_key(person.key.public_key())
    names = [
        each for each in settings.signatories if public_key in list_public_keys(settings, each)
    ]
    if not names or person.who.strip() not in ("", names[0]):
        raise ReleaseError("the key is of another person, or of no signatory")
    return replace(person, who=names[0])


def require_key(settings: Settings, person: Person) -> None:
    """Raise `ReleaseError` if a person has a key and takes a step without it."""
    if person.key is None and list_public_keys(settings, person.who.strip()):
        raise ReleaseError(
            f"{person.who.strip()} has a key: sign on the page Releases of `register web`, or with"
            " --key"
        )


def _approve_with_key(
    settings: Settings, person: Person, kind: ApprovalKind, subject: Sequence[str]
) -> None:
    """Record the signature in the access record, as the signed-in person or the key's holder."""
    assert person.key is not None
    actor = current_actor()
    try:
        if any(
            each.decided_by is not None and each.decided_by.name == person.who
            for each in find_approved(settings, kind, subject)
        ):
            return
        request_id = request_approval(settings, kind, subject, kind.replace("_", " "))
        if actor.how != "terminal" and actor.name == person.who:
            decide_request(settings, request_id, "approved", who=actor)
        else:
            sign_request(settings, request_id, person.key)
    except (ApprovalError, SignatoryKeyError) as error:
        raise ReleaseError(str(error)) from None


def is_same_person(settings: Settings, one: str, other: str) -> bool:
    """Return whether two names may belong to one person.

    Ids of signatories are compared exactly. Other names may belong to one person if the longer name
    contains all words of the shorter one. Order, case and accents are ignored, and an initial
    stands for a word.
    """
    if settings.signatories:
        return one.strip() == other.strip()
    shorter, longer = sorted((_split_name(one), _split_name(other)), key=len)
    for word in shorter:
        match = next((each for each in longer if _is_same_word(word, each)), None)
        if match is None:
            return False
        longer.remove(match)
    return True


def _split_name(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    words = [word for word in re.split(r"[^a-z0-9]+", letters) if word]
    # Match longer words first. Otherwise an initial could use up a full name that a longer word
    # needs.
    return sorted((word for word in words if word not in TITLES), key=lambda word: -len(word))


def _is_same_word(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other
