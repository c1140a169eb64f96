"""The record of a version's inputs, and the writing of documents that are based on it.

The words of the documents are in `documents`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from official_statistics.documents import (
    Confidentiality,
    HiddenCells,
    QualityFacts,
    ReleaseFacts,
    find_document_problems,
    read_quality_facts,
    write_documents,
)
from official_statistics.machine_readable import find_machine_faults, write_machine_files
from official_statistics.release_rules import Rules
from official_statistics.releases import PUBLICATION, Version

QUALITY_FILE = "quality_facts.json"
STATUS = "official statistics in development"


@dataclass(frozen=True)
class Basis:
    """The inputs of a version and the reason for it, as stored in `release.yaml`.

    Times are London times with their zone. `kind` is yearly, scheduled or correction.
    """

    title: str
    period: str
    generation: str
    kind: str
    contact: str
    reason: str = ""
    version_before: str = ""
    provisional_reason: str = ""
    release_at: str = ""
    next_release_at: str = ""
    is_simulated: bool = False
    first_replaced_year: int = 0
    generation_inputs: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)


def read_basis(version: Version) -> Basis:
    """Return the record of a version's inputs."""
    return Basis(**yaml.safe_load(version.description.read_text(encoding="utf-8")))


def write_basis(version: Version, basis: Basis) -> None:
    """Write the record of a version's inputs."""
    text = yaml.safe_dump(asdict(basis), sort_keys=False, allow_unicode=True)
    version.description.write_text(text, encoding="utf-8")


def save_quality_facts(version: Version, register: Path) -> None:
    """Copy a generation's quality facts into a version, because the generation may be removed.

    `register` is the generation's `national_register.duckdb`.
    """
    facts = read_quality_facts(register)
    text = json.dumps(asdict(facts), indent=2, ensure_ascii=False, default=str) + "\n"
    (version.internal / QUALITY_FILE).write_text(text, encoding="utf-8")


def write_papers(version: Version, basis: Basis, rules: Rules, audit: Mapping[str, Any]) -> None:
    """Write every document and every file for machines. The data files must exist."""
    facts, quality, confidentiality = _read_facts(version, basis, rules, audit)
    write_machine_files(facts, version.public)
    write_documents(facts, quality, confidentiality, version.public)


def find_paper_problems(version: Version, rules: Rules) -> list[str]:
    """Return how the documents of a version differ from its data files and facts."""
    audit = json.loads((version.internal / "audit.json").read_text(encoding="utf-8"))
    facts = _read_facts(version, read_basis(version), rules, audit)
    return find_document_problems(*facts, version.public)


def find_machine_file_faults(version: Version) -> Iterator[str]:
    """Yield how the files for machines of a version differ from its data files and facts."""
    facts = build_release_facts(version, read_basis(version))
    yield from find_machine_faults(facts, version.public)


def build_release_facts(version: Version, basis: Basis) -> ReleaseFacts:
    """Return the facts about a version that its documents state, from the record of its inputs."""
    return ReleaseFacts(
        title=basis.title,
        publication=PUBLICATION,
        year=version.year,
        version=version.number,
        status=STATUS,
        contact=basis.contact,
        release_at=_parse_time(basis.release_at),
        next_release_at=_parse_time(basis.next_release_at),
        provisional_reason=basis.provisional_reason or None,
        is_simulated=basis.is_simulated,
        revision=basis.reason or None,
    )


def _read_facts(
    version: Version, basis: Basis, rules: Rules, audit: Mapping[str, Any]
) -> tuple[ReleaseFacts, QualityFacts, Confidentiality]:
    facts = build_release_facts(version, basis)
    years = audit.get("years", ())
    confidentiality = Confidentiality(
        rules=rules,
        files={name: HiddenCells(**counts) for name, counts in audit["files"].items()},
        too_narrow=sum(int(year.get("too_narrow", 0)) for year in years),
        exact=sum(int(year.get("exact", 0)) for year in years),
        too_narrow_from_inside=sum(int(year.get("too_narrow_from_inside", 0)) for year in years),
        years_combined_inside=tuple(
            int(year["year"]) for year in years if year.get("combines_ties_from_inside")
        ),
    )
    saved = (version.internal / QUALITY_FILE).read_bytes()
    quality = TypeAdapter(QualityFacts).validate_json(saved)
    return facts, quality, confidentiality


def _parse_time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
