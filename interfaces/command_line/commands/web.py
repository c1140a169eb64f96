"""`register web`: run the web application for staff, and manage its accounts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.api_token import app as token_app
from interfaces.command_line.commands.upload_work import app as upload_app
from interfaces.command_line.lazy_modules import web as application
from interfaces.command_line.loopback import serve_on_loopback
from register.access_record import RecordError
from register.choices import ROLES
from register.home import prepare_home
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from official_statistics.releases import Version

PORT = 8321
app = typer.Typer(
    help="Serve review, case lists, deliveries, audit, outbox and quality site on loopback.\n\n"
    "In production a reverse proxy signs users in (REGISTER_WEB_PROXY_SECRET); elsewhere they"
    " use local accounts. Each view of a page that names children is written to the access record.",
    invoke_without_command=True,
)
account_app = typer.Typer(help="List, add and remove accounts.", no_args_is_help=True)
app.add_typer(account_app, name="account")
app.add_typer(token_app, name="token")
app.add_typer(upload_app, name="upload")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]


@app.callback()
def web(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on the loopback address.")] = PORT,
) -> None:
    """Serve the application on the loopback address, for a browser or a reverse proxy."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    _refuse_open_production(settings)
    prepare_home(settings)
    if not application.read_accounts(settings):
        console.notices.print("No account yet: add one with `register web account add NAME`.")
    serve_on_loopback(application.create_app(settings, _report_release), port)


def _refuse_open_production(settings: Settings) -> None:
    has_provider = settings.oidc.is_configured and bool(settings.web.host)
    is_vouched = settings.web.is_proxied or has_provider
    if settings.environment == "production" and not is_vouched:
        console.stop(
            "in production an OpenID Connect provider or a reverse proxy signs users in: set"
            " REGISTER_WEB_HOST, and REGISTER_OIDC_ISSUER or REGISTER_WEB_PROXY_SECRET"
            " (docs/how-to/web.md)"
        )


def _report_release(settings: Settings, version: Version) -> None:
    """Report a release's new state to Dagster. The state stands even if this fails."""
    from orchestration.releases import report_event

    try:
        report_event(settings, version)
    except Exception as error:
        console.notices.print(f"Dagster was not told of a release: {type(error).__name__}")


@account_app.command("list")
def list_accounts(
    as_json: console.AsJson = False,
) -> None:
    """List the accounts and their roles."""
    accounts = application.read_accounts(load_settings()).values()
    if as_json:
        console.write_json(
            [{**asdict(each), "password_hash": bool(each.password_hash)} for each in accounts]
        )
        return
    console.show_table(
        console.format_count(len(accounts), "account"),
        ["name", "role", "suppliers", "signed in by", "added"],
        (
            [
                each.name,
                each.role,
                ", ".join(each.supplier_codes),
                "password" if each.password_hash else "proxy",
                each.added_at,
            ]
            for each in accounts
        ),
    )


@account_app.command("add")
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option(
            help=f"{' or '.join(ROLES)}: staff see pages that name children and make decisions;"
            " readers do neither. Only outside production, and until `register access grant` names"
            " the account. A supplier delivers, in production too."
        ),
    ] = "staff",
    supplier: Annotated[
        list[str] | None,
        typer.Option(help="The code of a supplier for which the person delivers; repeatable."),
    ] = None,
    proxied: Annotated[
        bool,
        typer.Option(
            "--proxied",
            help="Add the account without a password: the reverse proxy signs this person in.",
        ),
    ] = False,
) -> None:
    """Add an account. The command asks for the password twice."""
    if role not in ROLES:
        raise typer.BadParameter(f"one of {', '.join(ROLES)}", param_hint="--role")
    settings = load_settings()
    password = None if proxied else _ask_password()
    account_role: Any = role
    with _stopping():
        application.add_account(settings, name, account_role, password, supplier or ())
    console.output.print(f"Added: {name}, {role}.", markup=False)
    if settings.environment == "production" and not supplier:
        console.output.print(f"In production, roles give no access: register access grant {name} …")


@account_app.command("password")
def set_password(name: Name) -> None:
    """Set a new password. All sessions of the account end."""
    settings = load_settings()
    password = _ask_password()
    with _stopping():
        application.set_password(settings, name, password)
    console.output.print(
        f"Password of {name} is set. Sessions of the account have ended.", markup=False
    )


@account_app.command("remove")
def remove(name: Name) -> None:
    """Remove an account. All its sessions end at once."""
    with _stopping():
        application.remove_account(load_settings(), name)
    console.output.print(f"Removed: {name}.", markup=False)


def _ask_password() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _stopping() -> AbstractContextManager[None]:
    return console.stop_on(application.AccountError, RecordError, code=console.NOT_FOUND)
