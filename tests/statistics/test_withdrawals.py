"""Two people withdraw a version, with a reason, and only as it was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from official_statistics.production import withdraw_release
from official_statistics.releases import (
    Change,
    Person,
    ReleaseError,
    announce,
    find_announcement,
    give_pre_release,
    is_withdrawal_unfinished,
    list_signers,
    note_check,
    note_draft,
    sign_version,
    verify_all,
    verify_signatures,
)
from register.settings import Settings
from tests.statistics.signed_versions import (
    AREED,
    BHEAD,
    HEAD_KEY,
    make_signed_home,
    sign_up_to,
    withdraw_signed,
)
from tests.statistics.versions import RELEASE_AT, at

WITHDRAWER = Person("areed", "producer", "A wrong table")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two signatories."""
    return make_signed_home(tmp_path / "home")


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("withdrawer", "approver", "refusal"),
    [
        (replace(WITHDRAWER, words=" "), BHEAD, "needs a reason"),
        (replace(WITHDRAWER, who="bhead"), BHEAD, "two people answer"),
        (replace(WITHDRAWER, who="zdoe"), BHEAD, "'zdoe' is not a signatory"),
        (WITHDRAWER, Person("cdoe", "head_of_profession"), "'cdoe' is not a signatory"),
    ],
)
def test_a_withdrawal_needs_a_reason_and_two_signatories(
    settings: Settings, withdrawer: Person, approver: Person, refusal: str
) -> None:
    """Prevents a release that one person, or a stranger, takes from the public."""
    settings = replace(settings, signatories={**settings.signatories, "cdoe": "producer"})
    version = sign_up_to(settings, "published")
    with pytest.raises(ReleaseError, match=refusal):
        withdraw_release(settings, version, withdrawer, approver, at(1))
    assert version.state == "published"
    withdraw_release(settings, version, WITHDRAWER, BHEAD, at(1))
    assert version.state == "withdrawn"


def test_a_file_that_was_added_is_not_sealed(settings: Settings) -> None:
    """Prevents a file that nobody signed below the signatures of a withdrawal."""
    version = sign_up_to(settings, "published")
    version.data.chmod(0o755)
    (version.data / "more.csv").touch()
    with pytest.raises(ReleaseError, match="not as it was published"):
        withdraw_signed(settings, version)
    (version.data / "more.csv").unlink()
    withdraw_signed(settings, version)
    assert verify_all(settings) == []


def test_a_withdrawal_that_was_killed_after_its_page_is_run_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a version that can be neither read nor withdrawn."""
    version = sign_up_to(settings, "published")
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("official_statistics.releases.withdrawals.seal_version", _fail)
        withdraw_signed(settings, version)
    assert version.state == "published"
    withdraw_signed(settings, version)
    assert version.state == "withdrawn"
    assert verify_signatures(settings, list_signers(settings)) == []


# Where a withdrawal is killed, of how many versions, and which of them is withdrawn: so that only
# one thing is left to do.
KILLED = {
    "signatures": ("withdrawals.add_signatures", 2, 1),
    "link": ("withdrawals.point_link", 2, 2),
    "calendar": ("withdrawals.note_state", 1, 1),
    "copy of the calendar": ("release_calendar.write_whole", 1, 1),
}


@pytest.mark.parametrize("place", KILLED)
def test_whatever_a_killed_withdrawal_left_is_completed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Prevents a withdrawn version that readers still get as the latest, or without signatures."""
    target, count, number = KILLED[place]
    versions = [sign_up_to(settings, "published", each + 1) for each in range(count)]
    version = versions[number - 1]
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(f"official_statistics.releases.{target}", _fail)
        withdraw_signed(settings, version)
    assert version.state == "withdrawn"
    assert is_withdrawal_unfinished(settings, version)
    withdraw_signed(settings, version)
    assert not is_withdrawal_unfinished(settings, version)
    assert verify_all(settings) == []
    with pytest.raises(ReleaseError, match="is withdrawn"):
        withdraw_signed(settings, version)


@pytest.mark.parametrize("state", ["approved", "pre_release"])
def test_only_an_earlier_time_needs_a_second_person(settings: Settings, state: str) -> None:
    """Prevents an embargo that one person ends once roles have early access."""
    version = sign_up_to(settings, "approved")
    if state == "pre_release":
        give_pre_release(settings, version, ["Minister's office"], WITHDRAWER, at(-0.5))
    assert version.state == state
    change = Change("Ready", "bhead", HEAD_KEY)
    announce(settings, 2026, RELEASE_AT, at(-0.5), change)
    with pytest.raises(ReleaseError, match="without a second person"):
        announce(settings, 2026, RELEASE_AT - timedelta(minutes=1), at(-0.5), change)


def test_the_calendar_of_the_next_release_stays(settings: Settings) -> None:
    """Prevents a withdrawal that takes back the announcement of a correction."""
    version = sign_up_to(settings, "published")
    change = Change("A correction", "bhead", HEAD_KEY)
    announce(settings, 2026, RELEASE_AT.replace(day=30), at(0.5), change)
    withdraw_signed(settings, version)
    line = find_announcement(settings, 2026)
    assert line is not None
    assert line.state == "announced"


def test_the_calendar_says_withdrawn_once_no_version_is_left(settings: Settings) -> None:
    """Prevents a calendar that says of a public release that it is withdrawn."""
    versions = [sign_up_to(settings, "published"), sign_up_to(settings, "published", 2)]
    for version, state in zip(reversed(versions), ("published", "withdrawn"), strict=True):
        withdraw_signed(settings, version)
        line = find_announcement(settings, 2026)
        assert line is not None
        assert line.state == state


def test_signatures_of_an_earlier_draft_do_not_count(settings: Settings) -> None:
    """Prevents a signature of replaced files that is called forged, or that counts for others."""
    version = sign_up_to(settings, "signed")
    (version.data / "table.csv").write_text("a,b\n1,4\n", encoding="utf-8")
    note_draft(settings, version, AREED, at(-7))
    note_check(settings, version, AREED, at(-6))
    sign_version(settings, version, AREED, at(-5))
    signers = list_signers(settings)
    assert verify_signatures(settings, signers) == []
    version.description.write_text("generation: two\n", encoding="utf-8")
    note_draft(settings, version, AREED, at(-4))
    note_check(settings, version, AREED, at(-3))
    sign_version(settings, version, AREED, at(-2))
    assert verify_signatures(settings, signers) == []
