"""The limit on how many requests one address may send in a minute.

Behind a reverse proxy, the address is the one that the proxy saw: the last one in its header
`X-Forwarded-For`. The header counts only if the request has the proxy's secret.
"""

from __future__ import annotations

import hmac

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from interfaces.web.authorisation import SECRET_HEADER
from register.variables import WebSettings

FORWARDED_HEADER = "X-Forwarded-For"


class RequestLimits:
    """The requests of the last minute, by address. It is kept in memory."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self._limit = RateLimitItemPerMinute(settings.requests_per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count_request(self, request: Request) -> bool:
        """Count a request, and return whether its address may still send it."""
        return self._limiter.hit(self._limit, self._find_address(request))

    def _find_address(self, request: Request) -> str:
        address = request.client.host if request.client else ""
        secret = request.headers.get(SECRET_HEADER, "").encode()
        if self._settings.is_proxied and hmac.compare_digest(
            secret, self._settings.proxy_secret.encode()
        ):
            forwarded = request.headers.get(FORWARDED_HEADER, "").rpartition(",")[2].strip()
            return forwarded or address
        return address
