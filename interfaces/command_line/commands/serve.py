"""`register serve`: give the current generation to a target now, and say who sees which area."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

app = typer.Typer(
    help="Give the current generation to the tools of analysts: Parquet files, PostgreSQL."
    "\n\nA load does so for every target in REGISTER_SERVE; this does it now. Readers keep what"
    " they have until the new is whole.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Write what was served as JSON.")]
Member = Annotated[
    str,
    typer.Argument(metavar="MEMBER", help="The role that logs in, a member of register_area."),
]
Area = Annotated[
    str, typer.Argument(metavar="AREA", help="DfE code of an authority, or code of a force.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of the grant."),
]
APPLIED = "It is applied by the next load, or by `register serve postgres` now."


@app.command()
def parquet(as_json: AsJson = False) -> None:
    """Write the Parquet package and point `published/parquet` at it. Needs no setting."""
    _serve(load_settings(), "parquet", as_json)


@app.command()
def postgres(as_json: AsJson = False) -> None:
    """Load the register into the database of REGISTER_POSTGRES_DSN and swap it in."""
    _serve(load_settings(), "postgres", as_json)


@app.command()
def grants(
    as_json: Annotated[bool, typer.Option("--json", help="Write the list as JSON.")] = False,
) -> None:
    """List which member sees the rows of which area in PostgreSQL."""
    from register.serving import GrantError, read_grants

    try:
        found = read_grants(load_settings())
    except GrantError as error:
        stop(str(error), FAILED)
    rows = [vars(grant) | {"is_expired": _is_expired(grant.expires_on)} for grant in found]
    if as_json:
        write_json(rows)
        return
    table = Table(title=f"{len(rows)} grants")
    for column in ("member", "area_code", "expires_on", "decided_by", "decided_at", "reason"):
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(
            row["member"],
            row["area_code"],
            row["expires_on"] + (" (over)" if row["is_expired"] else ""),
            row["decided_by"],
            row["decided_at"],
            row["reason"],
        )
    output.print(table)


@app.command()
def grant(member: Member, area: Area, by: By, reason: Reason, until: Until = None) -> None:
    """Let a member see the rows of an area; written down in decisions/serving_grants.csv."""
    last_day = until.date() if until else None
    _decide("grant", member, area, by=by, reason=reason, expires_on=last_day)
    output.print(f"{member} may see the rows of {area}. {APPLIED}", markup=False)


@app.command()
def revoke(member: Member, area: Area, by: By, reason: Reason) -> None:
    """Take a grant back; written down in decisions/serving_grants.csv."""
    _decide("revoke", member, area, by=by, reason=reason)
    output.print(f"{member} may no longer see the rows of {area}. {APPLIED}", markup=False)


def _decide(decision: str, member: str, area: str, **about: Any) -> None:
    from register.home import prepare_home
    from register.serving import GrantError, decide_grant

    settings = load_settings()
    prepare_home(settings)
    try:
        decide_grant(settings, decision, member, area, **about)
    except GrantError as error:
        stop(str(error), FAILED)


def _is_expired(expires_on: str) -> bool:
    return bool(expires_on) and expires_on < datetime.now(UTC).date().isoformat()


def _serve(settings: Settings, target: str, as_json: bool) -> None:
    from orchestration.dbt import DbtError
    from orchestration.dbt_manifest import list_foreign_keys, load_manifest
    from register.serving import GrantError, PostgresError, UnservedTypeError, serve

    try:
        with notices.status(f"serving {target}"):
            done = serve(settings, target, list_foreign_keys(load_manifest(settings)))
    except (
        publishing.PublishError,
        DbtError,
        UnservedTypeError,
        GrantError,
        PostgresError,
    ) as error:
        stop(str(error), FAILED)
    if as_json:
        write_json({"target": target, **done})
        return
    for name, value in done.items():
        text = f"{value:,}" if isinstance(value, int) else value
        output.print(f"{name}: {text}", markup=False, highlight=False, soft_wrap=True)
