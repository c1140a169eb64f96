"""The person who runs a command, what they may see, and the access record of what they see.

The operating system says who the person is. In production, `--by` cannot name another person, and
the person needs an access grant for the whole nation, because commands do not filter by area.
"""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.command_line import console
from register.access_grants import GrantError, find_access
from register.access_record import Entry, RecordError, current_actor, record_access
from register.choices import PURPOSES, Level
from register.settings import Settings, SettingsError, load_settings

# Commands that a schedule may run name this author by default.
DEFAULT_AUTHOR = "register"


def check_author(name: str | None) -> str | None:
    """Return the person whom an option `--by` names; in production, the account of the process.

    Raises `typer.BadParameter` if the option names another person in production.
    """
    try:
        is_production = load_settings().environment == "production"
    except SettingsError:
        # The command itself says what is wrong with the settings.
        return name
    account = current_actor().name
    if not is_production:
        return name
    if name and name.strip() not in (account, DEFAULT_AUTHOR):
        raise typer.BadParameter(
            f"in production, the person is the account that runs the command: '{account}'."
            " Leave --by out, or let the other person sign in"
        )
    return account


By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Name of the person who decides; in production, only the account that runs this.",
        default_factory=lambda: current_actor().name,
        callback=check_author,
        show_default="the account that runs the command",
    ),
]
Purpose = Annotated[
    str,
    typer.Option(
        "--purpose",
        metavar="PURPOSE",
        help=f"Why children's records are shown; required in production: {', '.join(PURPOSES)}.",
    ),
]


def require_level(settings: Settings, level: Level, what: str) -> None:
    """End the command if the person may not see this level of detail of the whole nation.

    Only production asks for grants. `what` is the code of the page or act for the access record.
    """
    if settings.environment != "production":
        return
    account = current_actor().name
    with console.stop_on(GrantError, RecordError):
        if not find_access(settings, account).sees_everything(level):
            record_access(settings, Entry("refusal", what))
            console.stop(
                f"the account '{account}' has no grant for this. The operator gives one:"
                f" register access grant {account} all --level {level}"
            )


def record_output(settings: Settings, entry: Entry, level: Level = "identity") -> None:
    """Record what a command is about to show, or end the command if this fails.

    In production, the command ends if the entry has no purpose, or if the person has no grant of
    the level of detail that the command shows.
    """
    is_required = settings.environment == "production"
    if (entry.why or is_required) and entry.why not in PURPOSES:
        raise typer.BadParameter(f"say why: {', '.join(PURPOSES)}", param_hint="--purpose")
    require_level(settings, level, entry.what)
    with console.stop_on(RecordError):
        record_access(settings, entry)
