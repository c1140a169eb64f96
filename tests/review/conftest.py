"""One published home for the tests of review: read by all, written by none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
