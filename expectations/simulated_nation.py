"""The suppliers of a simulated nation, and tolerances adapted to the nation's size.

A home that is not a simulation is judged as the whole country.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date

from expectations.suites import ExpectationSpec, Tolerance, read_tolerances
from register.settings import Settings

EXPECTED_PERIODS_MART = "quality.agg_supplier_coverage_by_period"
SUPPLIER_CODE = re.compile(r"[A-Z0-9]{3,9}")


@dataclass(frozen=True)
class SimulatedNation:
    """The suppliers of a simulated nation by code, and the last day that was simulated.

    `tolerances` has, for some expectations by code, the tolerance that a nation of this size needs.
    """

    suppliers: tuple[str, ...]
    last_day: date
    tolerances: dict[str, Tolerance] = field(default_factory=dict)

    @property
    def authority_count(self) -> int:
        """The number of authorities, whose codes are three digits."""
        return sum(code.isdigit() for code in self.suppliers)

    @property
    def sentence(self) -> str:
        """A sentence for readers of results: who is expected to deliver, and until when."""
        return (
            f"This nation is simulated. Deliveries are expected from {self.authority_count} "
            f"authorities and {len(self.suppliers) - self.authority_count} other suppliers, for "
            f"periods to {self.last_day:%-d %B %Y}."
        )

    def adapt_expectation(
        self, spec: ExpectationSpec, tolerance: Tolerance
    ) -> tuple[ExpectationSpec, Tolerance]:
        """Limit an expectation about delivery calendars to the suppliers and days of this nation.

        The tolerance becomes the one for a nation of this size, if there is one. Its reason states
        both changes. Any other expectation is returned unchanged.
        """
        if spec.mart != EXPECTED_PERIODS_MART:
            return spec, tolerance
        codes = ", ".join(f"'{code}'" for code in self.suppliers)
        condition = (
            f"{spec.condition} and supplier_code in ({codes}) "
            f"and period_end <= date '{self.last_day}'"
        )
        adapted = self.tolerances.get(spec.name, tolerance)
        reason = f"{adapted.reason} {self.sentence}"
        if adapted != tolerance:
            reason += f" The national tolerance is {tolerance.text}."
        return replace(spec, condition=condition), replace(adapted, reason=reason)


def read_simulated_nation(settings: Settings) -> SimulatedNation | None:
    """Return the nation that this home's simulation declares.

    The result is None without a simulation, or if its declaration cannot be read.
    """
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
    tolerances = read_tolerances(settings.seeds / "ref__simulation_tolerances.csv")
    return SimulatedNation(suppliers, last_day, tolerances)
