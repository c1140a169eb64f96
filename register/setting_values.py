"""Reading the values of settings from variables, with clear errors for invalid ones.

The functions read from a mapping. Only `register.settings` reads the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from register.key_strength import find_key_fault
from register.variables import DeliveryLimits, WatchSettings, WebSettings

# Targets to which a load can serve the published register for analysts' tools.
SERVING_TARGETS = ("parquet", "parquet_exact", "postgres", "lake")
USUAL_TARGETS = "parquet"
SIGNATORY_ROLES = ("producer", "head_of_profession")


class SettingsError(ValueError):
    """A setting is missing or invalid; the message says what to set."""


def parse_signatories(text: str) -> dict[str, str]:
    """Parse the text `id=role id=role`.

    Raises `SettingsError` for an unknown role or a repeated id.
    """
    entries = [entry.partition("=") for entry in text.replace(",", " ").split()]
    roles = {name: role for name, _, role in entries}
    if len(roles) < len(entries) or "" in roles or set(roles.values()) - set(SIGNATORY_ROLES):
        raise SettingsError(f"REGISTER_STATISTICS_SIGNATORIES: id=role, of {SIGNATORY_ROLES}")
    return roles


def parse_signatory_keys(text: str) -> dict[str, str]:
    """Parse the text `id=public-key id=public-key`. Raises `SettingsError` for another form."""
    entries = [entry.partition("=") for entry in text.replace(",", " ").split()]
    if not all(name and key for name, _, key in entries):
        raise SettingsError("REGISTER_SIGNATORY_KEYS: id=public key")
    return {name: key for name, _, key in entries}


def read_web_settings(values: Mapping[str, str], environment: str) -> WebSettings:
    """Return the settings of the web application.

    Raises `SettingsError` if a value is invalid.
    """
    secret = values.get("REGISTER_WEB_PROXY_SECRET", "")
    fault = find_key_fault(secret) if secret else None
    if fault is not None and environment == "production":
        raise SettingsError(f"REGISTER_WEB_PROXY_SECRET is no secret for production: {fault}")
    return WebSettings(
        proxy_secret=secret,
        host=values.get("REGISTER_WEB_HOST", ""),
        session_hours=read_number(values, "REGISTER_WEB_SESSION_HOURS", 8.0, minimum=0.1),
        requests_per_minute=int(
            read_number(values, "REGISTER_WEB_REQUESTS_PER_MINUTE", 600, minimum=1)
        ),
    )


def read_watch_settings(values: Mapping[str, str]) -> WatchSettings:
    """Return the settings of alerts and of the record outside the home.

    Raises `SettingsError` if a value is invalid.
    """
    record = values.get("REGISTER_OUTSIDE_RECORD", "")
    return WatchSettings(
        alert_command=values.get("REGISTER_ALERT_COMMAND", ""),
        alert_url=_read_url(values, "REGISTER_ALERT_URL"),
        dagster_url=_read_url(values, "REGISTER_DAGSTER_URL"),
        load_hours=read_number(values, "REGISTER_ALERT_LOAD_HOURS", 26.0, minimum=0.0),
        outside_record=Path(record).expanduser().resolve() if record else None,
        record_command=values.get("REGISTER_OUTSIDE_RECORD_COMMAND", ""),
        record_url=_read_url(values, "REGISTER_OUTSIDE_RECORD_URL"),
    )


def _read_url(values: Mapping[str, str], name: str) -> str:
    """Return the address in a setting, which is encrypted unless it is on this machine."""
    url = values.get(name, "")
    address = urlsplit(url)
    is_local = address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1"}
    if url and address.scheme != "https" and not is_local:
        raise SettingsError(f"{name} must begin with https://")
    return url


def parse_serving_targets(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the targets in the order of `SERVING_TARGETS`.

    Raises `SettingsError` if a value is invalid.
    """
    names = values.get("REGISTER_SERVE", USUAL_TARGETS).replace(",", " ").split()
    if names == ["none"]:
        return ()
    unknown = sorted(set(names) - set(SERVING_TARGETS))
    if unknown or not names:
        raise SettingsError(
            f"REGISTER_SERVE is '{' '.join(unknown)}'; known: none, or any of"
            f" {', '.join(SERVING_TARGETS)}"
        )
    if "postgres" in names and not values.get("REGISTER_POSTGRES_DSN"):
        raise SettingsError("REGISTER_SERVE has postgres in it: set REGISTER_POSTGRES_DSN too")
    if "lake" in names and not (values.get("REGISTER_LAKE") and values.get("REGISTER_LAKE_DATA")):
        raise SettingsError(
            "REGISTER_SERVE has lake in it: set REGISTER_LAKE and REGISTER_LAKE_DATA too"
        )
    if values.get("REGISTER_LAKE_DETAIL", "coarse") not in {"coarse", "exact"}:
        raise SettingsError("REGISTER_LAKE_DETAIL must be coarse or exact")
    return tuple(target for target in SERVING_TARGETS if target in names)


def read_limits(values: Mapping[str, str]) -> DeliveryLimits:
    """Read the limits of deliveries from their variables, each in the type of its default."""
    usual, limits = DeliveryLimits(), {}
    for limit in fields(usual):
        variable, default = limit.metadata["variable"], getattr(usual, limit.name)
        limits[limit.name] = type(default)(
            read_number(values, variable.name, default, variable.least)
        )
    return DeliveryLimits(**limits)


def read_number(values: Mapping[str, str], name: str, default: float, minimum: float) -> float:
    """Return a number from its variable, or the default if it is not set.

    Raises `SettingsError` if a value is invalid.
    """
    text = values.get(name, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be a number") from error
    if number < minimum:
        raise SettingsError(f"{name} must be at least {minimum:g}")
    return number
