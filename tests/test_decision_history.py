"""Decision files only grow: a loss is named, and nothing writes over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from interfaces.command_line.commands.doctor import CHECKS
from register.decision_columns import DECISION_FILES
from register.decision_files import (
    DecisionFilesError,
    accept_lost_decisions,
    append_decisions,
    check_decision_files,
    find_decision_faults,
)
from register.feeds import LedgerError, withdraw_delivery
from register.home import prepare_home
from register.publishing import publish
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build

ROW = "2026-11-01T00:00:00Z,A. Person,link,MAAAA,MBBBB,Seen on paper,,seen_on_paper"
LINE = len(ROW) + 1


@pytest.fixture
def published(settings: Settings) -> Settings:
    """A home whose last generation used two links."""
    with (settings.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write(f"{ROW}\n{ROW.replace('MBBBB', 'MCCCC')}\n")
    publish(settings, build(settings, 1))
    return settings


@pytest.mark.parametrize("name", sorted(DECISION_FILES))
def test_a_deleted_file_is_named_and_not_made_anew(published: Settings, name: str) -> None:
    """Prevents decisions that are gone without a word, behind an empty file of the same name."""
    path = published.decisions / name
    path.unlink()
    prepare_home(published)
    assert not path.exists()
    with pytest.raises(DecisionFilesError, match=f"{name} is missing"):
        check_decision_files(published)
    is_well, says = CHECKS["decisions"](published)
    assert not is_well
    assert name in says


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:-LINE], "rows are gone"),
        (lambda text: text.replace(b"MBBBB", b"MXXXX"), "not as they were"),
        (lambda text: b"\xef\xbb\xbf" + text, "not as they were"),
        (lambda text: text.replace(b"\n", b"\r\n"), "not as they were"),
        (lambda text: text[:-LINE] + text[-LINE:].replace(b"link", b"void") * 2, "not as they"),
    ],
)
def test_a_file_that_lost_or_changed_a_row_is_named(
    published: Settings, damage: Callable[[bytes], bytes], message: str
) -> None:
    """Prevents a link that was taken out, or turned round, from being loaded as it stands."""
    path = published.decisions / "links.csv"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DecisionFilesError, match=f"links.csv .*{message}"):
        check_decision_files(published)
    with pytest.raises(ValueError, match=message):
        append_decisions(published, "links.csv", [ROW.split(",")], ValueError)


def test_a_file_may_grow_by_hand_and_by_command(published: Settings) -> None:
    """Prevents a check that stops people from deciding."""
    with (published.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write(ROW)
    append_decisions(published, "links.csv", [ROW.split(",")], ValueError)
    check_decision_files(published)
    publish(published, build(published, 2))
    check_decision_files(published)


@pytest.mark.parametrize("is_first", [True, False], ids=["before any load", "after a load"])
def test_rows_that_a_command_appended_and_that_are_cut_off_are_missed(
    settings: Settings, is_first: bool
) -> None:
    """Prevents a split of two children from being undone by an editor before the next load."""
    if not is_first:
        publish(settings, build(settings, 1))
    path = settings.decisions / "links.csv"
    append_decisions(settings, "links.csv", [ROW.split(","), ROW.split(",")], ValueError)
    check_decision_files(settings)
    path.write_bytes(path.read_bytes()[:-LINE])
    with pytest.raises(DecisionFilesError, match=r"links\.csv has .* a command .*rows are gone"):
        check_decision_files(settings)
    with pytest.raises(ValueError, match="rows are gone"):
        append_decisions(settings, "links.csv", [ROW.split(",")], ValueError)
    assert accept_lost_decisions(settings, "A. Person", "No backup has it") == ["links.csv"]
    check_decision_files(settings)
    assert "links.csv" in (settings.decisions / "replacements.csv").read_text(encoding="utf-8")
    append_decisions(settings, "links.csv", [ROW.split(",")], ValueError)
    check_decision_files(settings)


def test_an_answered_loss_cannot_be_taken_back_unseen(published: Settings) -> None:
    """Prevents the record of who answered for a loss from vanishing before the next load."""
    path = published.decisions / "links.csv"
    path.write_bytes(path.read_bytes()[:-LINE])
    accept_lost_decisions(published, "A. Person", "No backup has it")
    check_decision_files(published)
    noted = published.decisions / "replacements.csv"
    noted.write_text(",".join(DECISION_FILES["replacements.csv"]) + "\n", encoding="utf-8")
    assert "replacements.csv has" in "".join(find_decision_faults(published))


def test_columns_are_added_to_what_a_command_appended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an upgrade between two loads from being taken for a loss."""
    append_decisions(settings, "links.csv", [ROW.split(",")], ValueError)
    columns = (*DECISION_FILES["links.csv"], "invented")
    monkeypatch.setitem(DECISION_FILES, "links.csv", columns)
    prepare_home(settings)
    check_decision_files(settings)
    append_decisions(settings, "links.csv", [[*ROW.split(","), "new"]], ValueError)
    check_decision_files(settings)


def test_a_damaged_record_of_what_was_appended_is_named(settings: Settings) -> None:
    """Prevents one damaged letter from switching a comparison off."""
    append_decisions(settings, "links.csv", [ROW.split(",")], ValueError)
    (settings.decisions / "appended.json").write_text("{", encoding="utf-8")
    assert "appended.json cannot be read" in "".join(find_decision_faults(settings))


