"""Who may open what: nothing is open to others, and what is published to its groups alone."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from register.access import AccessError, close_all, find_access_faults, share_site
from register.home import prepare_home
from register.publishing.generations import keep_failed, make_current, next_generation, publish
from register.settings import Settings
from tests.publishing.builds import build


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """A process that was started as most are: others may read what it writes."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _group() -> str:
    return grp.getgrgid(os.getegid()).gr_name


def test_nothing_in_a_home_is_open_to_others(settings: Settings) -> None:
    """Prevents any user of the machine from reading names of children."""
    prepare_home(settings)
    publish(settings, build(settings, 1))
    failed = keep_failed(settings, build(settings, 2))
    under_way = build(settings, 3)
    publish(settings, build(settings, 4), as_known_at="2026-01-31T23:59:59Z")
    assert failed is not None
    for folder in (failed, under_way):
        assert _mode(folder) == 0o700
        assert _mode(folder / "case_lists.duckdb") == 0o600
    paths = [settings.home, *settings.home.rglob("*")]
    assert len(paths) > 30
    modes = {_mode(path) & 0o077 for path in paths if not path.is_symlink()}
    assert modes == {0}
    assert find_access_faults(settings) == []


def test_published_files_are_read_by_their_groups_alone(settings: Settings) -> None:
    """Prevents names or exact dates from being open to those who read coarse pseudonyms."""
    shared = replace(settings, readers_group=_group())
    prepare_home(shared)
    generation = publish(shared, build(shared, 1)).folder
    assert _mode(generation / "national_register_coarse.duckdb") == 0o440
    assert (generation / "national_register_coarse.duckdb").stat().st_gid == os.getegid()
    assert _mode(generation / "national_register.duckdb") == 0o400
    assert _mode(generation / "case_lists.duckdb") == 0o400
    for way in (shared.home, shared.published, generation):
        assert _mode(way) == 0o711
    for zone in (shared.landing, shared.warehouse, shared.decisions):
        assert _mode(zone) == 0o700
    assert find_access_faults(shared) == []
    # With other settings a kept generation is given anew when it becomes current.
    other = replace(settings, case_lists_group=_group())
    make_current(other, generation.name)
    assert _mode(generation / "national_register_coarse.duckdb") == 0o400
    assert _mode(generation / "case_lists.duckdb") == 0o440


def test_exact_dates_are_read_by_their_own_group(settings: Settings) -> None:
    """Prevents a grant of exact dates that opens nothing, or that opens case lists."""
    prepare_home(settings)
    before = publish(settings, build(settings, 1)).folder
    exact = replace(settings, exact_group=_group())
    generation = publish(exact, build(exact, 2)).folder
    assert _mode(generation / "national_register.duckdb") == 0o440
    assert _mode(generation / "national_register_coarse.duckdb") == 0o400
    assert _mode(generation / "case_lists.duckdb") == 0o400
    # A kept generation is given anew with each publication.
    assert _mode(before / "national_register.duckdb") == 0o440
    assert find_access_faults(exact) == []
    assert f"published/{before.name}/national_register.duckdb (440)" in find_access_faults(settings)


def test_a_generation_of_an_earlier_release_is_closed_to_readers(settings: Settings) -> None:
    """Prevents exact dates in kept generations from staying open after an upgrade."""
    shared = replace(settings, readers_group=_group())
    prepare_home(shared)
    former = publish(shared, build(shared, 1)).folder
    (former / "national_register_coarse.duckdb").unlink()
    table = former / "parquet" / "register" / "fct_episodes"
    table.mkdir(parents=True)
    (table / "part-0.parquet").touch()
    for path in (former / "national_register.duckdb", table / "part-0.parquet"):
        path.chmod(0o440)
    publish(shared, build(shared, 2))
    assert _mode(former / "national_register.duckdb") == 0o400
    assert _mode(table / "part-0.parquet") == 0o400
    assert find_access_faults(shared) == []


def test_a_group_that_is_not_there_stops_a_build_before_it_begins(settings: Settings) -> None:
    """Prevents an hour of building for a generation that nobody can be given."""
    with pytest.raises(AccessError, match="has no group 'no_such_group'"):
        next_generation(replace(settings, readers_group="no_such_group"))
    assert list(settings.published.glob(".next-*")) == []


def test_what_was_left_open_is_named_and_can_be_closed(settings: Settings) -> None:
    """Prevents a home of an earlier release from staying open unseen."""
    prepare_home(settings)
    landed = settings.landing / "an invented file"
    landed.touch()
    landed.chmod(0o644)
    delivered = settings.inbox / "an invented delivery"
    delivered.touch()
    delivered.chmod(0o660)
    assert find_access_faults(settings) == ["landing/an invented file (644)"]
    assert close_all(settings) == 1
    assert (_mode(landed), _mode(delivered)) == (0o600, 0o660)
    assert find_access_faults(settings) == []


@pytest.mark.parametrize("name", ["site", "docs"])
def test_pages_are_read_by_the_group_and_by_nobody_else(settings: Settings, name: str) -> None:
    """Prevents pages that their readers cannot open, or that a doctor closes again."""
    shared = replace(settings, readers_group=_group())
    prepare_home(shared)
    folder = shared.quality / name
    folder.mkdir(parents=True)
    (folder / "index.html").touch()
    share_site(shared)
    assert _mode(folder) == 0o750
    assert _mode(folder / "index.html") == 0o640
    assert [fault for fault in find_access_faults(shared) if f"quality/{name}" in fault] == []


def test_published_statistics_are_open_and_drafts_are_not(settings: Settings) -> None:
    """Prevents a doctor that finds fault with what the public may read, or none with a draft."""
    version = settings.statistics / "missing_children" / "2026" / "v1"
    public = version / "public" / "data"
    public.mkdir(parents=True)
    for path, mode in (
        (settings.statistics / "calendar.csv", 0o644),
        (public / "figures.csv", 0o444),
        (version / "manifest.json", 0o600),
    ):
        path.write_text("invented", encoding="utf-8")
        path.chmod(mode)
    for folder in (settings.statistics, version.parent.parent, version.parent, version):
        folder.chmod(0o700)
    public.chmod(0o555)
    public.parent.chmod(0o555)
    assert find_access_faults(settings) == []
    public.parent.chmod(0o755)
    assert len(find_access_faults(settings)) == 3
    public.parent.chmod(0o555)
    (version / "manifest.json").chmod(0o644)
    assert find_access_faults(settings) == [
        "statistics/missing_children/2026/v1/manifest.json (644)"
    ]
