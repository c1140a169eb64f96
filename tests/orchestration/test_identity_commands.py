"""`register identity train`, `models`, `pin`, `unpin`, `card`: what they say, refuse and write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from interfaces.command_line.commands.identity import app
from interfaces.command_line.console import NOT_FOUND
from orchestration import linkage_training
from orchestration.locks import WarehouseBusyError
from register.identity.score import load_model
from register.linkage_models import save_candidate
from register.settings import Settings
from tests.orchestration.test_candidate_page import candidate

BY = ("--by", "An Operator", "--reason", "learned from this home")


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A prepared home that the commands use."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def run(*arguments: str) -> Result:
    """Run a command of `register identity`."""
    return CliRunner().invoke(app, [*arguments])


def _trains(monkeypatch: pytest.MonkeyPatch, is_met: bool) -> list[Any]:
    """Let training give the invented candidate; return what it was asked for."""
    calls: list[Any] = []

    def train(
        _: Settings, pseudo_count: float, values: Any, on_step: Callable[[str], None]
    ) -> linkage_training.Candidate:
        calls.append((pseudo_count, values))
        on_step("Estimate u")
        return candidate(is_met)

    monkeypatch.setattr(linkage_training, "train_candidate", train)
    return calls


@pytest.mark.parametrize(("is_met", "message"), [(True, "may be pinned"), (False, "may not be")])
def test_training_says_what_would_change_and_whether_it_may(
    home: Settings, monkeypatch: pytest.MonkeyPatch, is_met: bool, message: str
) -> None:
    """Prevents a candidate that is pinned because nobody saw what it would change."""
    calls = _trains(monkeypatch, is_met)
    output = run("train", "--pseudo-count", "50")
    assert output.exit_code == 0, output.output
    assert calls == [(50.0, None)]
    words = " ".join(output.output.split())
    assert "33,506 records, 16,812 expected matches, 9 rounds" in words
    assert "link to review 21, review to link 94" in words
    assert "unchanged 21,709, merged 69, split 26" in words
    assert "birth_date.one_digit_off -1.83 +2.04" in words
    assert "shared_by_hand" not in words
    assert f"It {message}" in words


def test_training_writes_its_figures_for_machines_and_a_report(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents figures that only a person can read."""
    _trains(monkeypatch, is_met=True)
    written = run("train", "--json", "--report", str(tmp_path / "report"))
    assert written.exit_code == 0, written.output
    facts = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert facts == json.loads(json.dumps(candidate(is_met=True).as_dict()))
    assert '"may_be_pinned": true' in written.stdout
    assert "0:00:00 Estimate u" in written.stderr
    assert "Estimate u" not in written.stdout


def test_training_beside_a_load_waits_for_nothing_and_says_so(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a traceback where another command holds the warehouse."""

    def train(*_: Any) -> None:
        raise WarehouseBusyError("a load is running")

    monkeypatch.setattr(linkage_training, "train_candidate", train)
    refused = run("train")
    assert refused.exit_code == 1
    assert "a load is running" in refused.output
    assert "Traceback" not in refused.output


def test_a_model_of_the_package_needs_its_mentions(home: Settings, tmp_path: Path) -> None:
    """Prevents the package's model from being learned from one home by a slip."""
    refused = run("train", "--model", str(tmp_path / "model.json"))
    assert refused.exit_code == 1
    assert "--model needs --mentions" in refused.output
    broken = tmp_path / "mentions.parquet"
    broken.write_bytes(b"no Parquet")
    unread = run("train", "--model", str(tmp_path / "model.json"), "--mentions", str(broken))
    assert unread.exit_code == 1
    assert not (tmp_path / "model.json").exists()


def test_a_candidate_is_listed_pinned_and_taken_back(home: Settings) -> None:
    """Prevents a home whose linking model nobody can tell or undo."""
    created = candidate(is_met=True)
    facts = created.as_dict()
    save_candidate(home, created.model, facts)
    package = load_model().version
    version = created.model.version
    listed = run("models")
    assert f"In use: {package}" in listed.output
    assert f"{version}" in listed.output
    assert run("pin", version, *BY).output.startswith(
        f"Pinned: {version}. The next `register load` links by it"
    )
    pinned = json.loads(run("models", "--json").stdout)
    assert pinned["in_use"] == version
    assert [one["version"] for one in pinned["candidates"]] == [version]
    assert [(one["decision"], one["decided_by"]) for one in pinned["pins"]] == [
        ("pin", "An Operator")
    ]
    assert "learned from this home" in run("models").output
    assert f"in use is {package}" in run("unpin", *BY).output
    again = run("unpin", *BY)
    assert again.exit_code == NOT_FOUND


def test_a_candidate_that_fails_a_criterion_is_not_pinned(home: Settings) -> None:
    """Prevents a worse model from linking because somebody wanted it to."""
    created = candidate(is_met=False)
    save_candidate(home, created.model, created.as_dict())
    refused = run("pin", created.model.version, *BY)
    assert refused.exit_code == 1
    assert json.loads(run("models", "--json").stdout)["in_use"] == load_model().version


def test_the_model_card_is_written(home: Settings, tmp_path: Path) -> None:
    """Prevents a model whose limits are told nowhere."""
    # A long path, which has to stay on one line.
    path = tmp_path / f"{'card' * 40}.md"
    written = run("card", "--out", str(path))
    assert written.exit_code == 0, written.output
    assert f"Written: {path}" in written.output
    assert load_model().version in path.read_text(encoding="utf-8")
