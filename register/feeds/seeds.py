"""The seeds that landing needs: known codes, suppliers and the rules of deliveries.

Seeds are read, never written. What a code means (its conformed code) belongs in the dbt project.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from register.feeds.layout import Layout

# What may become of a record or a delivery, records first.
OUTCOMES = ("flagged", "quarantined", "held", "rejected", "reported")


@dataclass(frozen=True)
class SupplierTerm:
    """A supplier owes a feed from one day to another, both included."""

    supplier_code: str
    feed: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class ToldRule:
    """One way in which a delivery or a record can be wrong, and what its supplier can do."""

    rule_code: str
    title: str
    outcome: str
    what_to_fix: str
    expected_form: str = ""


@dataclass(frozen=True)
class Tolerance:
    """A share (0-1) and a count: what is above both waits for a person."""

    maximum_share: float
    least_count: int


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def load_delivery_rules(seeds: Path) -> dict[str, ToldRule]:
    """Every rule of deliveries by its code."""
    return {row["rule_code"]: ToldRule(**row) for row in _rows(seeds / "ref__delivery_rules.csv")}


@cache
def load_return_rules(seeds: Path) -> dict[str, ToldRule]:
    """Every rule of the statutory return by its code: each flags, none removes."""
    return {
        row["rule_code"]: ToldRule(row["rule_code"], row["title"], "flagged", row["what_to_fix"])
        for row in _rows(seeds / "ref__return_rules.csv")
    }


@cache
def load_tolerances(seeds: Path) -> dict[str, Tolerance]:
    """The limits beyond which a delivery or a load waits for a person, by their codes."""
    return {
        row["tolerance_code"]: Tolerance(float(row["maximum_share"]), int(row["least_count"]))
        for row in _rows(seeds / "ref__hold_tolerances.csv")
    }


@cache
def load_suppliers(seeds: Path) -> tuple[SupplierTerm, ...]:
    """Which supplier owes which feed, and when."""
    return tuple(
        SupplierTerm(
            supplier_code=row["supplier_code"],
            feed=row["feed"],
            valid_from=date.fromisoformat(row["valid_from"] or "1900-01-01"),
            valid_to=date.fromisoformat(row["valid_to"] or "9999-12-31"),
        )
        for row in _rows(seeds / "ref__suppliers.csv")
    )


def is_known_supplier(seeds: Path, feed: str, supplier_code: str, start: date, end: date) -> bool:
    """Whether the supplier owes the feed on any day from `start` to `end`."""
    return any(
        term.supplier_code == supplier_code
        and term.feed == feed
        and term.valid_from <= end
        and start <= term.valid_to
        for term in load_suppliers(seeds)
    )


@cache
def _police_codes(seeds: Path) -> dict[tuple[str, str], dict[str, str]]:
    return _grouped(seeds / "map__police_codes.csv", "layout_name")


@cache
def _other_codes(seeds: Path) -> dict[tuple[str, str], dict[str, str]]:
    return _grouped(seeds / "map__authority_codes.csv", "feed")


def _grouped(path: Path, owner: str) -> dict[tuple[str, str], dict[str, str]]:
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for row in _rows(path):
        codes = groups.setdefault((row[owner], row["field_name"]), {})
        codes[row["source_code"]] = row["conformed_code"]
    return groups


def code_meanings(seeds: Path, layout: Layout, field_name: str) -> dict[str, str]:
    """The conformed code of each code of a field, in the order of the layout's code map."""
    if layout.feed == "police_reports":
        return _police_codes(seeds).get((layout.layout_name, field_name), {})
    return _other_codes(seeds).get((layout.feed, field_name), {})


def known_codes(seeds: Path, layout: Layout, field_name: str) -> frozenset[str]:
    """The codes of one field in the layout's code map; none if the map has no line of it."""
    return frozenset(code_meanings(seeds, layout, field_name))


def feed_rules(seeds: Path, feed: str) -> list[ToldRule]:
    """What may be wrong with a delivery of the feed: of records first, then of files."""
    rules = list(load_delivery_rules(seeds).values())
    if feed == "authority_return":
        rules = [*load_return_rules(seeds).values(), *rules]
    return sorted(rules, key=lambda rule: OUTCOMES.index(rule.outcome))
