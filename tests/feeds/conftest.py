"""A home of its own for each test, with an empty inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.feeds.deliveries import Home


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home that holds nothing yet."""
    loaded = load_settings(
        {
            "REGISTER_ENVIRONMENT": "test",
            "REGISTER_HOME": str(tmp_path / "home"),
            "REGISTER_ZIP_PASSWORD_E23000001": "agreed",
        }
    )
    prepare_home(loaded)
    return loaded


@pytest.fixture
def home(settings: Settings) -> Home:
    """That home, with what tests do to it."""
    return Home(settings)


@pytest.fixture
def layouts(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the project's layouts, in which no supplier has an assignment."""
    folder = tmp_path / "layouts"
    folder.mkdir()
    for path in settings.layouts.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(Settings, "layouts", property(lambda _: folder))
    return folder
