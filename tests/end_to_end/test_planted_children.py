"""Fifty planted children are found only in places that may name them, and there only encrypted.

A drill: an encrypted home is loaded as in production, and a plain one from the same inbox. A load
is aborted first. Pages, worksheets, served data, a backup and all temporary files are searched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psutil
import psycopg
import pytest

from benchmarks.encryption_cost import compare_published
from interfaces.web import add_account
from official_statistics.checks.document_checks import read_released_texts
from official_statistics.production import DraftOrder, check_release, draft_release
from official_statistics.releases import Person, announce, read_practice
from orchestration.releases import release_tools
from register.data_keys import KeyRing, make_key
from register.decision_files import append_decisions
from register.encrypted_kinds import find_plain_files
from register.feeds import read_ledger
from register.home import prepare_home
from register.home_files import find_kind
from register.private_files import list_private_files, read_key_id
from register.settings import Settings, load_settings
from tests.conftest import put_postcodes
from tests.end_to_end.planted import (
    CHILD,
    CHILDREN,
    FORCES,
    PLANTED,
    REFERENCE,
    WORDS,
    copy_tables,
    fill_inbox,
    search_folder,
)
from tests.feeds.deliveries import Home
from tests.register_commands import run_register
from tests.serving.server import Server, running_server

pytestmark = pytest.mark.drill

UNREADABLE = "it cannot be searched"
# What a person may read who knows the children anyway. A person may write a name into a decision.
MAY_NAME = {"identity", "record ids"}
DECISIONS = "decisions/*"
KEY = "kZ8v2QpL5rT9wXyB3nM7cF1dG4hJ6sA0"
NEEDS_NO_GRANT = {"REGISTER_ENVIRONMENT": "test"}
WAIT_SECONDS = 600
ALLOW_CORE_FILES = 'ulimit -c unlimited; exec "$0" "$@"'


@dataclass(frozen=True)
class Place:
    """A loaded home, the variables of its commands, and what commands about deliveries printed."""

    settings: Settings
    environment: Mapping[str, str]
    said: str

    @property
    def of_operator(self) -> dict[str, str]:
        """The variables of commands that need a grant and a purpose in production."""
        return {**self.environment, **NEEDS_NO_GRANT}

    @property
    def folder(self) -> Path:
        """The folder of the home, of temporary files, and of what is served and backed up."""
        return self.settings.home.parent


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server for this module."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory, postcodes: Path, server: Server) -> Place:
    """An encrypted home with everything that a load, its readers and operators leave behind."""
    root = tmp_path_factory.mktemp("encrypted")
    (root / "temporary").mkdir()
    environment = {
        "REGISTER_ENVIRONMENT": "production",
        "REGISTER_HOME": str(root / "home"),
        "REGISTER_PSEUDONYM_KEY": KEY[::-1],
        "REGISTER_DATA_KEYS": KeyRing((make_key(),)).to_text(),
        "REGISTER_MEMORY_GIGABYTES": "1",
        "REGISTER_SERVE": "parquet postgres lake",
        "REGISTER_POSTGRES_DSN": server.database(),
        "REGISTER_LAKE": str(root / "lake" / "catalogue.ducklake"),
        "REGISTER_LAKE_DATA": str(root / "lake" / "data"),
        "REGISTER_LAKE_DETAIL": "exact",
        "REGISTER_OUTSIDE_RECORD": str(root / "outside.jsonl"),
        "REGISTER_BACKUP": str(root / "backups"),
        "REGISTER_BACKUP_KEY": KEY,
        "TMPDIR": str(root / "temporary"),
    }
    (root / "lake").mkdir()
    settings = _prepare(environment, postcodes)
    _abort_load(environment, root / "temporary")
    place = Place(settings, environment, _load(settings, environment))
    run_register(place.of_operator, "review", "page", "--limit", "3")
    run_register(place.of_operator, "audit", "draw", "--with-lines", "--cases", "3")
    run_register(environment, "backup")
    copy_tables(_as_administrator(server, environment), root / "tables")
    return place


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, postcodes: Path, encrypted: Place) -> Place:
    """A plain home that reads the same inbox."""
    root = tmp_path_factory.mktemp("plain") / "home"
    environment = {
        "REGISTER_ENVIRONMENT": "test",
        "REGISTER_HOME": str(root),
        "REGISTER_PSEUDONYM_KEY": KEY[::-1],
    }
    settings = _prepare(environment, postcodes)
    shutil.rmtree(settings.inbox)
    # A copy would have files of other moments, and so a delivery of another id.
    settings.inbox.symlink_to(encrypted.settings.inbox)
    return Place(settings, environment, _load(settings, environment))


def _prepare(environment: Mapping[str, str], postcodes: Path) -> Settings:
    settings = load_settings(environment)
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    fill_inbox(Home(settings))
    reason = f"told by {CHILD}"
    row = ["2026-11-01T09:00:00Z", "Pat Reed", "never_link", "a", "b", reason, "", ""]
    append_decisions(settings, "links.csv", [row], ValueError)
    add_account(settings, "ann", "staff", "correct horse battery staple")
    return settings


def _load(settings: Settings, environment: Mapping[str, str]) -> str:
    of_operator = {**environment, **NEEDS_NO_GRANT}
    said = [run_register(environment, "load")]
    said += [run_register(environment, "deliveries", *extra) for extra in ((), ("--json",))]
    said += [
        run_register(of_operator, "feedback", entry.delivery_id) for entry in read_ledger(settings)
    ]
    return "\n".join(said)


def _abort_load(environment: Mapping[str, str], folder: Path) -> None:
    """Abort every process of a load while dbt builds; each would write a core file if it may."""
    load = subprocess.Popen(
        ["sh", "-c", ALLOW_CORE_FILES, sys.executable, "-m", "interfaces.command_line", "load"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + WAIT_SECONDS
    warehouse = Path(environment["REGISTER_HOME"]) / "warehouse" / "warehouse.duckdb"
    while not (warehouse.exists() and warehouse.stat().st_size > 1_000_000):
        assert load.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    processes = [psutil.Process(load.pid), *psutil.Process(load.pid).children(recursive=True)]
    limits = [process.rlimit(psutil.RLIMIT_CORE) for process in processes]
    for process in processes:
        process.send_signal(signal.SIGABRT)
    load.wait()
    psutil.wait_procs(processes[1:], WAIT_SECONDS)
    assert {*limits} == {(0, 0)}


def _as_administrator(server: Server, environment: Mapping[str, str]) -> str:
    name = psycopg.conninfo.conninfo_to_dict(environment["REGISTER_POSTGRES_DSN"])["dbname"]
    return psycopg.conninfo.make_conninfo(server.administrator, dbname=name)


def test_no_plain_byte_names_a_child(encrypted: Place, server: Server) -> None:
    """Prevents a stolen disk from naming a child, also in what is temporary, served or kept."""
    without_keys = replace(encrypted.settings, data_keys=None)
    folders = [encrypted.folder, _find_data_folder(server)]
    hits = {hit for folder in folders for hit in search_folder(without_keys, folder)}
    named = {hit for hit in hits if not hit[1].startswith(UNREADABLE)}
    assert {path for path, _ in named if not path.startswith("home/inbox/")} == set()
    assert len(named) > 10
    # Without keys, exactly the encrypted files cannot be searched.
    assert {Path(path).suffix for path, _ in hits - named} <= {
        *("", ".csv", ".json", ".html", ".tar", ".parquet", ".duckdb"),
    }
    assert find_plain_files(encrypted.settings) == []
    assert not list(encrypted.folder.rglob("core*"))


def _find_data_folder(server: Server) -> Path:
    with psycopg.connect(server.administrator) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    return Path(row[0])


@pytest.mark.parametrize("form", ["encrypted", "plain"])
def test_children_are_named_only_in_files_that_may(
    form: str, request: pytest.FixtureRequest
) -> None:
    """Prevents a name in a log, a manifest, the published register, feedback or a site."""
    place: Place = request.getfixturevalue(form)
    home = place.settings.home
    kinds = {find_kind(home, home / path) for path, _ in search_folder(place.settings, home)}
    assert None not in kinds
    may_not = {kind.pattern for kind in kinds if kind and kind.content not in MAY_NAME}
    assert may_not == {DECISIONS}
    named = {kind.pattern for kind in kinds if kind}
    raw = "landing/*/raw.tar" if form == "encrypted" else "landing/*/raw/*"
    assert named >= {raw, "landing/*.parquet", "warehouse/*", "published/*/case_lists.duckdb"}


def test_what_leaves_the_home_names_no_child(encrypted: Place) -> None:
    """Prevents a name in served data, the record outside the home, backups or temporary files."""
    folders = ("temporary", "lake", "backups", "tables")
    assert all(any((encrypted.folder / name).iterdir()) for name in folders[1:])
    hits = search_folder(encrypted.settings, encrypted.folder)
    assert {hit for hit in hits if not hit[0].startswith("home/")} == set()
    assert (encrypted.folder / "tables" / "register.fct_episodes.txt").stat().st_size > 1_000


def test_every_kind_of_private_file_was_written(encrypted: Place) -> None:
    """Prevents the search from passing because a kind of file was never written."""
    home = encrypted.settings.home
    files = [path.relative_to(home) for path in list_private_files(home)]
    kinds = {"landing", "decisions", "outbox", "operations", "web"}
    assert {path.parts[0] for path in files} == kinds
    assert all(read_key_id(home / path) is not None for path in files)


def test_the_operator_still_reads_what_names_the_children(encrypted: Place, tmp_path: Path) -> None:
    """Prevents encryption from shutting out the people whose work needs the names."""
    # Feedback would name a record only if something were wrong with it.
    kinds = {"decisions", "operations"}
    for folder in (*kinds, "outbox"):
        words = ("keys", "decrypt", str(encrypted.settings.home / folder), "--out", str(tmp_path))
        run_register(encrypted.of_operator, *words)
    texts = {path: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    named = {path for path, text in texts.items() if PLANTED.search(text)}
    assert {path.relative_to(tmp_path).parts[0] for path in named} == kinds
    assert list((tmp_path / "outbox").rglob("*.csv"))
    assert CHILD in texts[tmp_path / "decisions" / "links.csv"]


def test_doctor_names_a_plain_file(encrypted: Place) -> None:
    """Prevents somebody without the key from replacing a file of the home unseen."""
    path = encrypted.settings.decisions / "reviews.csv"
    stored = path.read_bytes()
    try:
        path.write_bytes(b"reviewed_at\n")
        with pytest.raises(AssertionError, match=r"not encrypted: decisions/reviews\.csv"):
            run_register(encrypted.environment, "doctor")
    finally:
        path.write_bytes(stored)


def test_encryption_changes_no_figure(encrypted: Place, plain: Place) -> None:
    """Prevents an encrypted home from publishing another register."""
    ring = encrypted.settings.data_keys
    assert ring is not None
    compared = compare_published(plain.settings.home, encrypted.settings.home, ring)
    assert compared.differences == ()
    assert compared.row_count > 1_000


def test_every_child_was_taken_in(encrypted: Place) -> None:
    """Prevents the search from passing because the children's records were refused."""
    database = encrypted.settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        counts = connection.execute(
            "select count(*) from register.fct_reports where supplier_code like 'E%'"
            " group by supplier_code"
        ).fetchall()
        children = connection.execute("select count(*) from register.dim_children").fetchall()
    assert counts == [(len(CHILDREN),)] * len(FORCES)
    assert children[0][0] >= len(CHILDREN)


