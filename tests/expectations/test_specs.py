"""Specs and tolerances fit each other, and listing them costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from expectations.suites import SUITES, all_specs, expectation_specs
from expectations.suites.tolerances import SEED, ToleranceError, read_tolerances, tolerance_text
from register.settings import PROJECT_ROOT

HEADER = SEED.read_text(encoding="utf-8").splitlines()[0]
GOOD = "some_code,share,nation,0.5,,warning,Because.,Somebody,2026-11-24"


def test_every_expectation_has_a_tolerance_and_every_tolerance_an_expectation() -> None:
    """Prevents an expectation without a reason, and a tolerance that nobody applies."""
    assert set(read_tolerances()) == {spec.name for spec in all_specs()}


def test_specs_are_listed_without_great_expectations() -> None:
    """Prevents a code location that takes seconds more to load because of a list of checks."""
    code = (
        "import sys; from expectations.suites import expectation_specs; "
        "assert len(expectation_specs()) > 40; assert 'great_expectations' not in sys.modules; "
        "import expectations.validate, expectations.site; "
        "assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT_ROOT)


def test_names_belong_to_their_suite_and_are_used_once() -> None:
    """Prevents two checks of one name, of which one is never seen."""
    names = [spec.name for spec in all_specs()]
    assert len(names) == len(set(names))
    assert all(spec.name.startswith(f"{spec.suite}_") for spec in all_specs())
    assert {spec.suite for spec in expectation_specs()} == {suite.name for suite in SUITES}


def test_every_sentence_is_one() -> None:
    """Prevents an expectation that an auditor cannot read."""
    for spec in all_specs():
        assert spec.sentence[0].isupper() and spec.sentence.endswith("."), spec.name


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("warning", "fatal"), "line 2: severity"),
        (GOOD.replace("share", "median"), "line 2: measure"),
        (GOOD.replace("0.5", "half"), "line 2: minimum and maximum"),
        (GOOD.replace("Because.", ""), "line 2: a tolerance needs its reason"),
        (f"{GOOD}\n{GOOD}", "line 3: the code is there twice"),
    ],
)
def test_a_bad_line_of_the_seed_is_named(tmp_path: Path, line: str, message: str) -> None:
    """Prevents a tolerance that is silently not applied."""
    seed = tmp_path / "tolerances.csv"
    seed.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    with pytest.raises(ToleranceError, match=message):
        read_tolerances(seed)


@pytest.mark.parametrize(
    ("measure", "minimum", "maximum", "text"),
    [
        ("share", 0.95, None, "at least 95%"),
        ("share", None, 0.025, "at most 2.5%"),
        ("share", 1.0, None, "all"),
        ("share", 0.2, 0.4, "20% to 40%"),
        ("count", None, 0.0, "none"),
        ("count", 1.0, None, "at least 1"),
        ("count", None, None, "no limit: shown for its history"),
    ],
)
def test_a_tolerance_is_said_in_words(
    measure: str, minimum: float | None, maximum: float | None, text: str
) -> None:
    """Prevents an interval that reads as its opposite."""
    assert tolerance_text(measure, minimum, maximum) == text
