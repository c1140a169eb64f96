"""`register serve`: give the current generation to one target now, as the next load would."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.console import FAILED, notices, output, stop, write_json
from register.publishing import PublishError
from register.settings import Settings, load_settings

app = typer.Typer(
    help="Give the current generation to the tools of analysts: Parquet files, PostgreSQL."
    "\n\nA load does so for every target in REGISTER_SERVE; this does it now. Readers keep what"
    " they have until the new is whole.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Write what was served as JSON.")]


@app.command()
def parquet(as_json: AsJson = False) -> None:
    """Write the Parquet package and point `published/parquet` at it. Needs no setting."""
    _serve(load_settings(), "parquet", as_json)


def _serve(settings: Settings, target: str, as_json: bool) -> None:
    from orchestration.dbt import DbtError
    from orchestration.manifest import declared_keys, read_manifest
    from register.serving import UnservedTypeError, serve

    try:
        with notices.status(f"serving {target}"):
            done = serve(settings, target, declared_keys(read_manifest(settings)))
    except (PublishError, DbtError, UnservedTypeError) as error:
        stop(str(error), FAILED)
    if as_json:
        write_json({"target": target, **done})
        return
    for name, value in done.items():
        text = f"{value:,}" if isinstance(value, int) else value
        output.print(f"{name}: {text}", markup=False, highlight=False, soft_wrap=True)
