"""One published home for the tests of review, read by all, and copies that a test may write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from register.home import prepare_home
from register.publishing import Generation
from register.review.pairs import CaseLists
from register.settings import Settings, load_settings
from tests.review.cases import publish_cases


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Generation]:
    """The home and its one generation."""
    home = tmp_path_factory.mktemp("review")
    settings = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)
    prepare_home(settings)
    return settings, publish_cases(settings)


@pytest.fixture
def case_lists(published: tuple[Settings, Generation]) -> Iterator[CaseLists]:
    """Its case lists, open."""
    with CaseLists(published[1], published[0].seeds) as opened:
        yield opened


@pytest.fixture
def review_home(
    published: tuple[Settings, Generation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A copy of the published home that this test may write."""
    copied = tmp_path / "home"
    shutil.copytree(published[0].home, copied, symlinks=True)
    monkeypatch.setenv("REGISTER_HOME", str(copied))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return replace(published[0], home=copied)
