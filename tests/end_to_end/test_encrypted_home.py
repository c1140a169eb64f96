"""In an encrypted home, a planted child is in no plain byte of any file outside the inbox.

A drill: the home is loaded by the command; a pair is decided, worksheets and pages are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces.web import add_account
from register.data_keys import KeyRing, make_key
from register.decision_files import append_decisions
from register.home import prepare_home
from register.private_files import list_private_files, read_key_id
from register.settings import Settings, load_settings
from tests.conftest import put_postcodes
from tests.end_to_end.test_canaries import CHILD, PLANTED, fill_inbox
from tests.feeds.deliveries import Home
from tests.register_commands import run_register

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of an encrypted home whose processes have a temporary folder of their own."""
    root = tmp_path_factory.mktemp("encrypted")
    (root / "temporary").mkdir()
    return {
        "REGISTER_ENVIRONMENT": "test",
        "REGISTER_HOME": str(root / "home"),
        "REGISTER_DATA_KEYS": KeyRing((make_key(),)).to_text(),
        "TMPDIR": str(root / "temporary"),
    }


@pytest.fixture(scope="module")
def loaded(environment: dict[str, str], postcodes: Path) -> Settings:
    """An encrypted home after a load, with decisions, worksheets and pages about the child."""
    settings = load_settings(environment)
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    fill_inbox(Home(settings))
    reason = f"told by {CHILD}"
    row = ["2026-11-01T09:00:00Z", "Pat Reed", "never_link", "a", "b", reason, "", ""]
    append_decisions(settings, "links.csv", [row], ValueError)
    add_account(settings, "ann", "staff", "correct horse battery staple")
    run_register(environment, "load")
    run_register(environment, "review", "page", "--limit", "3")
    run_register(environment, "audit", "draw", "--with-lines", "--cases", "3")
    return settings


def _list_searched(settings: Settings) -> Iterator[Path]:
    for root in (settings.home, settings.home.parent / "temporary"):
        for path in sorted(root.rglob("*")):
            if path.is_file() and settings.inbox not in path.parents:
                yield path


def test_the_child_is_in_no_plain_byte(loaded: Settings) -> None:
    """Prevents a stolen disk from naming a child, in a file's content or in its name."""
    named = {
        path.relative_to(loaded.home.parent).as_posix()
        for path in _list_searched(loaded)
        if PLANTED.search(path.read_bytes().decode("latin-1")) or PLANTED.search(str(path))
    }
    assert named == set()


def test_every_kind_of_private_file_was_written(loaded: Settings) -> None:
    """Prevents the search from passing because a kind of file was never written."""
    files = [path.relative_to(loaded.home) for path in list_private_files(loaded.home)]
    kinds = {"landing", "decisions", "outbox", "operations", "web"}
    assert {path.parts[0] for path in files} == kinds
    assert all(read_key_id(loaded.home / path) is not None for path in files)


def test_the_operator_still_reads_what_names_the_child(
    loaded: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    """Prevents encryption from shutting out the people whose work needs the names."""
    for folder in ("outbox", "decisions", "operations"):
        run_register(
            environment, "keys", "decrypt", str(loaded.home / folder), "--out", str(tmp_path)
        )
    texts = {path: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    folders = {path.relative_to(tmp_path).parts[0] for path in texts}
    assert folders == {"outbox", "decisions", "operations"}
    assert CHILD in texts[tmp_path / "decisions" / "links.csv"]


def test_doctor_names_a_plain_file(loaded: Settings, environment: dict[str, str]) -> None:
    """Prevents somebody without the key from replacing a file of the home unseen."""
    path = loaded.decisions / "reviews.csv"
    stored = path.read_bytes()
    try:
        path.write_bytes(b"reviewed_at\n")
        with pytest.raises(AssertionError, match=r"not encrypted: decisions/reviews\.csv"):
            run_register(environment, "doctor")
    finally:
        path.write_bytes(stored)
