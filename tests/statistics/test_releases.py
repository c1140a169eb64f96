"""A release moves by people, at its hour, whole or not at all, and tells when it was changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from official_statistics import releases
from official_statistics.releases import (
    Change,
    Person,
    ReleaseError,
    Version,
    announce,
    approve,
    give_pre_release,
    latest_version,
    publish,
    read_calendar,
    sign_version,
    verify_all,
    verify_version,
    withdraw,
)
from register.access_record import Actor, acting_as, read_record
from register.approvals import ApprovalError, decide_request, read_approvals
from register.settings import Settings, SettingsError, load_settings
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

lifecycle = import_module("official_statistics.releases.lifecycle")
events = import_module("official_statistics.releases.events")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the release of 2026 is announced."""
    settings = load_settings({"REGISTER_HOME": str(tmp_path), "REGISTER_ENVIRONMENT": "test"})
    announce(settings, 2026, RELEASE_AT, at(-60))
    return settings


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


@pytest.mark.parametrize(
    "name", ["  pat REED", "Reed, Pat", "Pát Réed", "P. Reed", "Dr Pat Reed", "Reed", "Pat-Reed"]
)
def test_two_people_answer_for_a_release(settings: Settings, name: str) -> None:
    """Prevents one person from signing and approving under one name written in two ways."""
    version = version_in_state(settings, "signed")
    with pytest.raises(ReleaseError, match="two people"):
        approve(settings, version, Person(name, "head_of_profession"), at(-7))
    with pytest.raises(ReleaseError, match="approved by the head_of_profession"):
        approve(settings, version, Person("Ann Hill", "producer"), at(-7))


def test_signatories_of_the_settings_alone_answer_for_a_release(settings: Settings) -> None:
    """Prevents a name that nobody knows from standing for a second person."""
    people = {"areed": "producer", "bhead": "head_of_profession"}
    listed = replace(settings, signatories=people)
    version = version_in_state(settings, "checked")
    with pytest.raises(ReleaseError, match="not a signatory"):
        sign_version(listed, version, PRODUCER, at(-8))
    sign_version(listed, version, Person("areed", "producer"), at(-8))
    for other in ("areed", "Ann Hill", "Bhead"):
        with pytest.raises(ReleaseError, match="not a signatory"):
            approve(listed, version, Person(other, "head_of_profession"), at(-7))
    approve(listed, version, Person("bhead", "head_of_profession"), at(-7))
    assert version.read_events()[-1].account


def test_in_production_the_signatories_must_be_stated(settings: Settings) -> None:
    """Prevents two invented names from publishing national statistics."""
    version = version_in_state(settings, "checked")
    with pytest.raises(ReleaseError, match="REGISTER_STATISTICS_SIGNATORIES"):
        sign_version(replace(settings, environment="production"), version, PRODUCER, at(-8))


@pytest.mark.parametrize("text", ["areed", "areed=clerk", "a=producer a=head_of_profession"])
def test_a_list_of_signatories_with_a_fault_is_refused(tmp_path: Path, text: str) -> None:
    """Prevents a list that lets one id sign and approve, or nobody."""
    environ = {"REGISTER_HOME": str(tmp_path), "REGISTER_STATISTICS_SIGNATORIES": text}
    with pytest.raises(SettingsError, match="SIGNATORIES"):
        load_settings(environ)


@pytest.mark.parametrize("state", ["approved", "pre_release"])
def test_an_approved_release_is_put_off_and_not_brought_forward(
    settings: Settings, state: str
) -> None:
    """Prevents one person from ending an embargo that two have approved."""
    version = version_in_state(settings, state)
    change = Change("It is ready", "Ann Hill")
    with pytest.raises(ReleaseError, match="not brought forward"):
        announce(settings, 2026, RELEASE_AT - timedelta(hours=1), at(-0.4), change)
    announce(settings, 2026, RELEASE_AT + timedelta(days=1), at(-0.4), change)
    with pytest.raises(ReleaseError, match="not before"):
        publish(settings, version, PRODUCER, at(0))
    announce(settings, 2026, RELEASE_AT, at(-0.4), change)
    publish(settings, version, PRODUCER, at(0))


def test_a_calendar_that_is_changed_by_hand_moves_nothing(settings: Settings) -> None:
    """Prevents an embargo from being broken with an editor."""
    version = version_in_state(settings, "approved")
    calendar = settings.statistics / "calendar.csv"
    as_it_was = calendar.read_text(encoding="utf-8")
    calendar.write_text(as_it_was.replace("2026-11-26", "2026-11-19"), encoding="utf-8")
    with pytest.raises(ReleaseError, match="not before"):
        publish(settings, version, PRODUCER, at(-7))
    assert [fault.version for fault in verify_all(settings)] == ["calendar"]
    publish(settings, version, PRODUCER, at(0))
    assert verify_all(settings) == []


