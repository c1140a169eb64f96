"""`register generations`: list generations, show their inputs, go back to an earlier one."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from register.settings import load_settings

app = typer.Typer(
    help="List published generations, show a manifest, go back to an earlier generation.",
    invoke_without_command=True,
)
GenerationId = Annotated[
    str, typer.Argument(metavar="GENERATION", help="The generation's id, from the list.")
]


@app.callback()
def list_generations(
    context: typer.Context,
    as_json: console.AsJson = False,
) -> None:
    """List the generations that are kept, newest first."""
    if context.invoked_subcommand is not None:
        return
    generations = _list_generations()
    if as_json:
        console.write_json(
            [
                {
                    "generation_id": item.generation_id,
                    "is_current": item.is_current,
                    "folder": str(item.folder),
                    "published_at": item.manifest()["published_at"],
                    "as_known_at": item.manifest()["as_known_at"],
                }
                for item in generations
            ]
        )
        return
    rows = []
    for item in generations:
        manifest = item.manifest()
        rows.append(
            [
                item.generation_id,
                "yes" if item.is_current else "",
                manifest["published_at"],
                manifest["as_known_at"] or "",
                f"{len(manifest['deliveries']):,}",
                f"{sum(manifest['row_counts'].values()):,}",
            ]
        )
    headings = ["!generation", "current", "published", "as known at", "#deliveries", "#rows"]
    console.show_table(console.format_count(len(generations), "generation"), headings, rows)


@app.command()
def path() -> None:
    """Print the path of the current generation's folder, for programs that read its files."""
    typer.echo(console.require_generation(load_settings()).folder)


@app.command()
def show(generation: GenerationId) -> None:
    """Print the manifest of a generation as JSON: deliveries, code, linkage model, seeds, rows."""
    for item in _list_generations():
        if item.generation_id == generation:
            console.write_json(item.manifest())
            return
    console.stop(
        f"no generation {generation} is kept; see `register generations`", console.NOT_FOUND
    )


@app.command()
def rollback(generation: GenerationId) -> None:
    """Make an earlier generation current for readers. The next load publishes a new one."""
    settings = load_settings()
    with console.stop_on(publishing.PublishError, code=console.NOT_FOUND):
        chosen = publishing.make_current(settings, generation)
    console.output.print(f"Readers now get {chosen.generation_id}.")
    for target in settings.serving_targets:
        console.output.print(
            f"{target} still has the other: `register serve {target}` serves this one."
        )


def _list_generations() -> list[publishing.Generation]:
    settings = load_settings()
    if not settings.published.is_dir():
        console.stop("this home has no generations yet: run `register load`", console.NOT_FOUND)
    return [*publishing.kept_generations(settings), *publishing.generations_aside(settings)]
