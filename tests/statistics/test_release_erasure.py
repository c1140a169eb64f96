"""Rows of an erased child stay counted in releases under keys that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from official_statistics.releases import (
    Links,
    Person,
    ReleaseError,
    Version,
    announce,
    approve,
    read_practice,
    release_erasure,
    sign_version,
    unlink_rows,
    verify_all,
)
from register.settings import Settings
from tests.statistics.versions import HEAD, PRODUCER, RELEASE_AT, STEPS, WAYS, at, new_version

CHILD, EPISODES, OTHER = "C0123456789", ("E0123456781", "E0123456782"), "C9876543210"
LINKS = Links((CHILD, "E_SPLIT"), "0123")
SPLIT = "E_SPLIT"
NEW_LENGTHS = [("C", 25), ("E", 25), ("E", 25), ("E", 25)]
ERASER = Person("Eve Moss", "erasure", "erasure E1")


class Killed(BaseException):
    """A kill of an erasure."""


def _version(settings: Settings, state: str) -> Version:
    announce(settings, 2026, RELEASE_AT, at(-60))
    version = new_version(settings)
    with duckdb.connect(str(version.cells_file)) as connection:
        connection.execute("create schema statistics")
        connection.execute(
            "create table statistics.fct_publication_base"
            " (episode_id_register varchar primary key, child_id_register varchar, sex varchar)"
        )
        rows = [(EPISODES[0], CHILD), (EPISODES[1], CHILD), ("E_OTHER", OTHER)]
        rows.append((SPLIT, OTHER))
        connection.executemany(
            "insert into statistics.fct_publication_base values (?, ?, 'female')", rows
        )
        connection.execute(
            "create view statistics.children as"
            " select child_id_register from statistics.fct_publication_base"
        )
        connection.sql("from statistics.fct_publication_base").write_parquet(str(version.base_file))
    for step in WAYS[state]:
        STEPS[step](settings, version)
    return version


def _read_keys(version: Version) -> set[str]:
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        query = "select episode_id_register, child_id_register, sex from {}"
        stored = connection.execute(query.format("statistics.fct_publication_base")).fetchall()
        base = connection.execute(query.format(f"'{version.base_file}'")).fetchall()
        (count,) = connection.execute(
            "select count(distinct child_id_register) from statistics.children"
        ).fetchall()
    assert sorted(stored) == sorted(base)
    assert count == (2,)
    return {key for *keys, _ in stored for key in keys}


def _check_erased(settings: Settings, version: Version) -> None:
    assert verify_all(settings) == []
    keys = _read_keys(version)
    assert {"E_OTHER", OTHER} < keys
    assert sorted((key[0], len(key)) for key in keys - {"E_OTHER", OTHER}) == NEW_LENGTHS
    kept = [path.read_bytes() for path in version.folder.rglob("*") if path.is_file()]
    assert not any(key.encode() in data for data in kept for key in (CHILD, SPLIT, *EPISODES))


@pytest.mark.parametrize("state", ["draft", "pre_release", "published", "withdrawn"])
def test_a_release_loses_the_child_and_stays_verified(settings: Settings, state: str) -> None:
    """Prevents a pseudonym from surviving in a release, or an erasure from breaking its seal."""
    version = _version(settings, state)
    before = version.read_events()
    assert unlink_rows(settings, LINKS, ERASER, at(3)) == 1
    _check_erased(settings, version)
    *others, erasure = version.read_events()
    assert others == before
    assert (erasure.role, erasure.words, erasure.state) == ("erasure", "erasure E1", state)
    assert erasure.public_hash == before[-1].public_hash
    assert unlink_rows(settings, LINKS, ERASER, at(4)) == 0
    assert version.read_events() == [*others, erasure]


def test_an_erasure_of_a_release_that_is_killed_completes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a killed erasure from leaving a release that fails its verification for good."""
    version = _version(settings, "published")

    def kill(*_: object) -> None:
        raise Killed

    for name in ("append_event", "_take_places", "flush_tree"):
        with monkeypatch.context() as patched:
            patched.setattr(release_erasure, name, kill)
            with pytest.raises(Killed):
                unlink_rows(settings, LINKS, ERASER, at(3))
    # After the event, between the files.
    replace_file = Path.replace

    def kill_at_cells(path: Path, target: Path) -> Path:
        if target == version.cells_file:
            raise Killed
        return replace_file(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", kill_at_cells)
        with pytest.raises(Killed):
            unlink_rows(settings, LINKS, ERASER, at(3))
    assert verify_all(settings) != []
    unlink_rows(settings, LINKS, ERASER, at(3))
    _check_erased(settings, version)
    assert [event.role for event in version.read_events()].count("erasure") == 1


def test_an_erasure_does_not_seal_what_somebody_changed(settings: Settings) -> None:
    """Prevents an erasure from making a changed release look sound."""
    version = _version(settings, "published")
    with duckdb.connect(str(version.cells_file)) as connection:
        connection.execute("update statistics.fct_publication_base set sex = 'male'")
    (version.internal / "checks.json").write_text("[1]", encoding="utf-8")
    unlink_rows(settings, LINKS, ERASER, at(3))
    assert {fault.text for fault in verify_all(settings)} == {
        "internal/cells.duckdb was changed",
        "internal/checks.json was changed",
    }


def test_who_erased_a_child_did_not_sign(settings: Settings) -> None:
    """Prevents a producer from approving their own release because somebody erased a child."""
    version = _version(settings, "checked")
    sign_version(settings, version, Person(HEAD.who, PRODUCER.role), at(-8))
    unlink_rows(settings, LINKS, ERASER, read_practice(at(-7).now))
    with pytest.raises(ReleaseError, match="cannot approve"):
        approve(settings, version, HEAD, at(-6))
