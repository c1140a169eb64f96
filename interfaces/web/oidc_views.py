"""Signing in through the organisation's OpenID Connect provider, and signing out of every session.

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
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

from interfaces.web.accounts import (
    Account,
    AccountError,
    end_sessions,
    find_or_add_account,
    read_accounts,
)
from interfaces.web.application_files import read_signing_secret
from interfaces.web.authorisation import (
    AnyAccount,
    AnyVisitor,
    ForbiddenError,
    Form,
    replace_session,
)
from interfaces.web.pages import NotFoundError, get_settings, render_page
from interfaces.web.sessions import create_session
from interfaces.web.sign_in_views import keep_local_path, record_refused_sign_in
from register.access_record import Actor, Entry, record_access
from register.settings import Settings

router = APIRouter()
# The cookie that holds state, nonce and PKCE verifier until the browser comes back.
SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-register-oidc", "register_oidc"
SIGN_IN_SECONDS = 600
CALLBACK, SIGNED_OUT = "/sign-in/callback", "/sign-in"
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
    # The last identity token of each account. After a restart, the provider asks before it signs a
    # person out.
    app.state.id_tokens = {}
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
    try:
        answer: Response = await client.authorize_redirect(
            request, _build_address(request, CALLBACK)
        )
    except FAILURES:
        raise ForbiddenError(REFUSED) from None
    return answer


@router.get(CALLBACK)
async def finish_sign_in(request: Request, visitor: AnyVisitor) -> Response:
    """Sign in the person whom the provider names, and start a new session."""
    client, settings = _find_client(request), get_settings(request)
    then = str(request.session.pop("then", "/"))
    try:
        name, id_token = await _read_name(client, request, settings)
    except FAILURES:
        name = id_token = ""
    finally:
        # What is left of this try must not serve another one.
        request.session.clear()
    if not name:
        await run_in_threadpool(record_refused_sign_in, settings, "")
        raise ForbiddenError(REFUSED)
    account = await run_in_threadpool(_admit_person, settings, name)
    request.app.state.id_tokens[account.name] = id_token
    replace_session(request, create_session(account.name, account.epoch))
    # A browser sends no `strict` cookie along a redirect from another site, so this is a page.
    return render_page(request, "signed_in.html", None, then=keep_local_path(then))


@router.post("/sign-out")
async def sign_out(request: Request, visitor: AnyAccount, form: Form) -> Response:
    """End every session of the account, and send the browser to the provider to end its own."""
    settings = get_settings(request)
    # The proxy may sign in a person with a grant and without an account.
    if visitor.name in await run_in_threadpool(read_accounts, settings):
        await run_in_threadpool(end_sessions, settings, visitor.name)
    replace_session(request, create_session())
    place = await _find_sign_out_address(request, visitor.name)
    if place is None:
        return RedirectResponse(SIGNED_OUT, 303)
    # The policy of pages forbids that a form leads to another site, so this is a page.
    return render_page(request, "signed_out.html", None, place=place)


async def _find_sign_out_address(request: Request, name: str) -> str | None:
    """Return the address at which the provider signs a person out; None if it has none."""
    client, id_token = request.app.state.oidc, request.app.state.id_tokens.pop(name, "")
    if client is None:
        return None
    try:
        metadata = await client.load_server_metadata()
        if not metadata.get("end_session_endpoint"):
            return None
        place = await client.create_logout_url(
            post_logout_redirect_uri=_build_address(request, SIGNED_OUT),
            id_token_hint=id_token,
            client_id=client.client_id,
        )
    except FAILURES:
        return None
    return str(place["url"])


def _build_address(request: Request, path: str) -> str:
    host = get_settings(request).web.host
    return f"https://{host}{path}" if host else f"http://{request.url.netloc}{path}"


def _find_client(request: Request) -> Any:
    if request.app.state.oidc is None:
        raise NotFoundError(NOT_CONFIGURED)
    return request.app.state.oidc


async def _read_name(client: Any, request: Request, settings: Settings) -> tuple[str, str]:
    """Return the name in the provider's verified answer, and the identity token.

    The name is empty if the answer has none that counts.
    """
    issuer = {"essential": True, "values": [settings.oidc.issuer]}
    token = await client.authorize_access_token(request, claims_options={"iss": issuer})
    claims: Mapping[str, Any] = token.get("userinfo") or {}
    claim = settings.oidc.claim
    if claims and claim not in claims:
        # Many providers have only `sub` in the identity token, and the rest at an address.
        more = await client.userinfo(token=token)
        claims = {**more, **claims} if more.get("sub") == claims.get("sub") else {}
    if claim == "email" and claims.get("email_verified") is not True:
        return "", ""
    return str(claims.get(claim) or ""), str(token.get("id_token") or "")


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
