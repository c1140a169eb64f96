"""The documents of a version: what they are told, from the record of what made it.

What they say and how belongs to `documents`. What is needed to write them again is kept inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from official_statistics.documents import (
    Confidentiality,
    DepartmentFigure,
    HiddenCells,
    QualityFacts,
    RecordingBreak,
    ReleaseFacts,
    document_problems,
    read_quality_facts,
    write_documents,
)
from official_statistics.release_rules import Rules
from official_statistics.releases import PUBLICATION, Version

QUALITY = "quality_facts.json"
STATUS = "official statistics in development"


@dataclass(frozen=True)
class Basis:
    """What a version is made from and why: the content of `release.yaml`.

    Times are those of London, with their zone. `kind` is yearly, scheduled or correction.
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
    """Return what a version was made from."""
    return Basis(**yaml.safe_load(version.description.read_text(encoding="utf-8")))


def write_basis(version: Version, basis: Basis) -> None:
    """Write what a version was made from."""
    text = yaml.safe_dump(asdict(basis), sort_keys=False, allow_unicode=True)
    version.description.write_text(text, encoding="utf-8")


def keep_quality(version: Version, register: Path) -> None:
    """Keep what a generation says of its quality, so that it can go when the generation does.

    `register` is the generation's `national_register.duckdb`.
    """
    facts = read_quality_facts(register)
    text = json.dumps(asdict(facts), indent=2, ensure_ascii=False, default=str) + "\n"
    (version.internal / QUALITY).write_text(text, encoding="utf-8")


def write_papers(
    version: Version, basis: Basis, rules: Rules, audit: Mapping[str, Any]
) -> list[Path]:
    """Write every document of a version whose data files are there; return their paths."""
    return write_documents(*_told(version, basis, rules, audit), version.public)


def paper_problems(version: Version, rules: Rules) -> list[str]:
    """Return what of the documents does not say what files and facts say."""
    audit = json.loads((version.internal / "audit.json").read_text(encoding="utf-8"))
    return document_problems(*_told(version, read_basis(version), rules, audit), version.public)


def _told(
    version: Version, basis: Basis, rules: Rules, audit: Mapping[str, Any]
) -> tuple[ReleaseFacts, QualityFacts, Confidentiality]:
    facts = ReleaseFacts(
        title=basis.title,
        publication=PUBLICATION,
        year=version.year,
        version=version.number,
        status=STATUS,
        contact=basis.contact,
        release_at=_moment(basis.release_at),
        next_release_at=_moment(basis.next_release_at),
        provisional_reason=basis.provisional_reason or None,
        is_simulated=basis.is_simulated,
        revision=basis.reason or None,
    )
    done = Confidentiality(
        rules=rules,
        files={name: HiddenCells(**counts) for name, counts in audit["files"].items()},
        too_narrow=sum(int(year.get("too_narrow", 0)) for year in audit.get("years", ())),
        exact=sum(int(year.get("exact", 0)) for year in audit.get("years", ())),
    )
    return facts, _kept_quality(version), done


def _kept_quality(version: Version) -> QualityFacts:
    kept = json.loads((version.internal / QUALITY).read_text(encoding="utf-8"))
    return QualityFacts(
        breaks=tuple(
            RecordingBreak(**{**one, "month": date.fromisoformat(one["month"])})
            for one in kept["breaks"]
        ),
        department=tuple(DepartmentFigure(**one) for one in kept["department"]),
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
