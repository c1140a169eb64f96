"""`register trace --statistic`: find the delivered lines behind a cell of a public file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import (
    official_statistics,
    production,
    publishing,
    releases,
)
from interfaces.command_line.recorded_output import record_output
from register.access_record import Entry
from register.settings import Settings

MIN_WORDS = 3


def trace_statistic(
    settings: Settings, words: list[str], limit: int, purpose: str, as_json: bool
) -> None:
    """Show the published and the exact count of a cell, and the lines behind its first episodes.

    `words` are the file, the reporting year, the area's code, and then items.
    """
    if len(words) < MIN_WORDS or not words[1].isdigit():
        raise typer.BadParameter(
            "write FILE, YEAR and AREA, such as agreement_by_area 2026 815",
            param_hint="--statistic",
        )
    version = releases.latest_version(settings)
    if version is None:
        console.stop(
            "no release is published yet: see `register statistics list`", console.NOT_FOUND
        )
    with console.stop_on(official_statistics.CellError, code=console.NOT_FOUND):
        cell = official_statistics.trace_cell(version, words[0], int(words[1]), words[2], words[3:])
    traces = _trace_episodes(settings, version, cell.episodes[:limit])
    generation_id = traces[0].generation_id if traces else ""
    keys = tuple(trace.identifier for trace in traces)
    record_output(
        settings, Entry("view", "traced_statistic", purpose, generation_id, keys), "exact"
    )
    if as_json:
        console.write_json({**asdict(cell), "traces": [asdict(trace) for trace in traces]})
        return
    published = cell.symbol if cell.shown is None else f"{cell.shown:,}"
    console.write_line(
        f"{cell.file} {cell.year} {cell.area} {cell.filters} {cell.measure} in {cell.version}"
    )
    console.write_line(
        f"  published {published}; exact {cell.value:,}, of {cell.child_count:,} children"
    )
    console.write_line(f"  {len(cell.episodes):,} episodes; the first {len(traces)} of them:")
    for trace in traces:
        console.write_line(f"\n{trace.identifier}")
        for line in trace.lines:
            supplier = f"{line.supplier_code} {line.supplier_name or ''}".strip()
            console.write_line(f"  {supplier}: {line.delivery_id}, {line.file_name}, {line.place}")


def _trace_episodes(settings: Settings, version: Any, episodes: tuple[str, ...]) -> list[Any]:
    """Trace episodes to delivered lines, in the release's generation or else the current one."""
    basis = production.read_basis(version).generation
    generations = {item.generation_id: item for item in publishing.kept_generations(settings)}
    generation = generations.get(basis) or publishing.current_generation(settings)
    if generation is None:
        return []
    traces = (publishing.trace_id(generation, episode) for episode in episodes)
    return [trace for trace in traces if trace is not None]
