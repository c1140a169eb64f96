"""Signing in through the organisation's OpenID Connect provider.

Authlib does the authorisation code flow with PKCE, state and nonce, and checks the identity token.
The provider says who a person is. Access grants say what the person may see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

from interfaces.web.accounts import Account, AccountError, find_or_add_account
from interfaces.web.application_files import read_signing_secret
from interfaces.web.authorisation import AnyVisitor, ForbiddenError, replace_session
from interfaces.web.pages import NotFoundError, get_settings, render_page
from interfaces.web.sessions import create_session
from interfaces.web.sign_in_views import keep_local_path, record_refused_sign_in
from register.access_record import Actor, Entry, record_access
from register.settings import Settings

router = APIRouter()
# The cookie that holds state, nonce and PKCE verifier until the browser comes back.
SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-register-oidc", "register_oidc"
SIGN_IN_SECONDS = 600
CALLBACK = "/sign-in/callback"
REFUSED = "The provider did not sign you in. Try again, or ask the operator."
NO_GRANT = (
    "You are signed in at your organisation, but have no account here and no grant. Ask the"
    " operator: register access grant"
)
NOT_CONFIGURED = "People do not sign in through an OpenID Connect provider here."
# What Authlib and its libraries raise for a refusal, a forged answer or an unreachable provider.
FAILURES = (AuthlibBaseError, JoseError, httpx2.HTTPError)


def add_oidc(app: FastAPI, settings: Settings) -> None:
    """Prepare an application for signing in through the provider, if the settings name one."""
    app.state.oidc = None
    if not settings.oidc.is_configured:
        return
    issuer = settings.oidc.issuer.rstrip("/")
    scopes = {"sub": "openid", "email": "openid email"}
    app.state.oidc = OAuth().register(
        "provider",
        client_id=settings.oidc.client_id,
        client_secret=settings.oidc.client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scopes.get(settings.oidc.claim, "openid profile"),
            "code_challenge_method": "S256",
        },
    )
    is_secure = app.state.sessions.is_secure
    app.add_middleware(
        SessionMiddleware,
        secret_key=hashlib.sha256(f"oidc|{read_signing_secret(settings)}".encode()).hexdigest(),
        session_cookie=SECURE_COOKIE if is_secure else LOOPBACK_COOKIE,
        max_age=SIGN_IN_SECONDS,
        # The provider's answer is a navigation from another site, to which a browser does not send
        # a `strict` cookie.
        same_site="lax",
        https_only=is_secure,
    )


@router.get("/sign-in/oidc")
async def start_sign_in(request: Request, visitor: AnyVisitor, then: str = "/") -> Response:
    """Send the browser to the provider."""
    client = _find_client(request)
    request.session["then"] = keep_local_path(then)
    host = get_settings(request).web.host
    callback = f"https://{host}{CALLBACK}" if host else f"http://{request.url.netloc}{CALLBACK}"
    try:
        answer: Response = await client.authorize_redirect(request, callback)
    except FAILURES:
        raise ForbiddenError(REFUSED) from None
    return answer


@router.get(CALLBACK)
async def finish_sign_in(request: Request, visitor: AnyVisitor) -> Response:
    """Sign in the person whom the provider names, and start a new session."""
    client, settings = _find_client(request), get_settings(request)
    then = str(request.session.pop("then", "/"))
    try:
        name = await _read_name(client, request, settings)
    except FAILURES:
        name = ""
    finally:
        # What is left of this try must not serve another one.
        request.session.clear()
    if not name:
        await run_in_threadpool(record_refused_sign_in, settings, "")
        raise ForbiddenError(REFUSED)
    account = await run_in_threadpool(_admit_person, settings, name)
    replace_session(request, create_session(account.name, account.epoch))
    # A browser sends no `strict` cookie along a redirect from another site, so this is a page.
    return render_page(request, "signed_in.html", None, then=keep_local_path(then))


def _find_client(request: Request) -> Any:
    if request.app.state.oidc is None:
        raise NotFoundError(NOT_CONFIGURED)
    return request.app.state.oidc


async def _read_name(client: Any, request: Request, settings: Settings) -> str:
    """Return the name in the provider's verified answer; empty if it has none that counts."""
    issuer = {"essential": True, "values": [settings.oidc.issuer]}
    token = await client.authorize_access_token(request, claims_options={"iss": issuer})
    claims: Mapping[str, Any] = token.get("userinfo") or {}
    claim = settings.oidc.claim
    if claims and claim not in claims:
        # Many providers have only `sub` in the identity token, and the rest at an address.
        more = await client.userinfo(token=token)
        claims = {**more, **claims} if more.get("sub") == claims.get("sub") else {}
    if claim == "email" and claims.get("email_verified") is not True:
        return ""
    return str(claims.get(claim) or "")


def _admit_person(settings: Settings, name: str) -> Account:
    try:
        account = find_or_add_account(settings, name)
    except AccountError:
        account = None
    if account is None:
        record_refused_sign_in(settings, name)
        raise ForbiddenError(NO_GRANT)
    record_access(settings, Entry("sign_in", "signed_in", actor=Actor(account.name, "oidc")))
    return account
