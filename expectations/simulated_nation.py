"""The nation that a simulation declares: its suppliers, and the last day that they were to deliver.

What of it is expected is judged at its own size. A home that is no simulation has none, and the
whole country is expected of it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date

from expectations.suites import ExpectationSpec, Tolerance, read_tolerances
from expectations.suites.coverage import EXPECTED
from register.settings import Settings

SUPPLIER_CODE = re.compile(r"[A-Z0-9]{3,9}")


@dataclass(frozen=True)
class SimulatedNation:
    """The suppliers of a simulated nation by code, and the last day that was simulated.

    `tolerances` are those that differ for its size, by code.
    """

    suppliers: tuple[str, ...]
    last_day: date
    tolerances: dict[str, Tolerance] = field(default_factory=dict)

    @property
    def authority_count(self) -> int:
        """How many authorities deliver. Their codes are three figures."""
        return sum(code.isdigit() for code in self.suppliers)

    @property
    def sentence(self) -> str:
        """What is expected of it, for a reader of a verdict."""
        return (
            f"This nation is simulated: {self.authority_count} authorities are expected, and "
            f"{len(self.suppliers) - self.authority_count} other suppliers, to "
            f"{self.last_day:%-d %B %Y}."
        )

    def of_own_size(
        self, spec: ExpectationSpec, tolerance: Tolerance
    ) -> tuple[ExpectationSpec, Tolerance]:
        """What calendars expect, judged for this nation alone, with that as part of the reason.

        Every other expectation, and its tolerance, stays what it is for the country.
        """
        if spec.mart != EXPECTED.mart:
            return spec, tolerance
        listed = ", ".join(f"'{code}'" for code in self.suppliers)
        condition = (
            f"{spec.condition} and supplier_code in ({listed}) "
            f"and period_end <= date '{self.last_day}'"
        )
        own = self.tolerances.get(spec.name, tolerance)
        said = f"{own.reason} {self.sentence}"
        if own != tolerance:
            said += f" The national tolerance is {tolerance.text}."
        return replace(spec, condition=condition), replace(own, reason=said)


def read_simulated_nation(settings: Settings) -> SimulatedNation | None:
    """The nation that this home's simulation declares; None where it declares none."""
    if not settings.is_simulation:
        return None
    try:
        declared = json.loads(settings.simulation_declaration.read_text(encoding="utf-8"))
        suppliers = tuple(sorted(str(code) for code in declared["suppliers"]))
        last_day = date.fromisoformat(declared["last_day"])
    except (ValueError, KeyError, TypeError):
        return None
    if not suppliers or not all(SUPPLIER_CODE.fullmatch(code) for code in suppliers):
        return None
    own = read_tolerances(settings.seeds / "ref__simulation_tolerances.csv")
    return SimulatedNation(suppliers, last_day, own)
