"""Specs and tolerances fit each other, and listing them costs nothing."""

from __future__ import annotations

import subprocess
import sys

from expectations import all_specs
from expectations.suites import SUITES, read_tolerances
from register.settings import PROJECT_ROOT


def test_every_expectation_has_a_tolerance_and_every_tolerance_an_expectation() -> None:
    """Prevents an expectation without a reason, and a tolerance that is never applied."""
    assert set(read_tolerances()) == {spec.name for spec in all_specs()}


def test_specs_are_listed_without_great_expectations() -> None:
    """Prevents a code location that takes seconds more to load because of a list of checks."""
    code = (
        "import sys; from expectations import all_specs; "
        "assert len(all_specs()) > 40; assert 'great_expectations' not in sys.modules; "
        "import interfaces.quality_site; "
        "assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT_ROOT)


def test_names_belong_to_their_suite_and_are_used_once() -> None:
    """Prevents two checks of one name, of which one is never seen."""
    names = [spec.name for spec in all_specs()]
    assert len(names) == len(set(names))
    assert all(spec.name.startswith(f"{spec.suite}_") for spec in all_specs())
    assert {spec.suite for spec in all_specs()} == {suite.name for suite in SUITES}


def test_every_sentence_is_one() -> None:
    """Prevents an expectation that an auditor cannot read."""
    for spec in all_specs():
        assert spec.sentence[0].isupper() and spec.sentence.endswith("."), spec.name