def test_a_record_of_the_calendar_that_is_changed_stops_publication(settings: Settings) -> None:
    """Prevents an announced time from being written anew with all its hashes."""
    version = version_in_state(settings, "approved")
    record = settings.statistics / "calendar_events.jsonl"
    record.write_text(record.read_text().replace("2026-11-26", "2026-11-19"), encoding="utf-8")
    with pytest.raises(ReleaseError, match="record of the calendar was changed"):
        publish(settings, version, PRODUCER, at(-7))


def _write_anew(version: Version, key: bytes | None) -> None:
    """What somebody does who can write the folder and lacks the key: a figure, and all hashes."""
    table = version.data / "table.csv"
    version.data.chmod(0o755)
    table.chmod(0o644)
    table.write_text("a,b\n1,3\n", encoding="utf-8")
    releases.seal_version(version)
    lines: list[str] = []
    for event in version.read_events():
        anew = replace(
            event,
            who="Nobody",
            previous=events.hash_line(lines[-1]) if lines else events.NO_PREVIOUS_LINE,
            public_hash=releases.hash_public_files(version),
            manifest=import_module("official_statistics.releases.seal").hash_manifest(version),
            seal="",
        )
        lines.append((replace(anew, seal=events._compute_seal(anew, key)) if key else anew).line)
    version.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "words"), [(b"another", "was not sealed with this"), (None, "without a seal")]
)
def test_a_release_that_is_written_anew_without_the_key_is_found(
    settings: Settings, key: bytes | None, words: str
) -> None:
    """Prevents whoever can write the folder from changing figures, hashes and signers unseen."""
    version = version_in_state(settings, "published")
    _write_anew(version, key)
    assert any(words in fault.text for fault in verify_version(settings, version))


def test_an_approval_without_a_seal_publishes_nothing(settings: Settings) -> None:
    """Prevents signatures that somebody writes into the folder from going out."""
    version = version_in_state(settings, "approved")
    _write_anew(version, None)
    with pytest.raises(ReleaseError, match="no seal"):
        publish(settings, version, PRODUCER, at(0))


def test_seals_are_held_to_the_key_before_while_keys_are_changed(settings: Settings) -> None:
    """Prevents a change of the pseudonym key from making every release look forged."""
    version = version_in_state(settings, "published")
    key = settings.pseudonym_key
    renewed = replace(settings, pseudonym_key="another", statistics_key="")
    assert verify_version(renewed, version) != []
    assert verify_version(replace(renewed, former_pseudonym_key=key), version) == []
    assert verify_version(replace(renewed, statistics_key=key), version) == []


def test_without_a_key_of_its_own_a_seal_is_called_worthless(settings: Settings) -> None:
    """Prevents a key that is public from being taken for protection."""
    assert "SEALS PROTECT NOTHING" in str(releases.key_note(settings))
    assert (
        releases.key_note(replace(settings, statistics_key="kJ3v9_xT2mQ8zL5wB7nR4cY6pH1dF0sGaE"))
        is None
    )


def test_what_a_release_was_made_from_is_sealed(settings: Settings) -> None:
    """Prevents `release.yaml` from naming another generation than the one that was used."""
    version = version_in_state(settings, "signed")
    version.description.write_text("generation: another\n", encoding="utf-8")
    assert [fault.text for fault in verify_version(settings, version)] == [
        "release.yaml was changed"
    ]
    with pytest.raises(ReleaseError, match="not as it was sealed"):
        approve(settings, version, HEAD, at(-7))


def test_a_withdrawn_version_stays_known(settings: Settings) -> None:
    """Prevents the next version from being protected as if nobody had read the one before."""
    version = version_in_state(settings, "withdrawn")
    assert releases.list_public_versions(settings) == []
    assert releases.list_known_versions(settings) == [version]
    draft = version_in_state(settings, "draft", number=2)
    assert draft not in releases.list_known_versions(settings)


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
    assert version.read_events()[-1].words == "the server was down"


@pytest.mark.parametrize("state", ["draft", "checked", "approved", "published"])
def test_only_a_signed_version_is_approved(settings: Settings, state: str) -> None:
    """Prevents a release that one person answers for, or none."""
    version = version_in_state(settings, state)
    with pytest.raises(ReleaseError, match="only a version that is signed"):
        approve(settings, version, HEAD, at(-1))
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
    assert "Briefing" in listed
    assert "Pat Reed" not in listed
    assert not folder.exists()


def test_a_changed_byte_event_or_link_is_found(settings: Settings) -> None:
    """Prevents a history that can be rewritten without anybody noticing."""
    version = version_in_state(settings, "published")
    assert verify_all(settings) == []
    table = version.data / "table.csv"
    table.chmod(0o644)
    table.write_text("a,b\n1,3\n", encoding="utf-8")
    assert [fault.text for fault in verify_version(settings, version)] == [
        "public/data/table.csv was changed"
    ]
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    lines = version.events_file.read_text(encoding="utf-8").splitlines()
    changed = json.dumps({**json.loads(lines[2]), "who": "Nobody"}, sort_keys=True)
    version.events_file.write_text("\n".join([*lines[:2], changed, *lines[3:]]) + "\n")
    assert [fault.text for fault in verify_version(settings, version)] == [
        "line 3 of events.jsonl was not sealed with this register's key"
    ]
    version.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    link = settings.statistics / "missing_children" / "latest"
    link.unlink()
    link.symlink_to("2026/v9", target_is_directory=True)
    assert [fault.version for fault in verify_all(settings)] == ["latest"]


