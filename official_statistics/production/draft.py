"""Drafts a version of a release: a folder that appears whole, or not at all."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from official_statistics.drafting import export_base, write_draft
from official_statistics.papers import Basis, save_quality_facts
from official_statistics.production.counting import Counting, count_cells
from official_statistics.production.fitness import chosen_generation, unfitness
from official_statistics.production.tools import ReleaseTools
from official_statistics.release_rules import RULES_FILE, read_rules
from official_statistics.releases import (
    Person,
    Practice,
    ReleaseError,
    Version,
    announcement_of,
    known_versions,
    newest_version,
    next_number,
    note_draft,
    releases_folder,
)
from register.hashing import hash_file, hash_files
from register.publishing import Generation, code_version, model_hash
from register.settings import Settings

TITLE = "Children who go missing in England"
YEARLY, SCHEDULED, CORRECTION = "yearly", "scheduled", "correction"


@dataclass(frozen=True)
class DraftOrder:
    """What is to be drafted: a reporting year, from which generation, as which kind of version.

    `reason` is the public reason of a revision; `provisional_reason` allows figures of a generation
    that is not fit for final ones.
    """

    year: int
    generation_id: str | None = None
    kind: str = YEARLY
    reason: str = ""
    provisional_reason: str = ""


def draft_release(
    settings: Settings,
    order: DraftOrder,
    person: Person,
    practice: Practice,
    tools: ReleaseTools,
) -> Version:
    """Draft a version, and return it.

    A draft that is not published yet is replaced. Raises `ReleaseError` for a year that is public
    and not revised, and for a generation that is not fit without a reason.
    """
    _check_kind(settings, order)
    generation = chosen_generation(settings, order.generation_id)
    least = practice.limit("coverage_least_share")
    reasons = unfitness(settings, generation, order.year, least, tools.critical_failures)
    if reasons and not order.provisional_reason.strip():
        raise ReleaseError(
            f"{'; '.join(reasons)}: say why it goes out provisional with --provisional REASON"
        )
    number = next_number(settings, order.year)
    final = releases_folder(settings) / str(order.year) / f"v{number}"
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(".draft-*"):
        shutil.rmtree(left)
    folder = final.with_name(f".draft-{uuid.uuid4().hex}")
    version = Version(order.year, number, folder)
    basis = _basis(settings, order, generation, practice)
    fill_version(settings, version, basis, generation, tools)
    _keep_events(final, version)
    note_draft(settings, version, person, practice)
    if final.exists():
        final.rename(final.with_name(f".draft-old-{uuid.uuid4().hex}"))
    folder.rename(final)
    for left in final.parent.glob(".draft-*"):
        shutil.rmtree(left)
    return Version(order.year, number, final)


def fill_version(
    settings: Settings,
    version: Version,
    basis: Basis,
    generation: Generation,
    tools: ReleaseTools,
) -> None:
    """Count, protect and write a version into its folder, from a generation.

    The versions known before it are those of `basis.version_before` and earlier, withdrawn or not.
    """
    version.internal.mkdir(parents=True, mode=0o700)
    version.public.mkdir(mode=0o755)
    rules = read_rules()
    public = _public_before(settings, basis)
    before = public[-1] if public else None
    tools.progress("count cells")
    counting = Counting(
        year=version.year,
        earlier=before,
        first_replaced_year=basis.first_replaced_year,
        children_most=int(rules["revision_children_most"]),
    )
    count_cells(settings, version, generation, counting, tools.build)
    export_base(version)
    save_quality_facts(version, generation.folder / "national_register.duckdb")
    write_draft(version, basis, rules, public, tools.progress)


def _public_before(settings: Settings, basis: Basis) -> list[Version]:
    found = known_versions(settings)
    names = [version.name for version in found]
    if not basis.version_before:
        return []
    return found[: names.index(basis.version_before) + 1]


def _check_kind(settings: Settings, order: DraftOrder) -> None:
    newest = newest_version(settings, order.year)
    is_public = newest is not None and newest.state in ("published", "superseded", "withdrawn")
    if order.kind == YEARLY and is_public:
        raise ReleaseError(f"{order.year} is public: `register statistics revise` makes a new one")
    if order.kind != YEARLY:
        was_public = any(one.year == order.year for one in known_versions(settings))
        if not was_public and not is_public:
            raise ReleaseError(f"{order.year} was never published: there is nothing to revise")
        if not order.reason.strip():
            raise ReleaseError("a revision says why, in words that everybody may read")


def _basis(
    settings: Settings, order: DraftOrder, generation: Generation, practice: Practice
) -> Basis:
    line = announcement_of(settings, order.year)
    if line is None:
        raise ReleaseError(f"announce the release of {order.year} first")
    following = announcement_of(settings, order.year + 1)
    known = known_versions(settings)
    is_correction = order.kind == CORRECTION
    years = int(practice.limit("scheduled_years"))
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
        next_release_at=following.release_at if following else "",
        is_simulated=settings.is_simulation,
        first_replaced_year=0 if is_correction else order.year - years,
        generation_inputs={
            "as_known_at": manifest["as_known_at"] or "",
            "linkage_model": manifest["linkage_model"]["version"],
            "pseudonym_key_id": manifest["pseudonym_key_id"],
        },
        code=code_version(),
        hashes={
            **input_hashes(settings),
            "manifest": hashlib.sha256(
                (generation.folder / "manifest.json").read_bytes()
            ).hexdigest(),
        },
    )


def input_hashes(settings: Settings) -> dict[str, str]:
    """Return the hashes of what makes a version besides records: models, rules and seeds."""
    seeds = sorted(settings.seeds.glob("*.csv"))
    return {
        "models": model_hash(settings),
        "rules": hash_file(RULES_FILE),
        "seeds": hash_files(seeds, settings.seeds),
    }


def _keep_events(final: Path, version: Version) -> None:
    """A new draft goes on with the events of the one that it replaces."""
    events = final / version.events_file.name
    if events.exists():
        shutil.copy(events, version.events_file)