@pytest.mark.parametrize("form", ["encrypted", "plain"])
def test_no_command_about_deliveries_prints_a_child(
    form: str, request: pytest.FixtureRequest
) -> None:
    """Prevents an operator's screen, or the log of a scheduler, from naming a child."""
    place: Place = request.getfixturevalue(form)
    assert "file_1" in place.said
    assert PLANTED.search(place.said) is None


def test_the_walk_to_the_delivered_file_still_leads_to_its_name(plain: Place) -> None:
    """Prevents an auditor from losing the file because its name is not published."""
    database = plain.settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            "select report_id_register from register.fct_reports where file_name = 'file_1.csv'"
            " order by row_number"
        ).fetchone()
    assert row is not None
    traced = run_register(plain.environment, "trace", row[0])
    shown = run_register(plain.environment, "trace", row[0], "--show-line")
    assert PLANTED.search(traced) is None
    assert f"{CHILD}.csv" in shown
    assert f"{REFERENCE}-0" in shown


def test_no_child_is_in_a_released_file(plain: Place) -> None:
    """Prevents official statistics from naming a child, in a page, a cell or a property."""
    settings = plain.settings
    now = read_practice(datetime(2027, 11, 25, 9, 30, tzinfo=UTC))
    producer = Person("Pat Reed", "producer")
    announce(settings, 2027, now.now, read_practice(datetime(2027, 9, 1, tzinfo=UTC)))
    order = DraftOrder(2027, provisional_reason="Few suppliers, and fifty planted children")
    version = draft_release(settings, order, producer, now, release_tools(print))
    files = [path for path in sorted(version.public.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".csv", ".md", ".html", ".yaml", ".xlsx", ".ods"}
    named = [path.name for path in files if PLANTED.search("\n".join(read_released_texts(path)))]
    assert named == []
    results = {one.name: one for one in check_release(settings, version, producer, now, WORDS)}
    assert results["documents"].faults == ()
