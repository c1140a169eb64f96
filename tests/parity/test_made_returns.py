"""Hundreds of returns made to break rules: the same rows fail as by the sector's validator."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from register.feeds.landing import land_everything
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.parity.findings import (
    RULE_CODES,
    DeliveredReturn,
    Finding,
    findings_of_register,
    findings_of_validator,
)
from tests.parity.returns import Return, make_returns, write_return

SUPPLIERS = tuple(
    str(code)
    for first, last in ((301, 320), (330, 336), (340, 344), (351, 359), (380, 384), (390, 394))
    for code in range(first, last + 1)
)
PERIODS = ("2021-22", "2022-23", "2023-24", "2024-25", "2025-26")
SEED = 903

# An authority whose return holds what the validator reads otherwise than landing does.
ODD_SUPPLIER = "350"
ODD_PERIOD = "2025-26"
ODD_MISSING = (
    # Line 2: no leading zeros. The return asks for dd/mm/yyyy; the validator lets it pass.
    {"CHILD": "C1", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": "1/5/2025"},
    # Line 3: spaces around a date. Landing trims; the validator takes it for text.
    {"CHILD": "C2", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": " 02/05/2025"},
    # Line 4: a year outside 1900 to 2199, which landing takes for a slip of the hand.
    {"CHILD": "C3", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": "03/05/1825"},
)
# Fewer findings than this would prove little; 580 (the day of turning 18) is the rarest.
FEWEST = 10


@dataclass(frozen=True)
class BothSides:
    """The findings of each side over the same deliveries."""

    validator: set[Finding]
    register: set[Finding]

    def of(self, supplier_code: str) -> tuple[set[Finding], set[Finding]]:
        """What only the validator, and what only the register, finds in a supplier's returns."""
        theirs = {found for found in self.validator if found.supplier_code == supplier_code}
        ours = {found for found in self.register if found.supplier_code == supplier_code}
        return theirs - ours, ours - theirs


@pytest.fixture(scope="module")
def both_sides(validator: Path, tmp_path_factory: pytest.TempPathFactory) -> BothSides:
    """Deliver, land and build the made returns once, and ask the validator about the same rows."""
    scratch = tmp_path_factory.mktemp("parity")
    settings = load_settings(
        {
            "REGISTER_ENVIRONMENT": "test",
            "REGISTER_HOME": str(scratch / "home"),
            # Made returns vary in size by chance; none may be held for it.
            "REGISTER_HOLD_SHRINK_SHARE": "1",
        }
    )
    prepare_home(settings)
    returns = [*make_returns(SUPPLIERS, PERIODS, SEED), _odd_return()]
    deliver(returns, settings)
    assert land_everything(settings).count("accepted") == len(returns)
    delivered = [as_delivered(made) for made in returns]
    return BothSides(
        validator=findings_of_validator(validator, delivered, scratch / "asked"),
        register=findings_of_register(settings),
    )


def _odd_return() -> Return:
    children = [row["CHILD"] for row in ODD_MISSING]
    header = [{"CHILD": child, "SEX": "1", "DOB": "01/06/2010"} for child in children]
    episodes = [{"CHILD": child, "DECOM": "01/04/2020", "LS": "C2"} for child in children]
    modules = {"header": header, "episodes": episodes, "missing": list(ODD_MISSING)}
    return Return(ODD_SUPPLIER, ODD_PERIOD, modules)


def deliver(returns: list[Return], settings: Settings) -> None:
    """Put every return where an authority would."""
    for made in returns:
        write_return(made, settings.inbox / "authority_return" / made.supplier_code / made.period)


def as_delivered(made: Return) -> DeliveredReturn:
    """The records with their lines: the first record stands on line 2."""
    modules = {module: list(enumerate(rows, 2)) for module, rows in made.modules.items()}
    return DeliveredReturn(made.supplier_code, made.period, modules)


@pytest.mark.parametrize("rule_code", RULE_CODES)
def test_the_same_rows_fail_the_same_rule(both_sides: BothSides, rule_code: str) -> None:
    """Prevents an authority being told something else here than by the tool that it trusts."""
    theirs, ours = (
        {
            found
            for found in side
            if found.rule_code == rule_code and found.supplier_code in SUPPLIERS
        }
        for side in (both_sides.validator, both_sides.register)
    )
    assert (theirs - ours, ours - theirs) == (set(), set())


def test_every_rule_is_broken_and_kept(both_sides: BothSides) -> None:
    """Prevents agreement because nothing was there to find, or because everything failed."""
    found = Counter(finding.rule_code for finding in both_sides.validator)
    assert {code for code in RULE_CODES if found[code] < FEWEST} == set()
    failing_rows = {(row.supplier_code, row.period, row.line) for row in both_sides.validator}
    assert max(found.values()) < len(failing_rows)


def test_the_only_differences_are_what_landing_takes_for_a_date(both_sides: BothSides) -> None:
    """Prevents the differences that docs/decisions names from growing unnoticed."""

    def odd(rule_code: str, line: int) -> Finding:
        return Finding(ODD_SUPPLIER, ODD_PERIOD, rule_code, "missing", line)

    only_validator, only_register = both_sides.of(ODD_SUPPLIER)
    assert only_validator == {odd("1004", 3), odd("581", 3)} | {
        odd(code, 4) for code in ("577", "578", "586")
    }
    assert only_register == {odd("1004", 2), odd("1004", 4), odd("581", 2)}
