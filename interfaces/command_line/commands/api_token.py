"""`register web token`: tokens with which suppliers' systems deliver by themselves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import web as application
from register.access_record import RecordError
from register.settings import load_settings

app = typer.Typer(
    help="List, add and remove tokens, with which suppliers' systems deliver.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The token's name, such as the system.")]


@app.command("list")
def list_tokens(as_json: console.AsJson = False) -> None:
    """List the tokens, with the day on which each was last used."""
    tokens = application.read_tokens(load_settings()).values()
    if as_json:
        console.write_json(
            [
                {key: value for key, value in asdict(each).items() if key != "token_hash"}
                for each in tokens
            ]
        )
        return
    console.show_table(
        console.format_count(len(tokens), "token"),
        ["name", "supplier", "added", "expires", "last used"],
        (
            [each.name, each.supplier_code, each.added_at, each.expires_on, each.last_used_on]
            for each in tokens
        ),
    )


@app.command("add")
def add(
    name: Name,
    supplier: Annotated[str, typer.Option(help="The code of the supplier that delivers.")],
    expires: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day on which the token is accepted."),
    ] = None,
) -> None:
    """Add a token and print it. It is not stored, so it can never be shown again."""
    last_day = None if expires is None else expires.date()
    with console.stop_on(application.AccountError, RecordError, code=console.NOT_FOUND):
        token = application.add_token(load_settings(), name, supplier, last_day)
    console.notices.print("Give this token to the supplier now: it is not shown again.")
    console.write_line(token)


@app.command("remove")
def remove(name: Name) -> None:
    """Remove a token. It is refused at once."""
    with console.stop_on(application.AccountError, RecordError, code=console.NOT_FOUND):
        application.remove_token(load_settings(), name)
    console.output.print(f"Removed: {name}.", markup=False)
