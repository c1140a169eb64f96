"""The rehearsal of an erasure: real commands, killed at every step, in an encrypted home."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from register.access_record import Actor
from register.approvals import decide_request, request_approval
from register.data_keys import KeyRing, make_key
from register.erasure import find_child, search_home
from register.feeds import read_ledger
from register.publishing import current_generation, open_register
from register.settings import PROJECT_ROOT, SIMULATION_DECLARATION, Settings, load_settings
from tests.end_to_end.registers import FIGURES
from tests.feeds.deliveries import COMPACT, Home, report
from tests.register_commands import run_register
from tests.serving.server import running_server

# Three loads of a small nation, and a process for each kill.
pytestmark = [pytest.mark.drill, pytest.mark.timeout(3600)]

KEYS = "select mention_id_register, child_id_register from register.bridge_child_sources"
KNOWN_TO_MANY = """
    select child_id_register from register.bridge_child_sources
    group by child_id_register
    order by count(distinct issuer_code) desc, count(*) desc, child_id_register
    limit 1
"""
STEPS = (
    *("tombstones", "landing", "inbox", "decisions", "key logs", "copies", "releases"),
    *("warehouse", "load", "generations", "completion"),
)
SERVED = """
    select format('%I.%I', table_schema, table_name) from information_schema.tables
    where table_schema !~ '^pg_|information_schema' and table_type = 'BASE TABLE'
"""
MIN_LETTERS = 6
# Short references of these letters alone are in some hash of the warehouse by chance.
HASHED = re.compile(r"^[0-9a-f]{1,9}$", re.IGNORECASE)
# A month past the term of police reports, and a name in it.
LONG_AGO, RARE = "2015-10", "Quillonby"
# Files that keep the key of an erased child, because they prove who decided.
KEPT = ("access_record/", "decisions/approvals.csv", "decisions/.history/", "web/")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a loaded and encrypted home that serves PostgreSQL and Parquet."""
    with running_server() as server:
        variables = {
            "REGISTER_ENVIRONMENT": "test",
            "REGISTER_HOME": str(tmp_path_factory.mktemp("erased") / "home"),
            "REGISTER_DATA_KEYS": KeyRing((make_key(),)).to_text(),
            "REGISTER_SERVE": "parquet postgres",
            "REGISTER_POSTGRES_DSN": server.database(),
        }
        plain = {**variables, "REGISTER_DATA_KEYS": ""}
        run_register(plain, "simulate", "--authorities", "1", "--years", "1")
        # The load of a simulation would read its truth, which keeps the child.
        (load_settings(variables).home / SIMULATION_DECLARATION).unlink()
        run_register(variables, "keys", "rotate")
        old = [report(number, surname=RARE, dob="2003-08-17") for number in (1, 2)]
        Home(load_settings(variables)).put_reports(old, period=LONG_AGO)
        run_register(variables, "load")
        yield variables


def _read(settings: Settings, query: str) -> list[tuple[object, ...]]:
    generation = current_generation(settings)
    assert generation is not None
    with open_register(generation) as connection:
        return sorted(connection.execute(query).fetchall(), key=str)


def _kill_at(environment: dict[str, str], step: str, *words: str) -> bool:
    """Run a command until it begins a step, or one after it, and kill its processes soon after.

    Return False if it ended without such a step, because the one before was also the end.
    """
    lines = tuple(f"Erasing: {each}" for each in STEPS[STEPS.index(step) :])
    command = [sys.executable, "-m", "interfaces.command_line", *words]
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stderr is not None
        has_begun = any(line.startswith(lines) for line in run.stderr)
        if has_begun:
            time.sleep(random.uniform(0, 20 if step == "load" else 0.3))
            os.killpg(run.pid, signal.SIGKILL)
    return has_begun


def _count_served(settings: Settings, key: str) -> int:
    with psycopg.connect(settings.postgres_dsn) as connection:
        tables = [name for (name,) in connection.execute(SERVED).fetchall()]
        return sum(
            connection.execute(
                f"select count(*) from {name} as kept where kept::text like %s", [f"%{key}%"]
            ).fetchall()[0][0]
            for name in tables
        )


def _find_places(settings: Settings, words: list[str], kept: tuple[str, ...]) -> set[str]:
    return {hit.path for hit in search_home(settings, words) if not hit.path.startswith(kept)}


def test_an_erasure_killed_at_every_step_leaves_nothing_of_the_child(
    environment: dict[str, str],
) -> None:
    """Prevents a killed erasure from keeping a child anywhere, or from changing other children."""
    settings = load_settings(environment)
    ((child,),) = _read(settings, KNOWN_TO_MANY)
    key = str(child)
    persons = [person.removeprefix("report:") for _, person in find_child(settings, key).persons]
    references = [each for each in persons if len(each) >= MIN_LETTERS]
    telling = [each for each in references if not HASHED.search(each)]
    assert telling
    others = f"where child_id_register != '{key}'"
    keys = _read(settings, f"{KEYS} {others}")
    figures = _read(settings, FIGURES.replace("group by", f"{others} group by"))
    assert _count_served(settings, key) > 0
    request = request_approval(settings, "erase", [key], "A request")
    decide_request(settings, request, "approved", who=Actor("ben", "terminal"))
    words = ("erase", "--child", key, "--reason", "data_subject_request")
    for step in STEPS:
        assert _kill_at(environment, step, *words) or step == STEPS[-1], step
        words = ("erase", "--resume")
    run_register(environment, *words)
    for is_loaded_again in (False, True):
        if is_loaded_again:
            run_register(environment, "load", "--refresh")
        assert _find_places(settings, [key], KEPT) == set()
        assert _find_places(settings, references, ("inbox/", "warehouse/")) == set()
        assert _find_places(settings, telling, ("inbox/",)) == set()
        assert _count_served(settings, key) == 0
        assert _read(settings, KEYS) == keys
        assert _read(settings, FIGURES) == figures
    # The inbox still has the child's deliveries.
    assert search_home(settings, references) != []


def test_a_retention_that_is_killed_removes_what_is_past_its_term(
    environment: dict[str, str],
) -> None:
    """Prevents old deliveries from being kept for ever, or younger ones from being removed."""
    settings = load_settings(environment)
    of_force = f"where issuer_code != '{COMPACT}'"
    others = _read(settings, f"{KEYS} {of_force}")
    assert len(_read(settings, KEYS)) == len(others) + 2
    before = {entry.delivery_id: entry for entry in read_ledger(settings)}
    run_register(environment, "retain", "--dry-run")
    assert {entry.delivery_id: entry for entry in read_ledger(settings)} == before
    for step in ("landing", "warehouse", "load"):
        assert _kill_at(environment, step, "retain"), step
    run_register(environment, "retain")
    changed = [entry for entry in read_ledger(settings) if entry != before[entry.delivery_id]]
    assert [(e.supplier_code, e.period, e.erased_row_count) for e in changed] == [
        (COMPACT, LONG_AGO, 2)
    ]
    assert _find_places(settings, [RARE], ("inbox/",)) == set()
    assert _read(settings, KEYS) == others
    assert "No delivery is past its term." in run_register(environment, "retain")
