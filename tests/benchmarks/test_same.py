"""The proof that two checkouts publish the same, over the working tree and itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.checkouts import CheckoutError, check_out, working_tree
from benchmarks.same.__main__ import Nation, compare_nation
from register.key_strength import DEVELOPMENT_KEY


@pytest.mark.drill
@pytest.mark.timeout(3600)  # four loads
def test_the_working_tree_publishes_what_it_publishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prevents a proof that no refactoring could pass, because two loads of one inbox differ."""
    tree, nation = working_tree(), Nation(3, 2, 1, known_at="2025-10-01")
    is_same = compare_nation(tmp_path, tree, tree, nation)
    said = capsys.readouterr().out
    assert is_same, said
    assert said.count("0 tables differ") == 2, "the current register, and that of a look back"


def test_a_commit_that_is_not_there_is_refused() -> None:
    """Prevents a comparison of the working tree with itself for a mistyped commit."""
    with pytest.raises(CheckoutError, match="worktree add"), check_out("no-such-commit"):
        pass


def test_both_checkouts_load_with_the_same_key_and_nothing_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents differences that are those of a person's settings."""
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "a production key")
    monkeypatch.setenv("REGISTER_HOLD_SHRINK_SHARE", "1")
    found = working_tree().environment(tmp_path)
    assert {name: value for name, value in found.items() if name.startswith("REGISTER_")} == {
        "REGISTER_HOME": str(tmp_path),
        "REGISTER_ENVIRONMENT": "development",
        "REGISTER_PSEUDONYM_KEY": DEVELOPMENT_KEY,
    }