STOPS = (
    *("_write_access_list", "_make_read_only", "seal_version", "flush_tree", "append_event"),
    *("point_link", "note_state"),
)


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
    assert line.release_time == later
    assert line.note == "A supplier was late"
    assert "Ann Hill" not in (settings.statistics / "calendar.csv").read_text(encoding="utf-8")
    with pytest.raises(ReleaseError, match="in the past"):
        announce(settings, 2027, RELEASE_AT, at(3))


@pytest.mark.parametrize("is_moved", [False, True])
@pytest.mark.parametrize(("days", "is_weekend"), [(1, False), (2, True), (3, True), (4, False)])
def test_a_weekend_needs_a_reason_and_a_name(
    settings: Settings, days: int, is_weekend: bool, is_moved: bool
) -> None:
    """Prevents figures that come out when nobody is there to answer for them."""
    year = 2026 if is_moved else 2027
    moment = RELEASE_AT + timedelta(days=days)
    if is_weekend:
        with pytest.raises(ReleaseError, match="on a weekday"):
            announce(settings, year, moment, at(-60))
    announce(settings, year, moment, at(-60), Change("A count", "Ann Hill") if is_weekend else None)
    assert read_calendar(settings)[-1].release_time == moment


def test_each_step_is_recorded_with_person_role_time_and_hash(settings: Settings) -> None:
    """Prevents a step of a release for which nobody answers."""
    version = version_in_state(settings, "published")
    recorded = {event.state: event for event in version.read_events()}
    assert list(recorded) == ["draft", "checked", "signed", "approved", "published"]
    assert all(event.who and event.at and event.public_hash for event in recorded.values())
    assert (recorded["signed"].who, recorded["signed"].role) == ("Pat Reed", "producer")
    assert (recorded["approved"].who, recorded["approved"].role) == (
        "Ann Hill",
        "head_of_profession",
    )


def test_in_production_people_sign_where_they_are_signed_in(settings: Settings) -> None:
    """Prevents an operator from typing the ids of two people who never saw the release."""
    people = {"areed": "producer", "bhead": "head_of_profession"}
    home = replace(settings, signatories=people, environment="production")
    version = version_in_state(settings, "checked")

    def sign_on_page(name: str) -> None:
        request = next(each for each in read_approvals(home) if each.is_open)
        with acting_as(Actor(name, "proxy")):
            decide_request(home, request.request_id, "approved")

    for name in ("areed", ""):
        with pytest.raises(ReleaseError, match="waits for the signature of a producer"):
            sign_version(home, version, Person(name, "producer"), at(-8))
    with pytest.raises(ApprovalError, match="a producer has to sign this: areed"):
        sign_on_page("bhead")
    (request,) = read_approvals(home)
    with pytest.raises(ApprovalError, match="on the page Approvals"):
        decide_request(home, request.request_id, "approved", who=Actor("areed", "terminal"))
    sign_on_page("areed")
    with pytest.raises(ReleaseError, match="somebody else signed"):
        sign_version(home, version, Person("cdoe", "producer"), at(-8))
    assert sign_version(home, version, Person("", "producer"), at(-8)).who == "areed"
    with pytest.raises(ReleaseError, match="signature of a head of profession"):
        approve(home, version, Person("bhead", "head_of_profession"), at(-7))
    with pytest.raises(ApprovalError, match="a head of profession has to sign this: bhead"):
        sign_on_page("areed")
    sign_on_page("bhead")
    assert approve(home, version, Person("", "head_of_profession"), at(-7)).who == "bhead"
    acts = [(each["what"], each["who"]) for each in read_record(home) if each["kind"] == "approval"]
    assert [act for act in acts if act[0] == "approved"] == [
        ("approved", "areed"),
        ("approved", "bhead"),
    ]


def test_in_production_the_head_signs_a_time_at_short_notice(settings: Settings) -> None:
    """Prevents an operator from moving a release under the id of the head of profession."""
    people = {"areed": "producer", "bhead": "head_of_profession"}
    home = replace(settings, signatories=people, environment="production")
    change = Change("The office is closed", "bhead")
    moment = RELEASE_AT + timedelta(days=1)
    with pytest.raises(ReleaseError, match="2026 waits for the signature of a head of profession"):
        announce(home, 2026, moment, at(-0.4), change)
    (request,) = read_approvals(home)
    decide_request(home, request.request_id, "approved", who=Actor("bhead", "oidc"))
    assert announce(home, 2026, moment, at(-0.4), change).release_at == moment.isoformat(
        timespec="seconds"
    )
