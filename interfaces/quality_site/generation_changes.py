"""Changes since the previous measured generation and their causes, for the page of checks.

Counts come from the stored results, which are kept longer than the generations they describe.
Replaced deliveries and changed figures are read from the earlier generation while it exists.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from expectations import (
    REGISTER_FILE,
    MartUnreadableError,
    Published,
    Result,
    format_figure,
    index_overall_results,
    list_measured_generations,
    read_results,
)
from interfaces.quality_site.figures import STATUS_COUNTS, Row
from register.settings import Settings

MINUS = "\N{MINUS SIGN}"
# Expectations whose observed value is a count of the register, with the name of what they count.
REGISTER_FIGURES = {
    "coverage_register_children": "Children",
    "coverage_register_episodes": "Absences",
    "coverage_register_reports": "Reports",
    "agreement_both": "Known to both",
}
# What may change between generations besides deliveries: its name in the manifest, and its name in
# texts.
INPUTS = {
    "code": "the code",
    "model_hash": "the dbt models",
    "seed_hashes": "the look-up tables",
}
COLLECTION_YEAR = re.compile(r"^\d{4}-\d{2}$")
COUNTS = ("both_count", "police_only_count", "authority_only_count")
AREAS = f"""
    select authority_code_dfe, collection_year, {STATUS_COUNTS}
    from agreement.fct_agreement
    group by authority_code_dfe, collection_year
"""
FORCES = """
    select distinct authority_code_dfe, collection_year, police_force_code
    from agreement.fct_agreement
    where authority_code_dfe is not null and police_force_code is not null
