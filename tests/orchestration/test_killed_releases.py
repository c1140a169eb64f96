"""A publication or a withdrawal that is killed, at whatever step, is ended by doing it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from official_statistics.production import withdraw_release
from official_statistics.releases import (
    Person,
    ReleaseError,
    Version,
    announce,
    find_announcement,
    find_copy_faults,
    is_unfinished,
    is_withdrawal_unfinished,
    latest_version,
    list_signers,
    publish,
    verify_all,
    verify_signatures,
)
from register.access_record import Actor
from register.approvals import read_approvals
from register.settings import Settings, load_settings
from tests.statistics.signed_versions import make_signed_home, sign_up_to, withdraw_signed
from tests.statistics.versions import HEAD, PRODUCER, RELEASE_AT, at, version_in_state

# What a step does to the disk.
CALLS = ("chmod", "replace", "rename", "write", "fsync", "unlink", "symlink", "open")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the release of 2026 is announced."""
    result = load_settings({"REGISTER_HOME": str(tmp_path), "REGISTER_ENVIRONMENT": "test"})
    announce(result, 2026, RELEASE_AT, at(-60))
    return result


@contextmanager
def _killed_at(call: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Kill before the call of that number that changes the disk: nothing is done from there on."""
    created: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            created.append(name)
            if len(created) >= call:
                raise KeyboardInterrupt
            return real(*arguments, **named)

        return run

    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counted(name, getattr(os, name)))
        yield created


def _is_ended(settings: Settings, version: Version) -> bool:
    """Whether only what leads nowhere was left to do: waiting for the disk."""
    return version.state == "withdrawn" and not is_withdrawal_unfinished(settings, version)


def _withdraw(settings: Settings, version: Version) -> None:
    person = Person("Pat Reed", "producer", "A wrong table")
    withdraw_release(settings, version, person, HEAD, at(1))


@pytest.mark.parametrize("number", [1, 2])
def test_a_withdrawal_that_is_killed_is_ended_by_doing_it_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Prevents a withdrawn version that readers still find, and one that cannot be withdrawn."""
    kills = 0
    for call in range(1, 1000):
        home = tmp_path_factory.mktemp("home")
        settings = load_settings({"REGISTER_HOME": str(home), "REGISTER_ENVIRONMENT": "test"})
        announce(settings, 2026, RELEASE_AT, at(-60))
        older = [version_in_state(settings, "published", each) for each in range(1, number)]
        version = version_in_state(settings, "published", number)
        with _killed_at(call, monkeypatch) as created, suppress(KeyboardInterrupt):
            _withdraw(settings, version)
        is_killed = len(created) >= call
        if is_killed and not _is_ended(settings, version):
            kills += 1
            _withdraw(settings, version)
        assert version.state == "withdrawn"
        assert verify_all(settings) == []
        assert latest_version(settings) == (older[-1] if older else None)
        line = find_announcement(settings, 2026)
        assert line is not None
        assert line.state == ("published" if older else "withdrawn")
        page = (version.public / "index.html").read_text(encoding="utf-8")
        assert page.count("A wrong table") == 1
        assert not list(version.folder.rglob(".partial-*"))
        if not is_killed:
            break
    assert kills > 10


def test_a_signed_withdrawal_that_is_killed_in_production_is_ended_by_doing_it_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a killed withdrawal whose approval no longer fits, or that nobody signed."""
    kills = 0
    for call in range(1, 1000):
        settings = make_signed_home(tmp_path_factory.mktemp("home"))
        version, home = (
            sign_up_to(settings, "published"),
            replace(settings, environment="production"),
        )
        with _killed_at(call, monkeypatch) as created, suppress(KeyboardInterrupt):
            withdraw_signed(home, version)
        is_killed = len(created) >= call
        if is_killed and not _is_ended(home, version):
            kills += 1
            withdraw_signed(home, version)
        assert version.state == "withdrawn"
        signers = list_signers(home)
        assert (verify_all(home), verify_signatures(home, signers)) == ([], [])
        assert find_copy_faults(version.public, signers) == []
        approved = [each for each in read_approvals(home) if each.state == "approved"]
        assert {each.decided_by for each in approved} == {Actor("bhead", "key")}
        if not is_killed:
            break
    assert kills > 10


def test_a_publication_that_is_killed_is_ended_by_doing_it_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a release that is half out, and one that no later minute can end."""
    kills = 0
    for call in range(1, 1000):
        home = tmp_path_factory.mktemp("home")
        settings = load_settings({"REGISTER_HOME": str(home), "REGISTER_ENVIRONMENT": "test"})
        announce(settings, 2026, RELEASE_AT, at(-60))
        version = version_in_state(settings, "approved")
        with _killed_at(call, monkeypatch) as created, suppress(KeyboardInterrupt):
            publish(settings, version, PRODUCER, at(0))
        is_killed = len(created) >= call
        if is_killed and (version.state != "published" or is_unfinished(settings, version)):
            kills += 1
            publish(settings, version, PRODUCER, at(0))
        assert latest_version(settings) == version
        assert verify_all(settings) == []
        line = find_announcement(settings, 2026)
        assert line is not None
        assert line.state == "published"
        if not is_killed:
            break
    assert kills > 10


def test_a_withdrawal_that_has_ended_is_not_done_again(settings: Settings) -> None:
    """Prevents a second notice, and a second event, on a version that is withdrawn."""
    version = version_in_state(settings, "published")
    _withdraw(settings, version)
    with pytest.raises(ReleaseError, match="withdrawn"):
        _withdraw(settings, version)
