"""One inbox with three kinds of return, and what each side finds in it.

Made returns break rules on purpose, simulated ones are likely, spoilt ones are simulated ones
with bad lines. They share a home so that the register is built once; each kind has authorities
of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from register.decision_files import append_decisions
from register.feeds import Delivery, format_instant, land_everything
from register.home import prepare_home
from register.settings import Settings, load_settings
from simulation import SimulationPlan, simulate
from tests.parity.delivered import FEED, delivered_returns
from tests.parity.findings import Finding, findings_of_register, findings_of_validator
from tests.parity.returns import Return, make_returns, write_return

MADE_SUPPLIERS = tuple(
    str(code)
    for first, last in ((301, 320), (330, 336), (340, 344), (351, 359), (390, 394))
    for code in range(first, last + 1)
)
MADE_PERIODS = ("2021-22", "2022-23", "2023-24", "2024-25", "2025-26")
SEED = 903
PLAN = SimulationPlan(
    seed=SEED,
    authority_count=6,
    population_scale=0.1,
    first_year=2022,
    year_count=3,
    extract_frequency="yearly",
    has_dirty_deliveries=False,
)
# One line in so many of a spoilt module is spoilt.
EVERY = 8


@dataclass(frozen=True)
class BothSides:
    """The findings of each side over the same deliveries, and which authorities are which."""

    validator: set[Finding]
    register: set[Finding]
    simulated: frozenset[str]
    spoilt: frozenset[str]
    outcomes: dict[tuple[str, str], str]

    def differences(self, suppliers: frozenset[str], rule_code: str | None = None) -> set[Finding]:
        """What one side alone finds in the returns of some authorities, by one rule or by any."""
        return {
            found
            for found in self.validator ^ self.register
            if found.supplier_code in suppliers and rule_code in (None, found.rule_code)
        }


def ask_both(python: Path, scratch: Path, others: list[Return]) -> BothSides:
    """Deliver, land and build everything once, and ask the validator about the same text."""
    settings = replace(
        # Sizes differ by chance and by what was quarantined; nothing may be held for it.
        load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOLD_SHRINK_SHARE": "1"}),
        home=scratch / "home",
    )
    simulated, spoilt = _deliver_simulated(settings)
    prepare_home(settings)
    for made in [*make_returns(MADE_SUPPLIERS, MADE_PERIODS, SEED), *others]:
        write_return(made, settings.inbox / FEED / made.supplier_code / made.period)
    landed = land_everything(settings).landed
    _confirm_all(settings, landed)
    returns = delivered_returns(settings)
    return BothSides(
        validator=findings_of_validator(python, returns, scratch / "asked"),
        register=findings_of_register(settings),
        simulated=simulated - spoilt,
        spoilt=spoilt,
        outcomes={(entry.supplier_code, entry.period): entry.outcome for entry in landed},
    )


def _confirm_all(settings: Settings, landed: Iterable[Delivery]) -> None:
    """Let every return in, also one that is held for what is wrong with it: on purpose, here."""
    moment = format_instant(datetime.now(UTC))
    rows = [
        (moment, "A. Person", entry.delivery_id, "confirm", "wrong on purpose")
        for entry in landed
        if entry.is_accepted
    ]
    append_decisions(settings, "deliveries.csv", rows, RuntimeError)
    # The load after a decision says since when a delivery is held no more.
    land_everything(settings)


def _deliver_simulated(settings: Settings) -> tuple[frozenset[str], frozenset[str]]:
    """Deliver a small nation's returns; gives its authorities, and those with spoilt lines."""
    simulate(settings.home, PLAN)
    for feed in settings.inbox.iterdir():
        if feed.name != FEED:
            shutil.rmtree(feed)
    suppliers = sorted(folder.name for folder in (settings.inbox / FEED).iterdir())
    assert set(suppliers).isdisjoint(MADE_SUPPLIERS)
    with_files = [code for code in suppliers if list((settings.inbox / FEED / code).rglob("*.csv"))]
    spoilt = frozenset(with_files[::2])
    generator = np.random.default_rng(SEED)
    for code in sorted(spoilt):
        for path in sorted((settings.inbox / FEED / code).rglob("*.csv")):
            path.write_bytes(_spoil(path.read_bytes(), generator))
    return frozenset(suppliers), spoilt


def _spoil(content: bytes, generator: np.random.Generator) -> bytes:
    """Some lines lose a field, open a quote, or hold an impossible date or a wrong code."""
    heading, *lines = content.decode().splitlines()
    for number in range(0, len(lines), EVERY):
        line = lines[number]
        kind = generator.choice(["field", "quote", "date", "code"])
        if kind == "field":
            lines[number] = line.rsplit(",", 1)[0]
        elif kind == "quote":
            lines[number] = line.replace(",", ',"', 1)
        elif kind == "date":
            lines[number] = ",".join(
                f"31/02/{field[6:]}" if field.count("/") == 2 else field
                for field in line.split(",")
            )
        else:
            lines[number] = line.replace(",M,", ",X,").replace(",A,", ",,")
    return "\r\n".join([heading, *lines, ""]).encode()