"""


@dataclass(frozen=True)
class ChangedFigure:
    """One figure before and after a change, as text."""

    label: str
    before: str
    now: str
    difference: str


@dataclass(frozen=True)
class ChangedVerdict:
    """An expectation whose status changed."""

    before: Result
    now: Result


@dataclass(frozen=True)
class NewDelivery:
    """A delivery that is new since the earlier generation, and the deliveries that it replaced."""

    delivery: Row
    replaced: tuple[str, ...]
    covers_all_periods: bool

    def may_change(self, collection_year: str) -> bool:
        """Return whether the delivery may change figures of a year.

        A report delivered in April may be about an absence that began in March.
        """
        if self.covers_all_periods or not COLLECTION_YEAR.match(collection_year):
            return True
        first = date(int(collection_year[:4]), 4, 1)
        last = first.replace(year=first.year + 1) - timedelta(days=1)
        start, end = self.delivery["period_start"], self.delivery["period_end"]
        return bool(start - timedelta(days=31) <= last and end >= first)


@dataclass(frozen=True)
class ChangedCounts:
    """Counts of one authority and year before and after, and the deliveries that changed them."""

    authority_code_dfe: str
    collection_year: str
    before: Row
    now: Row
    deliveries: tuple[str, ...]

    @property
    def size(self) -> int:
        """The sum of the absolute changes of all counts."""
        return sum(abs(self.now[name] - self.before[name]) for name in COUNTS)


@dataclass(frozen=True)
class Causes:
    """Causes of changes: new deliveries, changed counts (largest first), and other inputs."""

    deliveries: list[NewDelivery]
    changed_counts: list[ChangedCounts]
    changed_inputs: list[str]


@dataclass(frozen=True)
class Changes:
    """All changes since the generation `before`, which is None if no earlier one was measured.

    `causes` is None when the earlier generation no longer exists.
    """

    before: str | None
    figures: list[ChangedFigure]
    verdicts: list[ChangedVerdict]
    causes: Causes | None


def find_changes(
    settings: Settings, published: Published, now: list[Result], deliveries: list[Row]
) -> Changes:
    """Compare the results `now` with those of the last generation measured before."""
    generation = now[0].generation
    earlier = [name for name in list_measured_generations(settings) if name < generation]
    if not earlier:
        return Changes(None, [], [], None)
    before = index_overall_results(read_results(settings, earlier[-1]))
    current = index_overall_results(now)
    return Changes(
        before=earlier[-1],
        figures=[
            _compare_figures(label, before[name], current[name])
            for name, label in REGISTER_FIGURES.items()
            if name in before and name in current
        ],
        verdicts=[
            ChangedVerdict(before[name], result)
            for name, result in current.items()
            if name in before and before[name].status != result.status
        ],
        causes=find_causes(
            published,
            settings.published / earlier[-1],
            settings.published / generation,
            deliveries,
        ),
    )


def _compare_figures(label: str, before: Result, now: Result) -> ChangedFigure:
    difference = "not known"
    if before.observed_value is not None and now.observed_value is not None:
        change = now.observed_value - before.observed_value
        sign = "+" if change > 0 else MINUS if change < 0 else ""
        difference = sign + format_figure(now.measure, abs(change))
        if now.measure == "share":
            difference = f"{sign}{abs(change) * 100:.1f} points"
    return ChangedFigure(label, before.observed_text, now.observed_text, difference)


def find_causes(
    published: Published, before: Path, now: Path, deliveries: list[Row]
) -> Causes | None:
    """Compare the generations in the folders `before` and `now`; None if the former was removed."""
    if not (before / REGISTER_FILE).is_file():
        return None
    with Published(before) as earlier:
        old = {
            row["delivery_id"]: row["status"]
            for row in earlier.read_records(
                "select delivery_id, status from register.dim_deliveries"
            )
        }
        old_counts = _read_area_counts(earlier)
    fresh = [row for row in deliveries if row["delivery_id"] not in old]
    replaced = [
        row
        for row in deliveries
        if row["status"] == "superseded" and old.get(row["delivery_id"]) == "current"
    ]
    new = [_describe_new_delivery(row, fresh, replaced) for row in fresh]
    return Causes(
        new, _find_changed_counts(published, old_counts, new), _list_changed_inputs(before, now)
    )


def _describe_new_delivery(delivery: Row, fresh: list[Row], replaced: list[Row]) -> NewDelivery:
    """Return a new delivery with the deliveries that it replaced.

    A delivery replaces earlier ones of the same period. If no new delivery has the period of a
    superseded delivery, the supplier's newest delivery covers all periods and replaced it.
    """
    if delivery["status"] != "current":
        return NewDelivery(delivery, (), covers_all_periods=False)
    siblings = [row for row in fresh if _supplier_feed(row) == _supplier_feed(delivery)]
    own = [row for row in replaced if _supplier_feed(row) == _supplier_feed(delivery)]
    same = [row for row in own if row["period"] == delivery["period"]]
    periods = {row["period"] for row in siblings}
    others = [row for row in own if row["period"] not in periods]
    is_newest = delivery["received_on"] == max(row["received_on"] for row in siblings)
    covered = [*same, *(others if is_newest else [])]
    return NewDelivery(
        delivery,
        tuple(row["delivery_id"] for row in covered),
        covers_all_periods=len(covered) > len(same),
    )


def _supplier_feed(row: Row) -> tuple[str, str]:
    return row["supplier_code"], row["feed"]


def _read_area_counts(published: Published) -> dict[tuple[str, str], Row]:
    try:
        rows = published.read_records(AREAS)
    except MartUnreadableError:
        return {}
    return {(row["authority_code_dfe"], row["collection_year"]): row for row in rows}


def _find_changed_counts(
    published: Published, before: dict[tuple[str, str], Row], new: list[NewDelivery]
) -> list[ChangedCounts]:
    """Return each authority and year whose counts changed, with the deliveries that may be why."""
    now = _read_area_counts(published)
    forces: dict[tuple[str, str], set[str]] = {}
    for row in published.read_records(FORCES):
        key = (row["authority_code_dfe"], row["collection_year"])
        forces.setdefault(key, set()).add(row["police_force_code"])
    nothing = dict.fromkeys(COUNTS, 0)
    changed = []
    for key in sorted(before.keys() | now.keys(), key=str):
        old, current = before.get(key, nothing), now.get(key, nothing)
        if all(old[name] == current[name] for name in COUNTS):
            continue
        suppliers = {key[0], *forces.get(key, ())}
        causes = [
            delivery.delivery["delivery_id"]
            for delivery in new
            if delivery.delivery["supplier_code"] in suppliers
            and delivery.delivery["status"] == "current"
            and delivery.may_change(key[1])
        ]
        changed.append(ChangedCounts(key[0], key[1], old, current, tuple(causes)))
    return sorted(changed, key=lambda figure: -figure.size)


def _list_changed_inputs(before: Path, now: Path) -> list[str]:
    old, new = _read_manifest(before), _read_manifest(now)
    return [
        words for name, words in INPUTS.items() if _read_input(old, name) != _read_input(new, name)
    ]


def _read_input(manifest: dict[str, Any], name: str) -> Any:
    value = manifest.get(name)
    return value.get("commit") if name == "code" and isinstance(value, dict) else value


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.is_file():
        return {}
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest
