"""What a register has of each source, and what to deliver next so that the sources can be compared.

The facts are of the deliveries that a generation uses. The front page of the quality site and the
end of the first load show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from register.labels import code_to_words
from register.publishing import Generation, open_register
from register.settings import Settings
from register.spreadsheet import read_rows
from register.supplier_names import name_supplier

SourceName = Literal["police", "authority", "published"]
# The feeds of each source: one of them is enough.
SOURCE_FEEDS: dict[SourceName, tuple[str, ...]] = {
    "police": ("police_reports",),
    "authority": ("authority_extract", "authority_return"),
    "published": ("published_statistics",),
}
# What people read for a source of which nothing is delivered.
SOURCE_TITLES: dict[SourceName, str] = {
    "police": "police reports",
    "authority": "extracts of local authorities",
    "published": "published statistics",
}
DELIVERIES = """
    select supplier_code, feed, period, period_start, period_end, status
    from register.dim_deliveries
    order by delivery_id
"""
# A sentence names at most this many suppliers.
NAMED_SUPPLIERS = 3
HOW_TO_DELIVER = (
    "Put a month of a police force into the folder `inbox/police_reports/<code of the force>/"
    "<year>-<month>` of the home, and run `register load`."
)
# What landing calls the supplier of a file whose folder names none.
UNKNOWN_SUPPLIER, UNKNOWN_SUPPLIER_NAME = "unknown", "A supplier that is not known"


@dataclass(frozen=True)
class SupplierDeliveries:
    """The deliveries of one feed by one supplier: the periods in use and those that are not."""

    feed: str
    supplier_code: str
    supplier_name: str
    periods: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    unused: tuple[tuple[str, str], ...]

    @property
    def feed_name(self) -> str:
        """The feed in words."""
        return code_to_words(self.feed)


@dataclass(frozen=True)
class DeliveryGaps:
    """What is delivered, what is missing for a comparison, and what to deliver next.

    `steps` are sentences, the most useful first.
    """

    suppliers: tuple[SupplierDeliveries, ...]
    steps: tuple[str, ...]

    @cached_property
    def used(self) -> tuple[SupplierDeliveries, ...]:
        """The suppliers and feeds of which the register uses a delivery."""
        return tuple(item for item in self.suppliers if item.periods)

    def has_source(self, source: SourceName) -> bool:
        """Return whether the register uses a delivery of a source."""
        return any(item.feed in SOURCE_FEEDS[source] for item in self.used)

    @property
    def missing_sources(self) -> tuple[SourceName, ...]:
        """The sources of which the register uses no delivery."""
        return tuple(source for source in SOURCE_FEEDS if not self.has_source(source))

    @property
    def can_compare(self) -> bool:
        """Whether both the police and an authority have delivered."""
        return self.has_source("police") and self.has_source("authority")

    def describe_loaded(self) -> str:
        """Return a sentence about what is in the register."""
        if not self.used:
            return "No delivery is in the register yet."
        parts = []
        for feed in dict.fromkeys(item.feed for item in self.used):
            own = [item for item in self.used if item.feed == feed]
            names = _join_names([item.supplier_name for item in own])
            parts.append(f"{own[0].feed_name} of {names} ({_describe_periods(own)})")
        return f"The register has {_join(parts)}."

    def describe_missing(self) -> str:
        """Return a sentence about what is missing for a comparison of the sources."""
        missing = [SOURCE_TITLES[source] for source in self.missing_sources]
        if not missing:
            return "Each source has delivered."
        consequence = "" if self.can_compare else ", so the sources cannot be compared"
        return f"Not delivered: {_join(missing)}{consequence}."


def find_delivery_gaps(seeds: Path, deliveries: Iterable[Mapping[str, Any]]) -> DeliveryGaps:
    """Return what these deliveries cover and what is missing.

    Each delivery has the columns of `DELIVERIES`.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in deliveries:
        groups.setdefault((row["feed"], row["supplier_code"]), []).append(row)
    suppliers = tuple(
        _summarise(seeds, feed, code, rows) for (feed, code), rows in sorted(groups.items())
    )
    return DeliveryGaps(suppliers, tuple(_list_steps(seeds, DeliveryGaps(suppliers, ()))))


