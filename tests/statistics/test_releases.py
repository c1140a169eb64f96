"""A release moves by people, at its hour, whole or not at all, and tells when it was changed."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from register.settings import Settings, load_settings
from register.statistics.releases import (
    Change,
    Person,
    ReleaseError,
    announce,
    approve,
    give_pre_release,
    latest_version,
    publish,
    read_calendar,
    verify_all,
    verify_version,
    withdraw,
)
from tests.statistics.versions import (
    HEAD,
    PRODUCER,
    RELEASE_AT,
    STEPS,
    WAYS,
    at,
    version_in_state,
    withdrawal,
)

lifecycle = import_module("register.statistics.releases.lifecycle")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the release of 2026 is announced."""
    found = load_settings({"REGISTER_HOME": str(tmp_path), "REGISTER_ENVIRONMENT": "test"})
    announce(found, 2026, RELEASE_AT, at(-60))
    return found


ALLOWED = {
    (state, step) for step, states in lifecycle.STEPS.items() for state in states if step in STEPS
}


@pytest.mark.parametrize(
    ("state", "step"),
    sorted((state, step) for state in WAYS for step in STEPS if (state, step) not in ALLOWED),
)
def test_a_step_that_does_not_follow_is_refused(settings: Settings, state: str, step: str) -> None:
    """Prevents a release without a signature, and a published version that is drafted again."""
    version = version_in_state(settings, state)
    with pytest.raises(ReleaseError):
        STEPS[step](settings, version)
    assert version.state == state


def test_every_state_is_reached_by_its_steps(settings: Settings) -> None:
    """Prevents rules so strict that nothing can be published."""
    for number, state in enumerate(WAYS, start=1):
        assert version_in_state(settings, state, number).state == state


def test_two_people_answer_for_a_release(settings: Settings) -> None:
    """Prevents one person from signing and approving under one name written in two ways."""
    version = version_in_state(settings, "signed")
    with pytest.raises(ReleaseError, match="two people"):
        approve(version, Person("  pat REED", "head_of_profession"), at(-7))
    with pytest.raises(ReleaseError, match="approved by the head_of_profession"):
        approve(version, Person("Ann Hill", "producer"), at(-7))


