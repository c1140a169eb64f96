"""Each rule of the screener finds what breaks it, and none finds anything in our own files."""

from __future__ import annotations

import re

import pytest

from official_statistics import data_set_named, read_data_sets
from official_statistics.screening import Pair, screen_house, screen_pair
from register.settings import PROJECT_ROOT
from tests.statistics.screening_examples import EXAMPLES, NAME, Change, Table, changed, set_value
from tests.statistics.screening_files import small_pair

RULES = {"rounding_unit_authority": 5, "rounding_unit_area": 10}
CHECKS = PROJECT_ROOT / "docs" / "reference" / "statistics" / "screener.md"


@pytest.mark.parametrize("what", sorted(EXAMPLES))
def test_each_rule_of_the_screener_finds_what_breaks_it(what: str) -> None:
    """Prevents a file that the platform rejects on the morning of a release."""
    example = EXAMPLES[what]
    findings = screen_pair(changed(example.change, example.data_set))
    assert [one.text for one in findings if one.rule == example.rule and example.words in one.text]


def test_a_name_that_no_file_may_have_is_found() -> None:
    """Prevents a pair that the platform cannot take for its name."""
    pair = small_pair(NAME)
    for name, words in (("two words", "letters, digits"), ("x" * 151, "longer than 150")):
        findings = screen_pair(Pair(name, pair.data, pair.meta))
        assert any(one.rule == 1 and words in one.text for one in findings)


def test_the_page_names_the_example_of_every_check() -> None:
    """Prevents a comparison with the platform's screener that no test stands behind."""
    lines = CHECKS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1:-1] for line in lines if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"\*([^*]+)\*", row[3])}
    assert named <= set(EXAMPLES)
    assert len(rows) > 60
    for row in rows:
        assert re.search(r"\*[^*]+\*|^ no: ", row[3]), row[0]


@pytest.mark.parametrize("name", [data_set.name for data_set in read_data_sets()])
def test_our_own_files_pass_without_a_word(name: str) -> None:
    """Prevents a description of a data set that no file can satisfy."""
    pair = small_pair(name)
    assert [finding.text for finding in screen_pair(pair)] == []
    assert [finding.text for finding in screen_house(pair, data_set_named(name), RULES)] == []


def _rows_moved(data: Table, _: Table) -> None:
    data[1:] = [*data[4:], *data[1:4]]


def _incomplete(data: Table, _: Table) -> None:
    del data[2]


HOUSE: dict[str, tuple[str, Change]] = {
    "not rounded": ("not rounded", set_value("episode_count", "1823")),
    "under ten": ("not rounded", set_value("episode_count", "5", line=-1)),
    "not complete": ("not every combination", _incomplete),
    "out of order": ("not in the order", _rows_moved),
    "decimals": ("has not 1 decimals", set_value("episode_percent", "50.01")),
    "no number": ("is no number", set_value("episode_count", "many")),
    "share of a hidden count": ("is shown and", set_value("episode_count", "c")),
    "low count": ("is low", set_value("episode_count", "low")),
}


@pytest.mark.parametrize("what", sorted(HOUSE))
def test_each_rule_of_the_house_finds_what_breaks_it(what: str) -> None:
    """Prevents a file that the platform takes and our own rules forbid."""
    words, change = HOUSE[what]
    findings = screen_house(changed(change), data_set_named(NAME), RULES)
    assert any(words in finding.text for finding in findings)


def test_a_value_outside_its_limits_is_found() -> None:
    """Prevents limits of another row."""
    change = set_value("episode_percent", "1.0", line=2)
    findings = screen_house(
        changed(change, "agreement_by_area"), data_set_named("agreement_by_area"), RULES
    )
    assert any("outside its limits" in finding.text for finding in findings)
