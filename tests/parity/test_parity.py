"""The same rows of the same returns fail as by the sector's validator, but for named exceptions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.parity.both_sides import MADE_PERIODS, MADE_SUPPLIERS, BothSides, ask_both
from tests.parity.findings import RULE_CODES, Finding
from tests.parity.returns import Return

pytestmark = pytest.mark.drill

MADE = frozenset(MADE_SUPPLIERS)
# An authority whose return holds what the validator reads otherwise than landing does.
ODD_SUPPLIER = "350"
ODD_PERIOD = "2025-26"
ODD_MISSING = [
    # Line 2: no leading zeros. The return asks for dd/mm/yyyy; the validator lets it pass.
    {"CHILD": "C1", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": "1/5/2025"},
    # Line 3: spaces around a date. Landing trims; the validator takes it for text.
    {"CHILD": "C2", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": " 02/05/2025"},
    # Line 4: a year outside 1900 to 2199, which landing takes for a slip of the hand.
    {"CHILD": "C3", "DOB": "01/06/2010", "MISSING": "M", "MIS_START": "03/05/1825"},
]
# Fewer findings than this would prove little; 580 (the day of turning 18) is the rarest.
FEWEST = 10


@pytest.fixture(scope="module")
def both_sides(validator: Path, tmp_path_factory: pytest.TempPathFactory) -> BothSides:
    """What the validator and the register find in the same hundreds of returns."""
    return ask_both(validator, tmp_path_factory.mktemp("parity"), [_odd_return()])


def _odd_return() -> Return:
    children = [row["CHILD"] for row in ODD_MISSING]
    header = [{"CHILD": child, "SEX": "1", "DOB": "01/06/2010"} for child in children]
    episodes = [{"CHILD": child, "DECOM": "01/04/2020", "LS": "C2"} for child in children]
    modules = {"header": header, "episodes": episodes, "missing": ODD_MISSING}
    return Return(ODD_SUPPLIER, ODD_PERIOD, modules)


@pytest.mark.parametrize("rule_code", RULE_CODES)
def test_the_same_rows_of_made_returns_fail(both_sides: BothSides, rule_code: str) -> None:
    """Prevents an authority being told something else here than by the tool that it trusts."""
    assert both_sides.differences(MADE, rule_code) == set()


def test_every_rule_is_broken_and_kept(both_sides: BothSides) -> None:
    """Prevents agreement because nothing was there to find, or because everything failed."""
    made = [row for row in both_sides.validator if row.supplier_code in MADE]
    found = Counter(row.rule_code for row in made)
    assert {code for code in RULE_CODES if found[code] < FEWEST} == set()
    failing_rows = {(row.supplier_code, row.period, row.line) for row in made}
    assert max(found.values()) < len(failing_rows)
    outcomes = Counter(
        outcome for (supplier, _), outcome in both_sides.outcomes.items() if supplier in MADE
    )
    assert outcomes == {"accepted": len(MADE_SUPPLIERS) * len(MADE_PERIODS)}


def test_the_same_rows_of_simulated_returns_fail(both_sides: BothSides) -> None:
    """Prevents a likely return, CSV, XML or zip, being judged otherwise than by the validator."""
    assert both_sides.differences(both_sides.simulated) == set()
    found = {
        row.rule_code for row in both_sides.validator if row.supplier_code in both_sides.simulated
    }
    assert len(found) > 3


def test_the_same_rows_of_spoilt_returns_fail(both_sides: BothSides) -> None:
    """Prevents a bad line from changing what its neighbours are told."""
    assert both_sides.differences(both_sides.spoilt) == set()
    found = {
        row.rule_code for row in both_sides.validator if row.supplier_code in both_sides.spoilt
    }
    assert len(found) > 5
    outcomes = [
        both_sides.outcomes[key] for key in both_sides.outcomes if key[0] in both_sides.spoilt
    ]
    assert outcomes.count("accepted_with_quarantine") > 1


def test_the_only_differences_are_what_landing_takes_for_a_date(both_sides: BothSides) -> None:
    """Prevents the differences that docs/decisions names from growing unnoticed."""

    def odd(rule_code: str, line: int) -> Finding:
        return Finding(ODD_SUPPLIER, ODD_PERIOD, rule_code, "missing", line)

    assert both_sides.validator - both_sides.register == {
        *(odd(code, 3) for code in ("1004", "581")),
        *(odd(code, 4) for code in ("577", "578", "586")),
    }
    assert both_sides.register - both_sides.validator == {
        *(odd(code, 2) for code in ("1004", "581")),
        odd("1004", 4),
    }
