"""`register web`: run the web application for staff, and manage its accounts and access log."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import web as application
from register.choices import ROLES
from register.home import prepare_home
from register.settings import Settings, load_settings

LOOPBACK = "127.0.0.1"
PORT = 8321
SECONDS_TO_SEND, HEADER_BYTES = 10, 32 << 10
app = typer.Typer(
    help="Serve review, case lists, deliveries, audit, outbox and quality site on loopback.\n\n"
    "In production a reverse proxy signs users in (REGISTER_WEB_PROXY_SECRET); elsewhere they"
    " use local accounts. Each view of a page that names children is written to the access log.",
    invoke_without_command=True,
)
account_app = typer.Typer(help="List, add and remove accounts.", no_args_is_help=True)
log_app = typer.Typer(help="Verify and read the access log.", no_args_is_help=True)
app.add_typer(account_app, name="account")
app.add_typer(log_app, name="log")
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
    _serve(settings, port)


def _refuse_open_production(settings: Settings) -> None:
    if settings.environment == "production" and not settings.web.is_proxied:
        console.stop(
            "in production a reverse proxy signs users in: set REGISTER_WEB_PROXY_SECRET and"
            " REGISTER_WEB_HOST (docs/how-to/web.md)"
        )


def _serve(settings: Settings, port: int) -> None:
    import asyncio
    import socket

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        console.stop(f"port {port} cannot be used ({error.strerror}): choose another with --port")
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    # A client must send a request's headers within this time, and must not pause longer in its
    # body, so that nobody can hold all connections open.
    config.keep_alive_timeout = config.read_timeout = SECONDS_TO_SEND
    config.h11_max_incomplete_size = HEADER_BYTES
    config.include_server_header = False
    # Addresses of pages contain keys, so the server must not log them.
    config.accesslog = None
    config.loglevel = "WARNING"
    console.notices.print(f"http://{LOOPBACK}:{port}")
    asyncio.run(serve(application.create_app(settings), config))


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
        f"{len(accounts):,} accounts",
        ["name", "role", "signed in by", "added"],
        (
            [each.name, each.role, "password" if each.password_hash else "proxy", each.added_at]
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
            " readers do neither."
        ),
    ] = "staff",
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
        application.add_account(settings, name, account_role, password)
    console.output.print(f"Added: {name}, {role}.", markup=False)


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


@log_app.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help=(
                "A hash that was noted earlier as the log's last; the log must still contain it."
            ),
        ),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Verify the hash chain of the access log; exit code 5 if it is broken."""
    result = application.verify_log(load_settings(), head)
    if as_json:
        console.write_json(asdict(result))
    elif result.fault is None:
        console.output.print(
            f"Complete: {result.entry_count:,} views. Last hash: {result.head}", soft_wrap=True
        )
    if result.fault is not None:
        console.stop(f"the access log is not complete: {result.fault}", console.ATTENTION)


@log_app.command("restart")
def restart(
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="NAME", help="Name of the person responsible for the restart."
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why the log is lost.")],
) -> None:
    """Start a new access log if the old log is lost and has no backup. The restart is recorded."""
    with _stopping():
        count = application.restart_log(load_settings(), by, reason)
    console.output.print(f"A new log is started. {count:,} views were in the earlier one.")


@log_app.command("show")
def show_log(
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Show only views of this child, absence, pair, local authority or police force.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many views: the latest, in order of time.")
    ] = 50,
    as_json: console.AsJson = False,
) -> None:
    """Show who viewed which page, when and why."""
    entries = list(application.read_log(load_settings(), key))
    if as_json:
        console.write_json(entries)
        return
    rows = []
    for entry in entries[-limit:]:
        keys, more = ", ".join(entry["keys"][:3]), len(entry["keys"]) - 3
        rows.append(
            [
                entry["at"],
                entry["who"],
                entry["what"],
                entry["why"],
                f"{keys} and {more} more" if more > 0 else keys,
            ]
        )
    console.show_table(f"{len(entries):,} views", ["when", "who", "what", "why", "keys"], rows)


def _ask_password() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _stopping() -> AbstractContextManager[None]:
    return console.stop_on(
        application.AccountError, application.AccessLogError, code=console.NOT_FOUND
    )
