"""`register trace --statistic`: from a cell of a public file to the lines that were delivered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings

if TYPE_CHECKING:
    import official_statistics
    from official_statistics import production, releases
    from register import publishing
else:
    publishing = lazy_module("register.publishing")
    production = lazy_module("official_statistics.production")
    releases = lazy_module("official_statistics.releases")
    official_statistics = lazy_module("official_statistics")

LEAST_WORDS = 3


def trace_statistic(settings: Settings, words: list[str], limit: int, as_json: bool) -> None:
    """Show what a cell shows, what it truly is, and the delivered lines of its first episodes.

    `words` are the file, the reporting year, the area's code, then items.
    """
    if len(words) < LEAST_WORDS or not words[1].isdigit():
        raise typer.BadParameter(
            "write FILE, YEAR and AREA, such as agreement_by_area 2026 815",
            param_hint="--statistic",
        )
    version = releases.latest_version(settings)
    if version is None:
        stop("no release is published yet: see `register statistics list`", NOT_FOUND)
    try:
        cell = official_statistics.trace_cell(version, words[0], int(words[1]), words[2], words[3:])
    except official_statistics.CellError as error:
        stop(str(error), NOT_FOUND)
    traces = _traces(settings, version, cell.episodes[:limit])
    if as_json:
        write_json({**asdict(cell), "traces": [asdict(one) for one in traces]})
        return
    shown = cell.symbol if cell.shown is None else f"{cell.shown:,}"
    _say(f"{cell.file} {cell.year} {cell.area} {cell.filters} {cell.measure} in {cell.version}")
    _say(f"  shown {shown}; counted {cell.value:,}, of {cell.child_count:,} children")
    _say(f"  {len(cell.episodes):,} episodes; the first {len(traces)} of them:")
    for trace in traces:
        _say(f"\n{trace.identifier}")
        for line in trace.lines:
            supplier = f"{line.supplier_code} {line.supplier_name or ''}".strip()
            _say(f"  {supplier}: {line.delivery_id}, {line.file_name}, {line.place}")


def _traces(settings: Settings, version: Any, episodes: tuple[str, ...]) -> list[Any]:
    """The delivered lines of episodes, by the release's generation or the current one."""
    named = production.read_basis(version).generation
    kept = publishing.kept_generations(settings)
    generation = next((one for one in kept if one.generation_id == named), None)
    generation = generation or publishing.current_generation(settings)
    if generation is None:
        return []
    found = [publishing.trace_id(generation, episode) for episode in episodes]
    return [one for one in found if one is not None]


def _say(text: str) -> None:
    output.print(text, markup=False, highlight=False, soft_wrap=True)
