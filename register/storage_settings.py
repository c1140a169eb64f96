"""Settings of storage on other machines: the inbox, and copies of the served files."""

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
COPY_KINDS = ("s3", "abfs")


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
        return cls(*_read_storage(values, "REGISTER_INBOX", INBOX_KINDS))


@dataclass(frozen=True)
class ServedCopySettings:
    """Settings of copies of the served Parquet files. `place` is a folder or an address."""

    place: str = declare_variable(
        "REGISTER_SERVE_COPY",
        "folder, or address such as `s3://bucket/register` or `abfs://container/register`",
        "Where a load copies the Parquet packages of `REGISTER_SERVE`, besides the home.",
        "none",
        default="",
    )
    options: Mapping[str, Any] = declare_variable(
        "REGISTER_SERVE_COPY_OPTIONS",
        "JSON, secret",
        "How the place of copies is reached, as in `REGISTER_INBOX_OPTIONS`; it is never printed.",
        "none",
        default_factory=dict,
        repr=False,
    )

    @classmethod
    def read(cls, values: Mapping[str, str]) -> ServedCopySettings:
        """Return the settings that `values` contain; see `InboxSettings.read`."""
        return cls(*_read_storage(values, "REGISTER_SERVE_COPY", COPY_KINDS))


def _read_storage(
    values: Mapping[str, str], name: str, kinds: tuple[str, ...]
) -> tuple[str, dict[str, Any]]:
    """Return the place in a variable, with the options in the variable beside it."""
    place = values.get(name, "")
    if re.match(r"\w+://", place):
        _check_address(name, place, kinds)
    elif place:
        place = str(Path(place).expanduser().resolve())
    try:
        options = json.loads(values.get(f"{name}_OPTIONS", "") or "{}")
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise SettingsError(f"{name}_OPTIONS must be a JSON object")
    return place.rstrip("/"), options


def _check_address(name: str, place: str, kinds: tuple[str, ...]) -> None:
    address = urlsplit(place)
    if address.scheme not in kinds:
        raise SettingsError(f"{name} must be a folder, or an address of {', '.join(kinds)}")
    if not address.hostname:
        raise SettingsError(f"{name} has no host, bucket or container")
    if address.password or address.query:
        raise SettingsError(f"{name} has a secret in it: use {name}_OPTIONS")
