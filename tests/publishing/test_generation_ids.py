"""Ids of generations are in the order of their builds, whatever a clock says."""

from __future__ import annotations

from register.publishing import key_log
from register.publishing.generations import (
    current_generation,
    keep_failed,
    kept_generations,
    publish,
    read_generation_id,
    write_generation_id,
)
from register.settings import Settings
from tests.publishing.builds import build


def test_a_load_with_the_clock_ahead_blocks_no_later_one(settings: Settings) -> None:
    """Prevents one wrong clock from stopping publication until real time catches up."""
    ahead = build(settings, 1)
    write_generation_id(ahead, "20991231T235959-999999")
    first = publish(settings, ahead)
    back = publish(settings, build(settings, 2), as_known_at="2026-01-31T23:59:59Z")
    second = publish(settings, build(settings, 3))
    third = publish(settings, build(settings, 4))
    names = [item.generation_id for item in (first, back, second, third)]
    assert names == sorted(set(names))
    assert [item.generation_id for item in kept_generations(settings)] == [*names[:1:-1], names[0]]
    assert key_log.list_logged_generations(settings.published) == [names[0], *names[2:]]
    assert current_generation(settings) == third
    assert keep_failed(settings, build(settings, 5)) is not None
    assert publish(settings, build(settings, 6)).generation_id > third.generation_id


def test_two_builds_never_have_one_id(settings: Settings) -> None:
    """Prevents a generation that another of the same id is renamed over."""
    write_generation_id(build(settings, 1), "20991231T235959-999999")
    builds = [build(settings, stamp) for stamp in (2, 3)]
    assert read_generation_id(builds[0]) < read_generation_id(builds[1])
