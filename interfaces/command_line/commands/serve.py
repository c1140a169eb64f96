"""`register serve`: serve the current generation to analysts, and grant access to areas."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from register.settings import Settings, load_settings

app = typer.Typer(
    help="Serve the current generation to tools of analysts: Parquet files, PostgreSQL, a lake."
    "\n\nEach load does this for every target in REGISTER_SERVE; these commands do it now."
    " Readers keep the earlier generation until the new one is complete.",
    no_args_is_help=True,
)
Member = Annotated[
    str,
    typer.Argument(
        metavar="MEMBER",
        help="The PostgreSQL role of the reader, which must be a member of register_area.",
    ),
]
Area = Annotated[
    str,
    typer.Argument(
        metavar="AREA", help="DfE code of a local authority, or code of a police force."
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of the grant."),
]
TAKES_EFFECT = "The next load applies it, or `register serve postgres` now."


@app.command()
def parquet(as_json: console.AsJson = False) -> None:
    """Write the Parquet files, in which dates are months, and point `published/parquet` to them."""
    _serve(load_settings(), "parquet", as_json)


@app.command("parquet_exact")
def parquet_exact(as_json: console.AsJson = False) -> None:
    """Write Parquet files with exact dates, and point `published/parquet_exact` to them."""
    _serve(load_settings(), "parquet_exact", as_json)


@app.command()
def postgres(as_json: console.AsJson = False) -> None:
    """Load the register into the database of REGISTER_POSTGRES_DSN and make it current there."""
    _serve(load_settings(), "postgres", as_json)


@app.command()
def lake(as_json: console.AsJson = False) -> None:
    """Write the generation as a snapshot of the lake of REGISTER_LAKE."""
    _serve(load_settings(), "lake", as_json)


@app.command()
def grants(
    as_json: console.AsJson = False,
) -> None:
    """List which role may read the rows of which area in PostgreSQL."""
    from register.serving import GrantError, read_grants

    with console.stop_on(GrantError):
        current_grants = read_grants(load_settings())
    today = datetime.now(UTC).date().isoformat()
    rows = [
        vars(grant) | {"is_expired": bool(grant.expires_on) and grant.expires_on < today}
        for grant in current_grants
    ]
    if as_json:
        console.write_json(rows)
        return
    console.show_table(
        f"{len(rows)} grants",
        ["member", "area code", "expires on", "decided by", "decided at", "reason"],
        (
            [
                row["member"],
                row["area_code"],
                row["expires_on"] + (" (expired)" if row["is_expired"] else ""),
                row["decided_by"],
                row["decided_at"],
                row["reason"],
            ]
            for row in rows
        ),
    )


@app.command()
def grant(
    member: Member, area: Area, by: console.By, reason: console.Reason, until: Until = None
) -> None:
    """Let a role read the rows of an area; recorded in decisions/serving_grants.csv."""
    last_day = until.date() if until else None
    _decide("grant", member, area, by=by, reason=reason, expires_on=last_day)
    console.output.print(f"{member} may read the rows of {area}. {TAKES_EFFECT}", markup=False)


@app.command()
def revoke(member: Member, area: Area, by: console.By, reason: console.Reason) -> None:
    """Revoke a grant; recorded in decisions/serving_grants.csv."""
    _decide("revoke", member, area, by=by, reason=reason)
    console.output.print(
        f"{member} may no longer read the rows of {area}. {TAKES_EFFECT}", markup=False
    )


def _decide(decision: str, member: str, area: str, **details: Any) -> None:
    from register.home import prepare_home
    from register.serving import GrantError, decide_grant

    settings = load_settings()
    prepare_home(settings)
    with console.stop_on(GrantError):
        decide_grant(settings, decision, member, area, **details)


def _serve(settings: Settings, target: str, as_json: bool) -> None:
    from orchestration.dbt import DbtError
    from orchestration.dbt_manifest import list_foreign_keys, load_manifest
    from register.serving import GrantError, LakeError, PostgresError, UnservedTypeError, serve

    faults = (UnservedTypeError, GrantError, PostgresError, LakeError)
    errors = (publishing.PublishError, DbtError, *faults)
    with console.stop_on(*errors), console.notices.status(f"serving {target}"):
        facts = serve(settings, target, list_foreign_keys(load_manifest(settings)))
    if as_json:
        console.write_json({"target": target, **facts})
        return
    for name, value in facts.items():
        console.write_line(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
