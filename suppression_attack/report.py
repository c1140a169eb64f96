"""The result of an attack, by file and cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Finding:
    """A leak in a release, or a reason why a part of the release cannot be judged."""

    file: str
    key: str
    kind: str
    detail: str = ""


@dataclass
class Report:
    """The counts of cells and hidden cells by file, and the findings."""

    releases: tuple[str, ...]
    cells: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    complements: int = 0
    insiders: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_safe(self) -> bool:
        """Whether the attack found nothing."""
        return not self.findings

    def of_kind(self, kind: str) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    @property
    def exact(self) -> list[Finding]:
        """Hidden counts with a single possible value."""
        return self.of_kind("exact")

    @property
    def too_narrow(self) -> list[Finding]:
        """Hidden counts with too few possible values, including exact ones."""
        return sorted([*self.of_kind("too narrow"), *self.exact])

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        kinds = Counter(finding.kind for finding in self.findings)
        return {
            "releases": list(self.releases),
            "is_safe": self.is_safe,
            "cells": sum(self.cells.values()),
            "hidden": sum(self.hidden.values()),
            "complements": self.complements,
            "insiders": self.insiders,
            "too_narrow": len(self.too_narrow),
            "exact": len(self.exact),
            "files": [
                {"file": name, "cells": count, "hidden": self.hidden[name]}
                for name, count in sorted(self.cells.items())
            ],
            "kinds": dict(sorted(kinds.items())),
            "findings": [asdict(finding) for finding in self.findings],
        }
