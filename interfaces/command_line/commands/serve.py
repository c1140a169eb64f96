"""`register serve`: serve the current generation to analysts."""

from __future__ import annotations

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


def _serve(settings: Settings, target: str, as_json: bool) -> None:
    from orchestration.dbt import DbtError
    from orchestration.dbt_manifest import list_foreign_keys, load_manifest
    from register.access_grants import GrantError
    from register.serving import LakeError, PostgresError, UnservedTypeError, serve

    faults = (UnservedTypeError, GrantError, PostgresError, LakeError)
    errors = (publishing.PublishError, DbtError, *faults)
    with console.stop_on(*errors), console.notices.status(f"serving {target}"):
        facts = serve(settings, target, list_foreign_keys(load_manifest(settings)))
    if as_json:
        console.write_json({"target": target, **facts})
        return
    for name, value in facts.items():
        console.write_line(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
