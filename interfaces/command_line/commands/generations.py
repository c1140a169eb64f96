"""`register generations`: what is kept, what each was made from, and going back to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

app = typer.Typer(
    help="List published generations, show a manifest, put readers back on an older one.",
    invoke_without_command=True,
)
GenerationId = Annotated[
    str, typer.Argument(metavar="GENERATION", help="The generation's id, from the list.")
]


@app.callback()
def list_generations(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write the list as JSON.")] = False,
) -> None:
    """List the generations that are kept, newest first."""
    if context.invoked_subcommand is not None:
        return
    kept = _kept()
    if as_json:
        write_json(
            [
                {
                    "generation_id": item.generation_id,
                    "is_current": item.is_current,
                    "folder": str(item.folder),
                    "published_at": item.manifest()["published_at"],
                    "as_known_at": item.manifest()["as_known_at"],
                }
                for item in kept
            ]
        )
        return
    table = Table(title=f"{len(kept)} generations")
    for column in ("generation", "current", "published", "as known at"):
        table.add_column(column, no_wrap=column == "generation", overflow="fold")
    for column in ("deliveries", "rows"):
        table.add_column(column, justify="right")
    for item in kept:
        manifest = item.manifest()
        table.add_row(
            item.generation_id,
            "yes" if item.is_current else "",
            manifest["published_at"],
            manifest["as_known_at"] or "",
            f"{len(manifest['deliveries']):,}",
            f"{sum(manifest['row_counts'].values()):,}",
        )
    output.print(table)


@app.command()
def path() -> None:
    """Write the folder of the current generation, for whoever reads more than one file of it."""
    settings = load_settings()
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    typer.echo(generation.folder)


@app.command()
def show(generation: GenerationId) -> None:
    """Write the manifest of a generation as JSON: deliveries, code, model, seeds, rows."""
    found = next((item for item in _kept() if item.generation_id == generation), None)
    if found is None:
        stop(f"no generation {generation} is kept; see `register generations`", NOT_FOUND)
    write_json(found.manifest())


@app.command()
def rollback(generation: GenerationId) -> None:
    """Put readers on a kept generation. The next load makes a new current one."""
    settings = load_settings()
    try:
        chosen = publishing.make_current(settings, generation)
    except publishing.PublishError as error:
        stop(str(error), NOT_FOUND)
    output.print(f"Readers now get {chosen.generation_id}.")
    for target in settings.serving_targets:
        output.print(f"What is served stays: `register serve {target}` serves this one.")


def _kept() -> list[publishing.Generation]:
    settings = load_settings()
    if not settings.published.is_dir():
        stop("this home has no generations yet: run `register load`", NOT_FOUND)
    return [*publishing.kept_generations(settings), *publishing.generations_aside(settings)]
