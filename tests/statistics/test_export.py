"""A published release is carried out of the home, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from official_statistics import releases
from official_statistics.releases import ReleaseError, announce
from register.settings import Settings, load_settings
from tests.statistics.versions import RELEASE_AT, WAYS, at, version_in_state


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which the release of 2026 is announced."""
    environ = {"REGISTER_HOME": str(tmp_path / "home"), "REGISTER_ENVIRONMENT": "test"}
    settings = load_settings(environ)
    announce(settings, 2026, RELEASE_AT, at(-60))
    return settings


def test_a_release_is_carried_out_of_the_home_whole_and_readable(
    settings: Settings, tmp_path: Path
) -> None:
    """Prevents a published release that nobody but the operator can read."""
    version = version_in_state(settings, "published")
    files = releases.export_release(settings, version, tmp_path / "out" / "2026")
    assert [path.relative_to(tmp_path / "out" / "2026").as_posix() for path in files] == [
        "data/table.csv",
        "index.html",
        "pre_release_access.csv",
        "signatures.json",
    ]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o755}
    assert files[0].read_bytes() == (version.data / "table.csv").read_bytes()
    with pytest.raises(ReleaseError, match="already exists"):
        releases.export_release(settings, version, tmp_path / "out" / "2026")


@pytest.mark.parametrize("state", sorted(set(WAYS) - {"published", "none"}))
def test_what_is_not_public_is_not_carried_out(
    settings: Settings, tmp_path: Path, state: str
) -> None:
    """Prevents a draft, or a release under embargo, from leaving the home."""
    version = version_in_state(settings, state)
    with pytest.raises(ReleaseError, match=r"not published|is withdrawn"):
        releases.export_release(settings, version, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    if state == "withdrawn":
        assert releases.export_release(settings, version, tmp_path / "out", allows_withdrawn=True)


def test_a_changed_release_is_not_carried_out(settings: Settings, tmp_path: Path) -> None:
    """Prevents figures that were changed after publication from being handed on."""
    version = version_in_state(settings, "published")
    table = version.data / "table.csv"
    table.chmod(0o644)
    table.write_text("a,b\n1,3\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match="not as it was published"):
        releases.export_release(settings, version, tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []
