"""Drafting of a version of a release. Its folder appears complete, or not at all.

dbt counts the cells. `official_statistics.drafting` protects them and writes the files.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from official_statistics.drafting import export_base, export_for_carrying_over, write_draft
from official_statistics.papers import Basis, save_quality_facts
from official_statistics.release_rules import RULES_FILE, read_rules
from official_statistics.releases import (
    Person,
    Practice,
    ReleaseError,
    Version,
    choose_next_number,
    find_announcement,
    find_newest_version,
    list_known_versions,
    note_draft,
    releases_folder,
)
from register.hashing import hash_file, hash_files
from register.publishing import (
    Generation,
    code_version,
    current_generation,
    generations_aside,
    kept_generations,
    model_hash,
)
from register.queries import read_query
from register.settings import Settings

TITLE = "Children who go missing in England"
REPLACED_PREFIX = ".draft-old-"
YEARLY, CORRECTION = "yearly", "correction"
# The tag of the models that count the cells of a release. dbt's profile has a target with this
# name.
TARGET = "publication"
# For each reporting year: the numbers of periods expected from and delivered by suppliers that
# delivered at least one.
COVERAGE = read_query(__package__, "delivered_suppliers")
# A function that builds and tests the models with a tag. Its arguments: settings, the folder of a
# generation, the tag, and environment variables.
Build = Callable[[Settings, Path, str, Mapping[str, str]], None]
# A function that returns the critical expectations that a generation fails, or None if the
# generation was not measured.
CriticalFailures = Callable[[Settings, str], list[str] | None]


@dataclass(frozen=True)
class ReleaseTools:
    """Functions that build models, list a generation's failed expectations, and show progress."""

    build: Build
    critical_failures: CriticalFailures
    progress: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class DraftOrder:
    """An order for a draft: the reporting year, the generation, and the kind of version.

    `reason` is the public reason of a revision. `provisional_reason` allows a generation that is
    not fit for final figures.
    """

    year: int
    generation_id: str | None = None
    kind: str = YEARLY
    reason: str = ""
    provisional_reason: str = ""


@dataclass(frozen=True)
class Counting:
    """What to count: the last reporting year, and the data to take over from an earlier version.

    Years before `first_replaced_year` are always taken over.
    """

    year: int
    earlier: Version | None
    first_replaced_year: int
    children_most: int


def draft_release(
    settings: Settings,
    order: DraftOrder,
    person: Person,
    practice: Practice,
    tools: ReleaseTools,
) -> Version:
    """Draft a version and return it. An earlier draft that was never public is replaced.

    Raises `ReleaseError` if the order does not fit the year's versions. Also raises it if the
    generation is not fit for final figures and no reason for provisional figures is given.
    """
    _check_kind(settings, order)
    generation = choose_generation(settings, order.generation_id)
    min_coverage = practice.get_limit("coverage_least_share")
    reasons = _find_unfitness(settings, generation, order.year, min_coverage, tools)
    if reasons and not order.provisional_reason.strip():
        raise ReleaseError(
            f"{'; '.join(reasons)}: say why it goes out provisional with --provisional REASON"
        )
    number = choose_next_number(settings, order.year)
    final = releases_folder(settings) / str(order.year) / f"v{number}"
    final.parent.mkdir(parents=True, exist_ok=True)
    _remove_drafts(final)
    folder = final.with_name(f".draft-{uuid.uuid4().hex}")
    version = Version(order.year, number, folder)
    basis = _build_basis(settings, order, generation, practice)
    try:
        fill_version(settings, version, basis, generation, tools)
        replaced_events = final / version.events_file.name
        if replaced_events.exists():
            shutil.copy(replaced_events, version.events_file)
        note_draft(settings, version, person, practice)
        if final.exists():
            final.rename(final.with_name(f"{REPLACED_PREFIX}{uuid.uuid4().hex}"))
        folder.rename(final)
    finally:
        _remove_drafts(final)
    return Version(order.year, number, final)


def remove_unfinished_drafts(settings: Settings, year: int) -> None:
    """Remove the folders that killed drafts of a year left. No draft of the year may be running."""
    number = choose_next_number(settings, year)
    _remove_drafts(releases_folder(settings) / str(year) / f"v{number}")


def _remove_drafts(final: Path) -> None:
    """Remove what killed drafts left; a draft that was being replaced takes its place again."""
    for draft in sorted(final.parent.glob(".draft-*")):
        if draft.name.startswith(REPLACED_PREFIX) and not final.exists():
            draft.rename(final)
        else:
            shutil.rmtree(draft)


def choose_generation(settings: Settings, generation_id: str | None) -> Generation:
    """Return the kept generation with this id; without an id, the current generation.

    Only generations that passed dbt's tests are kept. Raises `ReleaseError` if there is none.
    """
    nothing_published = ReleaseError("nothing is published yet: run `register load` first")
    if not settings.published.is_dir():
        raise nothing_published
    if generation_id is None:
        current = current_generation(settings)
        if current is None:
            raise nothing_published
        return current
    for generation in [*kept_generations(settings), *generations_aside(settings)]:
        if generation.generation_id == generation_id:
            return generation
    raise ReleaseError(
        f"generation {generation_id} is not kept, or failed its audit: see `register generations`"
    )


def _find_unfitness(
    settings: Settings,
    generation: Generation,
    year: int,
    min_coverage: float,
    tools: ReleaseTools,
) -> list[str]:
    """Return the reasons why figures of a generation would be provisional; empty if final."""
    register = str(generation.folder / "national_register.duckdb")
    with duckdb.connect(register, read_only=True) as connection:
        years = connection.execute(COVERAGE, {"year": year}).fetchall()
    if not any(row[0] == year for row in years):
        raise ReleaseError(f"no supplier is expected to deliver anything for {year}")
    reasons = [
        f"of the year ending 31 March {covered_year}, {delivered} of {expected} periods have been"
        " delivered"
        for covered_year, delivered, expected in years
        if delivered < min_coverage * expected
    ]
    failures = tools.critical_failures(settings, generation.generation_id)
    if failures is None:
        reasons.append("the generation has not been measured")
    elif failures:
        reasons.append(f"the generation fails {len(failures)} critical expectations")
    return reasons


def fill_version(
    settings: Settings,
    version: Version,
    basis: Basis,
    generation: Generation,
    tools: ReleaseTools,
) -> None:
    """Count a version from a generation, protect it, and write its files into its folder.

    Protection takes account of `basis.version_before` and of all public versions before it.
    """
    version.internal.mkdir(parents=True, mode=0o700)
    version.public.mkdir(mode=0o755)
    rules = read_rules()
    public: list[Version] = []
    if basis.version_before:
        known = list_known_versions(settings)
        names = [each.name for each in known]
        public = known[: names.index(basis.version_before) + 1]
    tools.progress("count cells")
    counting = Counting(
        year=version.year,
        earlier=public[-1] if public else None,
        first_replaced_year=basis.first_replaced_year,
        children_most=int(rules["revision_children_most"]),
    )
    count_cells(settings, version, generation, counting, tools.build)
    export_base(version)
    save_quality_facts(version, generation.folder / "national_register.duckdb")
    write_draft(version, basis, rules, public, tools.progress)


def count_cells(
    settings: Settings,
    version: Version,
    generation: Generation,
    counting: Counting,
    build: Build,
) -> None:
    """Count the cells of a version into its `internal/cells.duckdb`, and test them.

    If a model or one of its tests fails, the error of `build` is raised.
    """
    with tempfile.TemporaryDirectory(dir=version.internal) as folder:
        if counting.earlier is not None:
            export_for_carrying_over(counting.earlier, Path(folder))
        variables = {
            "REGISTER_RELEASE_FOLDER": str(version.internal),
            "REGISTER_RELEASE_YEAR": str(counting.year),
            "REGISTER_EARLIER_RELEASE": folder if counting.earlier is not None else "",
            "REGISTER_FIRST_REPLACED_YEAR": str(counting.first_replaced_year),
            "REGISTER_REVISION_CHILDREN_MOST": str(counting.children_most),
        }
        build(settings, generation.folder.resolve(), TARGET, variables)


def _check_kind(settings: Settings, order: DraftOrder) -> None:
    """Raise `ReleaseError` if the order does not fit the year's versions.

    A yearly draft needs a year that is not public. A revision needs a reason, and a year that is or
    was public.
    """
    newest = find_newest_version(settings, order.year)
    is_public = newest is not None and newest.state in ("published", "superseded", "withdrawn")
    if order.kind == YEARLY:
        if is_public:
            raise ReleaseError(
                f"{order.year} is public: `register statistics revise` makes a new one"
            )
        return
    if not any(known.year == order.year for known in list_known_versions(settings)):
        raise ReleaseError(f"{order.year} was never published: there is nothing to revise")
    if not order.reason.strip():
        raise ReleaseError("a revision needs a reason, in words that everybody may read")


def _build_basis(
    settings: Settings, order: DraftOrder, generation: Generation, practice: Practice
) -> Basis:
    line = find_announcement(settings, order.year)
    if line is None:
        raise ReleaseError(f"announce the release of {order.year} first")
    next_line = find_announcement(settings, order.year + 1)
    known = list_known_versions(settings)
    scheduled_years = int(practice.get_limit("scheduled_years"))
    is_correction = order.kind == CORRECTION
    manifest = generation.manifest()
    return Basis(
        title=TITLE,
        period=line.period,
        generation=generation.generation_id,
        kind=order.kind,
        contact=settings.statistics_contact,
        reason=order.reason.strip(),
        version_before=known[-1].name if known else "",
        provisional_reason=order.provisional_reason.strip(),
        release_at=line.release_at,
        next_release_at=next_line.release_at if next_line else "",
        is_simulated=settings.is_simulation,
        first_replaced_year=0 if is_correction else order.year - scheduled_years,
        generation_inputs={
            "as_known_at": manifest["as_known_at"] or "",
            "linkage_model": manifest["linkage_model"]["version"],
            "pseudonym_key_id": manifest["pseudonym_key_id"],
        },
        code=code_version(),
        hashes={
            **hash_inputs(settings),
            "manifest": hash_file(generation.folder / "manifest.json"),
        },
    )


def hash_inputs(settings: Settings) -> dict[str, str]:
    """Return hashes of a version's inputs apart from records: models, rules and seeds."""
    seeds = sorted(settings.seeds.glob("*.csv"))
    return {
        "models": model_hash(settings),
        "rules": hash_file(RULES_FILE),
        "seeds": hash_files(seeds, settings.seeds),
    }
