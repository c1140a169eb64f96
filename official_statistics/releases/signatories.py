"""Who answers for a release: people by their ids in the settings, or by names that are compared.

An id is typed by whoever runs a step, so each event also has the operating system's account. That
nobody types another's id is for those who give access to the machine.
"""

from __future__ import annotations

import os
import pwd
import re
import unicodedata
from dataclasses import dataclass

from official_statistics.releases.faults import ReleaseError
from register.settings import Settings

TITLES = {"dr", "miss", "mr", "mrs", "ms", "prof", "professor", "sir", "dame"}


@dataclass(frozen=True)
class Person:
    """Who takes a step, in which role, and why."""

    who: str
    role: str
    words: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """Who withdraws a version and why, who approves it, and the page that says so."""

    person: Person
    approved_by: str
    page: bytes


def account_of_process() -> str:
    """Return the operating system's account that runs this process."""
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def check_signatory(settings: Settings, name: str, role: str) -> None:
    """Raise `ReleaseError` where a person may not answer for a release in a role.

    With signatories in the settings, they alone may. In production there must be some: two
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
            "who may sign and approve is not said: set REGISTER_STATISTICS_SIGNATORIES to"
            " id=producer id=head_of_profession"
        )


def is_same_person(settings: Settings, one: str, other: str) -> bool:
    """Return whether two names may be one person's.

    Ids of signatories are compared as they are. Other names are the same if the words of one are
    among those of the other, in whatever order, case and accents, or as initials.
    """
    if settings.signatories:
        return one.strip() == other.strip()
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    for word in shorter:
        found = next((each for each in longer if _is_same_word(word, each)), None)
        if found is None:
            return False
        longer.remove(found)
    return True


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    words = [word for word in re.split(r"[^a-z0-9]+", letters) if word]
    # Longer words first, so that an initial does not take the place of a whole name.
    return sorted((word for word in words if word not in TITLES), key=lambda word: -len(word))


def _is_same_word(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other
