"""A published home with invented children, and the application over a copy of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from interfaces.web import add_account, create_app, read_accounts
from interfaces.web.sessions import create_session
from register.home import prepare_home
from register.publishing import current_generation, publish
from register.settings import Settings, load_settings
from tests.publishing.builds import build
from tests.publishing.listed_children import (
    CHILD,
    OVERDUE,
    write_children,
    write_task_counts,
)
from tests.review.cases import child_id, write_case_lists
from tests.web.browsing import Browser
from tests.web.supplier_home import SupplierHome, make_supplier_home

# Nobody's password but these tests'.
PASSWORD = "correct horse battery"
SURNAME, FORMULA = "Okonkwo-Invented", "=1+1"
AWAY = {name: CHILD[name] for name in ("task_code", "task_name", "hours_since_seen", "due_at")}
LISTED = {
    **OVERDUE,
    "child_id_register": child_id("6"),
    "episode_id_register": "E" + "6" * 24,
    "forenames": FORMULA,
    "surname": SURNAME,
}


def publish_home(settings: Settings, stamp: int) -> str:
    """Publish a generation with the pairs and the case lists of invented children; its id."""
    folder = build(settings, stamp)
    write_task_counts(folder, {**LISTED, **AWAY}, LISTED)
    before = current_generation(settings)
    if before is not None:
        # The same children as before: scoring them again takes a second.
        shutil.copyfile(before.folder / "case_lists.duckdb", folder / "case_lists.duckdb")
        return publish(settings, folder).generation_id
    write_case_lists(folder)
    write_children(folder, {**LISTED, **AWAY}, LISTED)
    return publish(settings, folder).generation_id


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The home, made once, which tests copy."""
    home = tmp_path_factory.mktemp("web") / "home"
    settings = replace(
        load_settings({"REGISTER_ENVIRONMENT": "test"}),
        home=home,
        signatories={"ann": "producer", "ben": "head_of_profession"},
    )
    prepare_home(settings)
    publish_home(settings, 1)
    folder = settings.quality / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Quality of the data</h1>", encoding="utf-8")
    outbox = settings.outbox / "370"
    outbox.mkdir()
    text = "delivery_id,rule_code,what_to_fix\nD1,566,Give a date that exists\n"
    (outbox / "20261101T000000-000001.csv").write_text(text, encoding="utf-8")
    for name, role in (("ann", "staff"), ("ben", "staff"), ("rita", "reader")):
        add_account(settings, name, role, None)
    return settings


@pytest.fixture
def home(published_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the home that this test may write, which commands use too."""
    copied = tmp_path / "home"
    shutil.copytree(published_home.home, copied, symlinks=True)
    monkeypatch.setenv("REGISTER_HOME", str(copied))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return replace(published_home, home=copied)


@pytest.fixture
def open_as(home: Settings) -> Callable[..., Browser]:
    """Opens a browser in which somebody is signed in and has said why they look."""
    app = create_app(home)

    def opened(name: str, purpose: str = "clerical_review") -> Browser:
        sessions = app.state.sessions
        session = replace(create_session(name, read_accounts(home)[name].epoch), purpose=purpose)
        return Browser(app, cookies={sessions.cookie: sessions.write(session)})

    return opened


@pytest.fixture
def ann(open_as: Callable[..., Browser]) -> Browser:
    """A reviewer."""
    return open_as("ann")


@pytest.fixture
def ben(open_as: Callable[..., Browser]) -> Browser:
    """Another reviewer, of the same application."""
    return open_as("ben")


@pytest.fixture
def nobody(home: Settings) -> Iterator[Browser]:
    """A browser in which nobody is signed in."""
    yield Browser(create_app(home))


@pytest.fixture
def suppliers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SupplierHome:
    """A home with two suppliers, which commands use too."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return make_supplier_home(tmp_path / "home")


@pytest.fixture
def no_landing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing lands by itself."""
    monkeypatch.setattr("interfaces.web.upload_landing.start_landing", lambda *_: True)
