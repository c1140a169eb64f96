"""Settings of the organisation's OpenID Connect provider, which signs people in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from register.setting_values import SettingsError
from register.variables import declare_variable

LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True)
class OidcSettings:
    """Settings of the provider: its address, this application's client, and the claim that names.

    People sign in with the provider if `issuer` is set.
    """

    issuer: str = declare_variable(
        "REGISTER_OIDC_ISSUER",
        "address",
        "The `https://` address of the OpenID Connect provider that signs people in to `register"
        " web`.",
        "none",
        default="",
    )
    client_id: str = declare_variable(
        "REGISTER_OIDC_CLIENT_ID",
        "text",
        "The id of `register web` at the provider.",
        "none",
        default="",
    )
    client_secret: str = declare_variable(
        "REGISTER_OIDC_CLIENT_SECRET",
        "text, secret",
        "The secret of `register web` at the provider; it is never printed.",
        "none",
        default="",
        repr=False,
    )
    claim: str = declare_variable(
        "REGISTER_OIDC_CLAIM",
        "`sub`, `email` or another claim",
        "The claim with the name to which access is granted. An e-mail address counts only if the"
        " provider has verified it.",
        default="sub",
    )

    @property
    def is_configured(self) -> bool:
        """Whether people sign in with the provider."""
        return bool(self.issuer)

    @classmethod
    def read(cls, values: Mapping[str, str]) -> OidcSettings:
        """Return the settings that `values` contain.

        Raises `SettingsError` if a part is missing, or if the address is not safe.
        """
        names = {item.metadata["variable"].name: item.name for item in fields(cls)}
        chosen = {names[name]: value for name, value in values.items() if name in names and value}
        settings = cls(**chosen)
        parts = (settings.issuer, settings.client_id, settings.client_secret)
        if any(parts) and not all(parts):
            raise SettingsError(
                "set REGISTER_OIDC_ISSUER, REGISTER_OIDC_CLIENT_ID and REGISTER_OIDC_CLIENT_SECRET"
                " together"
            )
        address = urlsplit(settings.issuer)
        is_local = address.scheme == "http" and address.hostname in LOOPBACK
        if settings.issuer and address.scheme != "https" and not is_local:
            raise SettingsError("REGISTER_OIDC_ISSUER must begin with https://")
        if settings.issuer and values.get("REGISTER_WEB_PROXY_SECRET"):
            raise SettingsError(
                "either the proxy signs people in or the OpenID Connect provider: set"
                " REGISTER_WEB_PROXY_SECRET or REGISTER_OIDC_ISSUER, not both"
            )
        return settings