def read_delivery_gaps(settings: Settings, generation: Generation) -> DeliveryGaps:
    """Return what a published generation has of each source, and what is missing."""
    with open_register(generation) as connection:
        rows = connection.execute(DELIVERIES).to_arrow_table().to_pylist()
    return find_delivery_gaps(settings.seeds, rows)


def _summarise(
    seeds: Path, feed: str, supplier_code: str, rows: list[Mapping[str, Any]]
) -> SupplierDeliveries:
    used = [row for row in rows if row["status"] == "current"]
    unused = {
        row["period"]: row["status"]
        for row in rows
        if row["status"] in {"rejected", "held", "withdrawn"}
    }
    periods = tuple(sorted({row["period"] for row in used}))
    starts = [row["period_start"] for row in used if row["period_start"]]
    ends = [row["period_end"] for row in used if row["period_end"]]
    return SupplierDeliveries(
        feed,
        supplier_code,
        UNKNOWN_SUPPLIER_NAME
        if supplier_code == UNKNOWN_SUPPLIER
        else name_supplier(seeds, supplier_code),
        periods,
        min(starts, default=None),
        max(ends, default=None),
        tuple(
            sorted((period, status) for period, status in unused.items() if period not in periods)
        ),
    )


def _list_steps(seeds: Path, gaps: DeliveryGaps) -> list[str]:
    """List what to do next so that the register can answer more, the most useful first."""
    steps = [
        f"{item.supplier_name}: {item.feed_name} of {period} are {status}. "
        + ("Decide about them." if status == "held" else "Have them corrected and deliver again.")
        for item in gaps.suppliers
        if not item.periods
        for period, status in item.unused[:1]
    ]
    police = [item for item in gaps.used if item.feed in SOURCE_FEEDS["police"]]
    authorities = [item for item in gaps.used if item.feed in SOURCE_FEEDS["authority"]]
    if not police and not authorities:
        return steps or [HOW_TO_DELIVER]
    forces = _read_forces(seeds)
    if not authorities:
        codes = {item.supplier_code for item in police}
        names = [name_supplier(seeds, code) for code, force in forces.items() if force in codes]
        supplier_names = _join_names(names, "or") or "a local authority"
        steps.append(
            f"To compare the sources, deliver the authority extract of {supplier_names} that covers"
            f" {_describe_periods(police)}."
        )
    elif not police:
        codes = {forces[item.supplier_code] for item in authorities if item.supplier_code in forces}
        names = [name_supplier(seeds, code) for code in sorted(codes)]
        supplier_names = _join_names(names, "or") or "a police force"
        steps.append(
            f"To compare the sources, deliver the police reports of {supplier_names} for the"
            f" months of {_describe_periods(authorities)}."
        )
    elif not _can_pair(forces, police, authorities):
        steps.append(
            "To compare the sources, deliver the same months of a police force and of a local"
            " authority in its area."
        )
    if not gaps.has_source("published"):
        steps.append("To compare with the department's figures, deliver its published statistics.")
    return steps


def _read_forces(seeds: Path) -> dict[str, str]:
    """Return the police force of each authority that exists today."""
    return {
        row["authority_code_dfe"]: row["police_force_code"]
        for row in read_rows(seeds / "ref__authorities.csv")
        if row["police_force_code"] and not row["valid_to"]
    }


def _can_pair(
    forces: Mapping[str, str],
    police: list[SupplierDeliveries],
    authorities: list[SupplierDeliveries],
) -> bool:
    """Return whether an authority and its own force delivered some of the same days."""
    return any(
        forces.get(item.supplier_code) == force.supplier_code and _overlap(item, force)
        for item in authorities
        for force in police
    )


def _overlap(one: SupplierDeliveries, other: SupplierDeliveries) -> bool:
    if not (one.first_day and one.last_day and other.first_day and other.last_day):
        return False
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _describe_periods(items: Iterable[SupplierDeliveries]) -> str:
    periods = sorted({period for item in items for period in item.periods})
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def _join_names(names: list[str], word: str = "and") -> str:
    if len(names) <= NAMED_SUPPLIERS:
        return _join(names, word)
    others = f"{len(names) - NAMED_SUPPLIERS + 1} others"
    return _join([*names[: NAMED_SUPPLIERS - 1], others], word)


def _join(texts: list[str], word: str = "and") -> str:
    *first, last = texts or [""]
    return f"{', '.join(first)} {word} {last}" if first else last
