"""What an attack found, by file and cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Finding:
    """Something that a release gives away, or a reason why nothing can be said of it."""

    file: str
    key: str
    kind: str
    detail: str = ""


@dataclass
class Report:
    """Hidden counts, and which of them too little is left of; `is_safe` only if nothing is."""

    releases: tuple[str, ...]
    cells: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    complements: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_safe(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings

    def of_kind(self, kind: str) -> list[Finding]:
        """Findings of one kind."""
        return [each for each in self.findings if each.kind == kind]

    @property
    def exact(self) -> list[Finding]:
        """Hidden counts that can have one value alone."""
        return self.of_kind("exact")

    @property
    def too_narrow(self) -> list[Finding]:
        """Hidden counts that can have too few values, exact ones among them."""
        return sorted([*self.of_kind("too narrow"), *self.exact])

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        kinds = Counter(each.kind for each in self.findings)
        return {
            "releases": list(self.releases),
            "is_safe": self.is_safe,
            "cells": sum(self.cells.values()),
            "hidden": sum(self.hidden.values()),
            "complements": self.complements,
            "too_narrow": len(self.too_narrow),
            "exact": len(self.exact),
            "files": [
                {"file": name, "cells": count, "hidden": self.hidden[name]}
                for name, count in sorted(self.cells.items())
            ],
            "kinds": dict(sorted(kinds.items())),
            "findings": [
                {"file": e.file, "key": e.key, "kind": e.kind, "detail": e.detail}
                for e in self.findings
            ],
        }
