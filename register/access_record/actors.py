"""The authenticated person on whose behalf the current code runs, and how they were authenticated.

In the terminal and in loads, this is the operating system's account of the process. The web
application sets the signed-in person for the rest of a request.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

# `key` is a personal key of a signatory, and `token` is that of a supplier's system; `none` is
# somebody who failed to sign in.
Authentication = Literal["password", "proxy", "oidc", "terminal", "key", "token", "none"]


@dataclass(frozen=True)
class Actor:
    """A person: the name of the account, and how the person proved to be its holder."""

    name: str
    how: Authentication


_current: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor:
    """Return the person for whom the current code runs."""
    return _current.get() or Actor(read_account_name(), "terminal")


def set_actor(actor: Actor) -> None:
    """Set the person for whom the rest of the current request or task runs."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Run the block for this person."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def read_account_name() -> str:
    """Return the operating system's account of this process."""
    user = os.getuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
