"""`register access grant`, `revoke` and `list`: who may see which areas, in how much detail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, cast

import typer

from interfaces.command_line import console
from interfaces.command_line.recorded_output import By
from register.choices import LEVELS, Level
from register.settings import load_settings

Holder = Annotated[
    str,
    typer.Argument(
        metavar="HOLDER",
        help="An account of `register web`, a proxy's or OpenID Connect identity, a PostgreSQL"
        " role, or an account of the operating system.",
    ),
]
Area = Annotated[
    str,
    typer.Argument(
        metavar="AREA",
        help="DfE code of a local authority, code of a police force, or `all` for the nation.",
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of the grant."),
]
TAKES_EFFECT = "PostgreSQL applies it at the next load, or with `register serve postgres`."


def grant(  # noqa: PLR0913, PLR0917 - one parameter for each option
    holder: Holder,
    area: Area,
    level: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(LEVELS)}: each level includes those before it. Only `identity`"
            " shows names."
        ),
    ],
    by: By,
    reason: console.Reason,
    until: Until = None,
) -> None:
    """Let a holder see an area at a level; recorded in decisions/access_grants.csv."""
    if level not in LEVELS:
        raise typer.BadParameter(f"one of {', '.join(LEVELS)}", param_hint="--level")
    last_day = until.date() if until else None
    _decide("grant", holder, area, cast(Level, level), by=by, reason=reason, expires_on=last_day)
    console.output.print(f"{holder} may see {area}: {level}. {TAKES_EFFECT}", markup=False)


def revoke(holder: Holder, area: Area, by: By, reason: console.Reason) -> None:
    """Revoke a grant; recorded in decisions/access_grants.csv."""
    _decide("revoke", holder, area, by=by, reason=reason)
    console.output.print(f"{holder} no longer has a grant for {area}. {TAKES_EFFECT}", markup=False)


def list_grants(as_json: console.AsJson = False) -> None:
    """List who may see which areas, at which level."""
    from register.access_grants import GrantError, read_grants

    with console.stop_on(GrantError):
        grants = read_grants(load_settings())
    today = datetime.now(UTC).date()
    rows = [vars(each) | {"is_expired": each.is_expired(today)} for each in grants]
    if as_json:
        console.write_json(rows)
        return
    console.show_table(
        console.format_count(len(rows), "grant"),
        ["holder", "area", "level", "expires on", "decided by", "decided at", "reason"],
        (
            [
                row["holder"],
                row["area_code"],
                row["level"],
                row["expires_on"] + (" (expired)" if row["is_expired"] else ""),
                row["decided_by"],
                row["decided_at"],
                row["reason"],
            ]
            for row in rows
        ),
    )


def _decide(*decision: Any, **details: Any) -> None:
    from register.access_grants import GrantError, decide_grant
    from register.home import prepare_home

    settings = load_settings()
    prepare_home(settings)
    with console.stop_on(GrantError):
        decide_grant(settings, *decision, **details)