@pytest.mark.parametrize("state", ["checked", "signed", "approved"])
def test_a_changed_byte_voids_check_and_signatures(settings: Settings, state: str) -> None:
    """Prevents a table that is changed after people have read and signed it."""
    version = version_in_state(settings, state)
    (version.data / "table.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    step = {"checked": "signed", "signed": "approved", "approved": "published"}[state]
    with pytest.raises(ReleaseError, match="changed since they were checked"):
        STEPS[step](settings, version)
    assert latest_version(settings) is None


def test_nothing_is_published_before_its_hour_or_late_without_a_reason(
    settings: Settings,
) -> None:
    """Prevents a minute's advantage, and a release that slips without a word."""
    version = version_in_state(settings, "approved")
    with pytest.raises(ReleaseError, match="not before"):
        publish(settings, version, PRODUCER, at(-1 / 1440))
    with pytest.raises(ReleaseError, match="--late"):
        publish(settings, version, PRODUCER, at(0.5))
    assert latest_version(settings) is None
    publish(settings, version, PRODUCER, at(0.5), "the server was down")
    assert latest_version(settings) == version


@pytest.mark.parametrize("state", ["draft", "checked", "approved", "published"])
def test_only_a_signed_version_is_approved(settings: Settings, state: str) -> None:
    """Prevents a release that one person answers for, or none."""
    version = version_in_state(settings, state)
    with pytest.raises(ReleaseError, match="only a version that is signed"):
        approve(version, HEAD, at(-1))
    assert version.state == state


def test_pre_release_access_opens_a_day_before_and_is_published(settings: Settings) -> None:
    """Prevents early sight of figures, and sight of which the public is not told."""
    version = version_in_state(settings, "approved")
    person = Person("Pat Reed", "producer", "Briefing")
    with pytest.raises(ReleaseError, match="opens 24 hours before"):
        give_pre_release(settings, version, ["Minister's office"], person, at(-1 - 0.5 / 1440))
    folder = give_pre_release(settings, version, ["Minister's office"], person, at(-1))
    assert (folder / "data" / "table.csv").exists()
    publish(settings, version, PRODUCER, at(0))
    listed = (version.public / "pre_release_access.csv").read_text(encoding="utf-8")
    assert "Minister's office" in listed
    assert "Pat Reed" not in listed
    assert not folder.exists()


def test_a_changed_byte_event_or_link_is_found(settings: Settings) -> None:
    """Prevents a history that can be rewritten without anybody noticing."""
    version = version_in_state(settings, "published")
    assert verify_all(settings) == []
    table = version.data / "table.csv"
    table.chmod(0o644)
    table.write_text("a,b\n1,3\n", encoding="utf-8")
    assert [fault.text for fault in verify_version(version)] == [
        "public/data/table.csv was changed"
    ]
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    lines = version.events_file.read_text(encoding="utf-8").splitlines()
    changed = json.dumps({**json.loads(lines[2]), "who": "Nobody"}, sort_keys=True)
    version.events_file.write_text("\n".join([*lines[:2], changed, *lines[3:]]) + "\n")
    assert [fault.text for fault in verify_version(version)] == [
        "line 4 of events.jsonl does not follow from the line before it"
    ]
    version.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    link = settings.statistics / "missing_children" / "latest"
    link.unlink()
    link.symlink_to("2026/v9", target_is_directory=True)
    assert [fault.version for fault in verify_all(settings)] == ["latest"]


STOPS = ("_write_list", "_close", "seal", "flush_tree", "append_event", "point_link", "note_state")


@pytest.mark.parametrize("stop", STOPS)
def test_a_publication_that_is_killed_leaves_the_old_release_or_the_new_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    """Prevents readers from finding half a release, and a release that cannot be ended."""
    old = version_in_state(settings, "published")
    version = version_in_state(settings, "approved", number=2)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(lifecycle, stop, killed)
        publish(settings, version, PRODUCER, at(0))
    assert latest_version(settings) in {old, version}
    if latest_version(settings) == old:
        publish(settings, version, PRODUCER, at(0))
    assert latest_version(settings) == version
    assert version.state == "published"


def test_a_revision_supersedes_and_its_withdrawal_goes_back(settings: Settings) -> None:
    """Prevents two versions that both claim to be the latest, and a page that hides an error."""
    first = version_in_state(settings, "published")
    second = version_in_state(settings, "approved", number=2)
    publish(settings, second, PRODUCER, at(0.01))
    assert (first.state, second.state) == ("superseded", "published")
    with pytest.raises(ReleaseError, match="two people"):
        withdraw(settings, second, withdrawal("Pat Reed"), at(1))
    withdraw(settings, second, withdrawal("Ann Hill"), at(1))
    assert latest_version(settings) == first
    assert (second.data / "table.csv").exists()
    assert (second.public / "index.html").read_bytes() == b"<p>gone</p>"
    assert verify_all(settings) == []


def test_a_time_within_four_weeks_needs_a_reason_and_a_name(settings: Settings) -> None:
    """Prevents a date that moves for convenience; the calendar names nobody."""
    later = RELEASE_AT + timedelta(days=7)
    with pytest.raises(ReleaseError, match="28 days ahead"):
        announce(settings, 2026, later, at(-20))
    announce(settings, 2026, later, at(-20), Change("A supplier was late", "Ann Hill"))
    (line,) = read_calendar(settings)
    assert line.moment == later
    assert line.note == "A supplier was late"
    assert "Ann Hill" not in (settings.statistics / "calendar.csv").read_text(encoding="utf-8")
    with pytest.raises(ReleaseError, match="is past"):
        announce(settings, 2027, RELEASE_AT, at(3))
