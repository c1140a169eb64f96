"""Pages to look things up in: deliveries, method and definitions, history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from expectations.results import (
    FAILED,
    NOT_MEASURED,
    PASSED,
    Result,
    wholes,
)
from expectations.site.contents import CODE_LISTS, Contents
from expectations.site.rendering import NOTHING, Page, words
from expectations.site.run_pages import Runs, history_charts
from expectations.site.sources import Row
from expectations.site.supplier_pages import with_reason
from expectations.suites import all_specs
from expectations.suites.tolerances import Tolerance

TERMS = Path(__file__).with_name("terms.yaml")
GENERATIONS_SHOWN = 6
GROUPS = {
    "rejected": (
        "Rejected",
        "Nothing of these is in the register. The supplier was told what to put right.",
        "outcome = 'rejected'",
    ),
    "held": (
        "Held",
        "Accepted, and kept from publication until a person confirms or refuses.",
        "status = 'held'",
    ),
    "quarantined": (
        "Accepted with quarantined rows",
        "In the register but for the rows set aside.",
        "outcome = 'accepted_with_quarantine'",
    ),
}


def deliveries_page(contents: Contents) -> Page:
    """Which deliveries were rejected, held or quarantined in part, and why."""
    rules = contents.titles("dim_rules")
    chosen = {
        "rejected": ("outcome", "rejected"),
        "held": ("status", "held"),
        "quarantined": ("outcome", "accepted_with_quarantine"),
    }
    groups = [
        {
            "kind": kind,
            "title": title,
            "explanation": explanation,
            "rows": [
                with_reason(row, rules)
                for row in contents.deliveries.rows
                if row[chosen[kind][0]] == chosen[kind][1]
            ],
            "source": replace(contents.deliveries.source, filter=condition),
        }
        for kind, (title, explanation, condition) in GROUPS.items()
    ]
    path = "deliveries.html"
    return Page(path, path, "Deliveries", path, {"groups": groups})


def method_page(contents: Contents, tolerances: dict[str, Tolerance]) -> Page:
    """Definitions, tolerances and code lists."""
    terms: list[dict[str, str]] = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    code_lists = [
        {
            "table": table,
            "title": CODE_LISTS[table],
            "headings": [words(name) for name in _shown(found.rows)],
            "rows": [
                [NOTHING if row[name] is None else str(row[name]) for name in _shown(found.rows)]
                for row in found.rows
            ],
            "source": found.source,
        }
        for table, found in contents.code_lists.items()
        if found.rows
    ]
    content: dict[str, Any] = {
        "terms": terms,
        "tolerances": [tolerances[spec.name] for spec in all_specs()],
        "specs": {spec.name: spec for spec in all_specs()},
        "code_lists": code_lists,
    }
    path = "method.html"
    return Page(path, path, "Method and definitions", path, content)


def _shown(rows: list[Row]) -> list[str]:
    """The columns of a code list but for its order, in which the rows are anyway."""
    return [name for name in rows[0] if name != "sort_order"]


def history_page(runs: Runs) -> Page:
    """What every generation held and how it was judged."""
    history = {name: wholes(results) for name, results in runs.items()}
    shown = list(history)[-GENERATIONS_SHOWN:]
    content: dict[str, Any] = {
        "rows": [_history_row(name, found) for name, found in history.items()][::-1],
        "charts": history_charts(runs),
        "shown": shown,
        "headings": [f"#{name}" for name in shown],
        "expectations": [
            {
                "suite": spec.suite,
                "name": spec.name,
                "sentence": spec.sentence,
                "observed": [_text(history[name], spec.name) for name in shown],
            }
            for spec in all_specs()
        ],
    }
    path = "history.html"
    return Page(path, path, "History", path, content)


def _text(found: dict[str, Result], name: str) -> str:
    return found[name].observed_text if name in found else NOTHING


def _history_row(generation: str, found: dict[str, Result]) -> dict[str, Any]:
    return {
        "generation": generation,
        "children": _text(found, "coverage_register_children"),
        "episodes": _text(found, "coverage_register_episodes"),
        "reports": _text(found, "coverage_register_reports"),
        "both": _text(found, "agreement_both"),
        "passed": _number(found, PASSED),
        "critical": _number(found, FAILED, "critical"),
        "warning": _number(found, FAILED, "warning"),
        "not_measured": _number(found, NOT_MEASURED),
    }


def _number(found: dict[str, Result], status: str, severity: str | None = None) -> int:
    return sum(
        result.status == status and severity in {None, result.severity} for result in found.values()
    )
