"""Versions with real pages of an invented release, taken to a state by their steps."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from official_statistics.documents import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    write_documents,
)
from official_statistics.papers import Basis, write_basis
from official_statistics.releases import Version
from register.settings import Settings
from tests.statistics.versions import STEPS, WAYS

MakeVersion = Callable[..., Version]
REASON = "A denominator was wrong & is mended."


def make_version(
    settings: Settings,
    default_release: Path,
    facts: ReleaseFacts,
    done: Confidentiality,
    *,
    year: int = 2026,
    number: int = 1,
    state: str = "published",
) -> Version:
    """A version whose public folder was written as a draft writes it, in a state."""
    folder = settings.statistics / "missing_children" / str(year) / f"v{number}"
    version = Version(year, number, folder)
    revision = REASON if number > 1 else None
    written = default_release.parent / f"written-{year}-{number}"
    if not written.exists():
        numbered = replace(facts, year=year, version=number, revision=revision)
        shutil.copytree(default_release, written)
        (written / "pre_release_access.csv").unlink()
        write_documents(numbered, QualityFacts(), done, written)
    shutil.copytree(written, version.public)
    version.internal.mkdir()
    (version.internal / "checks.json").write_text("[]", encoding="utf-8")
    basis = Basis(
        title=facts.title,
        period=facts.year_in_words,
        generation="one",
        kind="correction" if revision else "yearly",
        contact=facts.contact,
        reason=revision or "",
        release_at=str(facts.release_at),
        next_release_at=str(facts.next_release_at),
        is_simulated=facts.is_simulated,
    )
    write_basis(version, basis)
    for step in WAYS[state]:
        STEPS[step](settings, version)
    return version
