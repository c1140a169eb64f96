"""Reading of the seeds that landing needs: code maps, suppliers, and delivery rules.

Seeds are never written here. Conforming codes belongs in the dbt project.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from register.feeds.layout import Layout
from register.spreadsheet import read_rows

# All outcomes that a rule may have, for a record or for a delivery.
OUTCOMES = ("flagged", "quarantined", "held", "rejected", "reported")


@dataclass(frozen=True)
class SupplierTerm:
    """The first and last day on which a supplier must deliver a feed."""

    supplier_code: str
    feed: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class FeedbackRule:
    """A rule about deliveries or records, with the text that tells a supplier what to correct."""

    rule_code: str
    title: str
    outcome: str
    what_to_fix: str
    expected_form: str = ""


@dataclass(frozen=True)
class Tolerance:
    """A limit that consists of a share (0-1) and a count.

    A delivery or load that exceeds both waits for a person's decision.
    """

    maximum_share: float
    least_count: int


@cache
def load_delivery_rules(seeds: Path) -> dict[str, FeedbackRule]:
    """Return the rules about deliveries, by code."""
    return {
        row["rule_code"]: FeedbackRule(**row)
        for row in read_rows(seeds / "ref__delivery_rules.csv")
    }


@cache
def load_return_rules(seeds: Path) -> dict[str, FeedbackRule]:
    """Return the rules of the statutory return, by code. They only flag records."""
    return {
        row["rule_code"]: FeedbackRule(
            row["rule_code"], row["title"], "flagged", row["what_to_fix"]
        )
        for row in read_rows(seeds / "ref__return_rules.csv")
    }


@cache
def load_tolerances(seeds: Path) -> dict[str, Tolerance]:
    """Return, by code, the limits above which a delivery or load waits for a person's decision."""
    return {
        row["tolerance_code"]: Tolerance(float(row["maximum_share"]), int(row["least_count"]))
        for row in read_rows(seeds / "ref__hold_tolerances.csv")
    }


@cache
def load_suppliers(seeds: Path) -> tuple[SupplierTerm, ...]:
    """Return all suppliers and feeds, with the dates between which each must deliver."""
    return tuple(
        SupplierTerm(
            supplier_code=row["supplier_code"],
            feed=row["feed"],
            valid_from=date.fromisoformat(row["valid_from"] or "1900-01-01"),
            valid_to=date.fromisoformat(row["valid_to"] or "9999-12-31"),
        )
        for row in read_rows(seeds / "ref__suppliers.csv")
    )


def is_known_supplier(seeds: Path, feed: str, supplier_code: str, start: date, end: date) -> bool:
    """Return whether the supplier must deliver the feed on any day from `start` to `end`."""
    terms = _list_supplier_terms(seeds, feed, supplier_code)
    return any(term.valid_from <= end and start <= term.valid_to for term in terms)


@cache
def _list_supplier_terms(seeds: Path, feed: str, supplier_code: str) -> list[SupplierTerm]:
    terms = load_suppliers(seeds)
    return [term for term in terms if (term.feed, term.supplier_code) == (feed, supplier_code)]


@cache
def _read_code_map(path: Path, owner: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return the conformed code of each source code, by the code's owner and field.

    `owner` is the column of the map with the layout or feed to which a code belongs.
    """
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for row in read_rows(path):
        codes = groups.setdefault((row[owner], row["field_name"]), {})
        codes[row["source_code"]] = row["conformed_code"]
    return groups


def read_code_meanings(seeds: Path, layout: Layout, field_name: str) -> dict[str, str]:
    """Return the conformed code of each source code of a field, in the order of the code map.

    In feeds of authorities, the layout's own codes are added to those of the feed, and replace
    them.
    """
    is_police = layout.feed == "police_reports"
    name, owner = ("police", "layout_name") if is_police else ("authority", "used_by")
    codes = _read_code_map(seeds / f"map__{name}_codes.csv", owner)
    shared = codes.get((layout.feed, field_name), {})
    return shared | codes.get((layout.layout_name, field_name), {})


def read_known_codes(seeds: Path, layout: Layout, field_name: str) -> frozenset[str]:
    """Return the source codes that the layout's code map has for a field."""
    return frozenset(read_code_meanings(seeds, layout, field_name))


def list_feed_rules(seeds: Path, feed: str) -> list[FeedbackRule]:
    """Return the rules that apply to a feed, in the order of `OUTCOMES`."""
    rules = list(load_delivery_rules(seeds).values())
    if feed == "authority_return":
        rules = [*load_return_rules(seeds).values(), *rules]
    return sorted(rules, key=lambda rule: OUTCOMES.index(rule.outcome))
