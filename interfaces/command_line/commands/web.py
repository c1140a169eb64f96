"""`register web`: the application for the work that needs hands, its accounts, its log."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from interfaces.command_line.console import (
    ATTENTION,
    FAILED,
    NOT_FOUND,
    notices,
    output,
    stop,
    write_json,
)
from interfaces.command_line.lazy import lazy_module
from register.choices import ROLES
from register.home import prepare_home
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from interfaces import web as pages
else:
    pages = lazy_module("interfaces.web")

LOOPBACK = "127.0.0.1"
PORT = 8321
app = typer.Typer(
    help="Serve review, case lists, deliveries, audit, outbox and quality site on loopback.\n\n"
    "In production a reverse proxy signs users in (REGISTER_WEB_PROXY_SECRET); elsewhere local"
    " accounts do. Each view of what names children is written into the access log.",
    invoke_without_command=True,
)
accounts = typer.Typer(help="List, add and remove accounts.", no_args_is_help=True)
log = typer.Typer(help="Verify and read the access log.", no_args_is_help=True)
app.add_typer(accounts, name="account")
app.add_typer(log, name="log")
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
    if not pages.read_accounts(settings):
        notices.print("No account yet: add one with `register web account add NAME`.")
    _serve(settings, port)


def _refuse_open_production(settings: Settings) -> None:
    if settings.environment == "production" and not settings.web.is_proxied:
        stop(
            "in production a reverse proxy signs users in: set REGISTER_WEB_PROXY_SECRET and"
            " REGISTER_WEB_HOST (docs/how-to/web.md)",
            FAILED,
        )


def _serve(settings: Settings, port: int) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        """Says its address once it listens, and not before."""

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                notices.print(f"http://{LOOPBACK}:{port}")

    # Addresses of pages have keys in them: the access log is ours, uvicorn writes none.
    config = uvicorn.Config(
        pages.create_app(settings),
        host=LOOPBACK,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
    )
    Server(config).run()


@accounts.command("list")
def list_accounts(
    as_json: Annotated[bool, typer.Option("--json", help="Write the accounts as JSON.")] = False,
) -> None:
    """List the accounts and their roles."""
    found = pages.read_accounts(load_settings()).values()
    if as_json:
        write_json([{**asdict(each), "password_hash": bool(each.password_hash)} for each in found])
        return
    table = Table(title=f"{len(found):,} accounts")
    for column in ("name", "role", "signed in by", "added"):
        table.add_column(column)
    for each in found:
        by = "password" if each.password_hash else "proxy"
        table.add_row(each.name, each.role, by, each.added_at)
    output.print(table)


@accounts.command("add")
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option(help=f"{' or '.join(ROLES)}: staff see what names children and decide."),
    ] = "staff",
    proxied: Annotated[
        bool, typer.Option("--proxied", help="No password: the reverse proxy signs them in.")
    ] = False,
) -> None:
    """Add an account; the password is asked for, twice."""
    if role not in ROLES:
        raise typer.BadParameter(f"one of {', '.join(ROLES)}", param_hint="--role")
    settings = load_settings()
    password = None if proxied else _ask_password()
    chosen: Any = role
    _do(lambda: pages.add_account(settings, name, chosen, password))
    output.print(f"Added: {name}, {role}.", markup=False)


@accounts.command("password")
def password(name: Name) -> None:
    """Set another password; sessions of the account end."""
    settings = load_settings()
    given = _ask_password()
    _do(lambda: pages.set_password(settings, name, given))
    output.print(f"Set: the password of {name}. Its sessions have ended.", markup=False)


@accounts.command("remove")
def remove(name: Name) -> None:
    """Remove an account; its sessions end at once."""
    _do(lambda: pages.remove_account(load_settings(), name))
    output.print(f"Removed: {name}.", markup=False)


@log.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A last hash that was noted elsewhere before."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the result as JSON.")] = False,
) -> None:
    """Follow the chain of the access log from its beginning; exit code 5 where it is broken."""
    found = pages.verify_log(load_settings(), head)
    if as_json:
        write_json(asdict(found))
    elif found.fault is None:
        output.print(f"Whole: {found.entry_count:,} views. Last hash: {found.head}", soft_wrap=True)
    if found.fault is not None:
        stop(f"the access log is not whole: {found.fault}", ATTENTION)


@log.command("restart")
def restart(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for the loss.")],
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why it is lost.")],
) -> None:
    """Begin the access log anew where it is lost and no backup has it; that is written down."""

    def begin() -> None:
        count = pages.restart_log(load_settings(), by, reason)
        output.print(f"The log begins anew. {count:,} views were in the one before.")

    _do(begin)


@log.command("show")
def show_log(
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Only views of this child, absence, pair or body."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many, the latest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Write every view as JSON.")] = False,
) -> None:
    """Show who looked at what, when and why."""
    found = list(pages.read_log(load_settings(), key))
    if as_json:
        write_json(found)
        return
    table = Table(title=f"{len(found):,} views")
    for column in ("when", "who", "what", "why", "keys"):
        table.add_column(column, overflow="fold")
    for entry in found[-limit:]:
        shown = ", ".join(entry["keys"][:3])
        more = len(entry["keys"]) - 3
        keys = f"{shown} and {more} more" if more > 0 else shown
        table.add_row(entry["at"], entry["who"], entry["what"], entry["why"], keys)
    output.print(table)


def _ask_password() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _do(change: Callable[[], None]) -> None:
    try:
        change()
    except (pages.AccountError, pages.AccessLogError) as error:
        stop(str(error), NOT_FOUND)
