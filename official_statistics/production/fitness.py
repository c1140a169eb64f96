"""Whether a generation may be published: its audit, its coverage, its critical expectations."""

from __future__ import annotations

import duckdb

from official_statistics.production.tools import CriticalFailures
from official_statistics.releases import ReleaseError
from register.publishing import Generation, current_generation, generations_aside, kept_generations
from register.queries import read_query
from register.settings import Settings

COVERAGE = read_query(__package__, "delivered_suppliers")


def chosen_generation(settings: Settings, generation_id: str | None) -> Generation:
    """Return a kept generation by its id, or the current one.

    Only generations that passed dbt's audit are kept. Raises `ReleaseError` for any other.
    """
    if not settings.published.is_dir():
        raise ReleaseError("nothing is published yet: run `register load` first")
    if generation_id is None:
        current = current_generation(settings)
        if current is None:
            raise ReleaseError("nothing is published yet: run `register load` first")
        return current
    for item in [*kept_generations(settings), *generations_aside(settings)]:
        if item.generation_id == generation_id:
            return item
    raise ReleaseError(
        f"generation {generation_id} is not kept, or failed its audit: see `register generations`"
    )


def unfitness(
    settings: Settings,
    generation: Generation,
    year: int,
    coverage_least: float,
    critical_failures: CriticalFailures,
) -> list[str]:
    """Return why figures of a generation are provisional, in words; nothing where they are not."""
    reasons = []
    with duckdb.connect(
        str(generation.folder / "national_register.duckdb"), read_only=True
    ) as connection:
        years = connection.execute(COVERAGE, {"year": year}).fetchall()
    if not any(row[0] == year for row in years):
        raise ReleaseError(f"no supplier was to deliver anything for {year}")
    for covered, delivered, expected in years:
        if delivered < coverage_least * expected:
            reasons.append(
                f"of the year ending 31 March {covered}, {delivered} of {expected} periods have"
                " been delivered"
            )
    failed = critical_failures(settings, generation.generation_id)
    if failed is None:
        reasons.append("the generation has not been measured")
    elif failed:
        reasons.append(f"the generation fails {len(failed)} critical expectations")
    return reasons