def test_a_command_appends_nothing_to_a_file_that_is_gone(published: Settings) -> None:
    """Prevents a withdrawal from being the first row of a file that had others."""
    (published.decisions / "deliveries.csv").unlink()
    entry = published.landing / "police_reports" / DELIVERY_ID / "delivery.json"
    facts = json.loads(entry.read_text(encoding="utf-8"))
    facts |= {"is_held": False, "hold_rule_code": None}
    entry.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(LedgerError, match=r"deliveries.csv is missing"):
        withdraw_delivery(published, DELIVERY_ID, "A. Person", "It was sent by mistake")
    assert not (published.decisions / "deliveries.csv").exists()


def test_a_loss_that_a_person_answers_for_is_written_down(published: Settings) -> None:
    """Prevents a home that can never be loaded again, and a loss that nobody answers for."""
    path = published.decisions / "links.csv"
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(DecisionFilesError, match="needs a name and a reason"):
        accept_lost_decisions(published, "A. Person", " ")
    assert accept_lost_decisions(published, "A. Person", "No backup has it") == ["links.csv"]
    check_decision_files(published)
    noted = (published.decisions / "replacements.csv").read_text(encoding="utf-8").splitlines()
    assert len(noted) == 2
    assert f"links.csv,{len(content)}," in noted[1]
    append_decisions(published, "links.csv", [ROW.split(",")], ValueError)
    publish(published, build(published, 2))
    check_decision_files(published)
    with pytest.raises(DecisionFilesError, match="nothing to accept"):
        accept_lost_decisions(published, "A. Person", "Again")
    # What is accepted is that file as it was found: no later loss is.
    path.unlink()
    with pytest.raises(DecisionFilesError, match=r"links\.csv is missing"):
        check_decision_files(published)


def test_a_loss_of_the_file_of_replacements_can_be_accepted_too(published: Settings) -> None:
    """Prevents a home that stays shut because its way out is what was lost."""
    (published.decisions / "replacements.csv").unlink()
    accept_lost_decisions(published, "A. Person", "No backup has it")
    check_decision_files(published)


def test_columns_of_a_later_release_are_no_loss(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an upgrade that stops at decisions which it changed itself."""
    columns = (*DECISION_FILES["links.csv"], "invented")
    monkeypatch.setitem(DECISION_FILES, "links.csv", columns)
    prepare_home(published)
    assert (published.decisions / "links.csv").read_text(encoding="utf-8").endswith("paper,\n")
    check_decision_files(published)
    append_decisions(published, "links.csv", [[*ROW.split(","), "new"]], ValueError)
    check_decision_files(published)


def test_a_loss_is_not_hidden_by_new_columns(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an upgrade from taking what is left for all that there was."""
    path = published.decisions / "links.csv"
    path.write_bytes(path.read_bytes()[:-LINE])
    columns = (*DECISION_FILES["links.csv"], "invented")
    monkeypatch.setitem(DECISION_FILES, "links.csv", columns)
    prepare_home(published)
    assert "links.csv has" in "".join(find_decision_faults(published))


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("links.csv", ROW.replace(",seen_on_paper", ""), "line 2: 7 fields, not 8"),
        ("links.csv", ROW.replace("2026-11-01", "2026-11-31"), "line 2: decided_at is not"),
        ("links.csv", ROW.replace("2026-11-01T", "1/11/26 "), "line 2: decided_at is not"),
        ("links.csv", ROW.replace(",link,", ",linked,"), "line 2: decision is none of link,"),
        ("links.csv", ROW.replace("paper,,", "paper,soon,"), "line 2: expires_on is not a day"),
        ("links.csv", ROW.replace("Seen on", '"Seen" on'), "line 2: the line is no CSV"),
        ("links.csv", ROW.replace("Seen on", '"Seen on'), "line 2: the line is no CSV"),
        ("deliveries.csv", "2026-11-01,A,invented-id,withdrawn,It is", "decision is none of"),
        ("reviews.csv", "2026-11-01,A,MA,MB,same,yes,blind", "is_blind is not true or false"),
    ],
)
def test_a_row_that_no_build_can_read_is_named_by_its_line(
    settings: Settings, name: str, line: str, message: str
) -> None:
    """Prevents a load that stops in its build with the database's words and no line."""
    with (settings.decisions / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(DecisionFilesError, match=f"{name}, .*{message}") as raised:
        check_decision_files(settings)
    assert "A. Person" not in str(raised.value)
    assert "MAAAA" not in str(raised.value)


def test_a_load_stops_before_it_lands_or_builds(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents holds, and a register, that are judged by what is left of the decisions."""
    monkeypatch.setenv("REGISTER_HOME", str(published.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    (published.decisions / "links.csv").unlink()
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    assert "links.csv is missing" in " ".join(result.output.split())
    assert not list(published.published.glob(".next-*"))
    result = CliRunner().invoke(app, ["load", "--accept-decisions", "--by", "A. Person"])
    assert "needs a name and a reason" in " ".join(result.output.split())


def test_the_last_manifest_that_can_be_read_is_compared_with(published: Settings) -> None:
    """Prevents one damaged letter of a manifest from hiding that decisions are gone."""
    later = publish(published, build(published, 2)).folder / "manifest.json"
    later.chmod(0o600)
    later.write_bytes(later.read_bytes()[:-9])
    (published.decisions / "links.csv").unlink()
    assert "links.csv is missing" in "".join(find_decision_faults(published))


def test_every_file_in_the_folder_is_known_by_name(published: Settings) -> None:
    """Prevents a file of decisions that nobody compares, because a part writes it by itself."""
    assert {path.name for path in published.decisions.glob("*.csv")} == set(DECISION_FILES)


def test_decisions_of_another_home_are_not_compared(settings: Settings, tmp_path: Path) -> None:
    """Prevents a first load from being held to anything."""
    fresh = replace(settings, home=tmp_path / "other")
    prepare_home(fresh)
    check_decision_files(fresh)
