"""Settings of the inbox: where it is, and the credentials with which it is reached."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from register.setting_values import SettingsError
from register.variables import declare_variable

INBOX_KINDS = ("s3", "abfs", "sftp")


class InboxUnreachableError(RuntimeError):
    """The inbox does not answer, or refuses access. The message has its kind and host alone."""


@dataclass(frozen=True)
class InboxSettings:
    """Settings of the inbox. `place` is an absolute folder or an address; empty for the home's."""

    place: str = declare_variable(
        "REGISTER_INBOX",
        "folder, or address such as `s3://bucket/inbox`, `abfs://container/inbox` or"
        " `sftp://user@host/inbox`",
        "Where suppliers put deliveries, and where messages to them go.",
        "`inbox` in the home",
        default="",
    )
    options: Mapping[str, Any] = declare_variable(
        "REGISTER_INBOX_OPTIONS",
        "JSON, secret",
        "How a remote inbox is reached, such as `key`, `secret` and `endpoint_url` of s3fs,"
        " `account_name` and `account_key` of adlfs, or `key_file` and `known_hosts_file` for SFTP;"
        " it is never printed.",
        "none",
        default_factory=dict,
        repr=False,
    )

    @property
    def is_remote(self) -> bool:
        """Whether the inbox is on another machine's storage."""
        return "://" in self.place

    @classmethod
    def read(cls, values: Mapping[str, str]) -> InboxSettings:
        """Return the settings that `values` contain.

        Raises `SettingsError` for an unknown kind of storage, or a secret in the address.
        """
        place = values.get("REGISTER_INBOX", "")
        if not re.match(r"\w+://", place):
            place = str(Path(place).expanduser().resolve()) if place else ""
        else:
            _check_address(place)
        try:
            options = json.loads(values.get("REGISTER_INBOX_OPTIONS", "") or "{}")
        except ValueError:
            options = None
        if not isinstance(options, dict):
            raise SettingsError("REGISTER_INBOX_OPTIONS must be a JSON object")
        return cls(place, options)


def _check_address(place: str) -> None:
    address = urlsplit(place)
    if address.scheme not in INBOX_KINDS:
        raise SettingsError(f"REGISTER_INBOX must be a folder or one of {', '.join(INBOX_KINDS)}")
    if not address.hostname:
        raise SettingsError("REGISTER_INBOX has no host, bucket or container")
    if address.password or address.query:
        raise SettingsError("REGISTER_INBOX has a secret in it: use REGISTER_INBOX_OPTIONS")
