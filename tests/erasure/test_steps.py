"""An erasure goes through all its steps, also when it is killed, and the search proves it."""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
from contextlib import nullcontext
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register.decision_columns import LINK_DECISION_COLUMNS
from register.decision_files import append_decisions, read_decision_rows
from register.erased_persons import ERASURES
from register.erasure import (
    ErasurePlan,
    ErasureTools,
    find_person,
    make_plan,
    preview_erasure,
    read_plan,
    read_unfinished_plans,
    run_steps,
    search_home,
)
from register.feeds import land_everything, read_ledger
from register.home import prepare_home
from register.settings import Settings, load_settings
from tests.feeds.deliveries import COMPACT, Home, report

RARE = "Quillonby"
OTHER_PAIR = ("aaaa", "bbbb")


class Killed(BaseException):
    """A kill at a step of an erasure."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a child of a rare name in two deliveries, decisions, a key log and copies."""
    settings = load_settings(
        {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(tmp_path / "home")}
    )
    prepare_home(settings)
    home = Home(settings)
    for period in ("2026-09", "2026-10"):
        home.put_reports([report(1), report(2, surname=RARE)], period=period)
    home.load()
    subject = find_person(settings, COMPACT, "NOM2")
    source_key = max(subject.pseudonyms, key=len)
    mention = min(subject.pseudonyms, key=len)
    for pair in ((source_key, "cccc"), OTHER_PAIR):
        row = ["2026-11-01T09:00:00Z", "A", "link", *pair, "seen", "", ""]
        append_decisions(settings, "links.csv", [row[: len(LINK_DECISION_COLUMNS)]], ValueError)
    log = settings.published / "keys" / "20261101T000000-000000.parquet"
    log.parent.mkdir(parents=True)
    keys = {"mention_id_register": [mention, "M1"], "child_id_register": ["C2", "C1"]}
    pq.write_table(pa.table(keys), log)
    for name in ("warehouse/kept.txt", "operations/review/g/p.html", f"outbox/{COMPACT}/g.csv"):
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_text(RARE)
    worksheet = settings.operations / "audit" / "s" / "1.html"
    worksheet.parent.mkdir(parents=True)
    worksheet.write_text(f"{COMPACT} NOM2 {RARE}")
    (worksheet.parent / "2.html").write_text(f"{COMPACT} NOM22 somebody else")
    return home


def _plan(settings: Settings) -> ErasurePlan:
    subject = find_person(settings, COMPACT, "NOM2")
    return make_plan(settings, subject, decided_by="A", approved_by="B", reason_code="court_order")


def _run(home: Home, plan: ErasurePlan, kill_at: int = -1) -> int:
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == kill_at:
            raise Killed

    def load() -> None:
        land_everything(home.settings)
        step("during the load")

    tools = ErasureTools(load, lambda _: 0, nullcontext)
    run_steps(home.settings, plan, tools, step)
    return len(steps)


def _check_erased(home: Home) -> None:
    settings = home.settings
    hits = [hit for hit in search_home(settings, [RARE]) if not hit.path.startswith("inbox/")]
    assert hits == []
    assert [(e.landed_row_count, e.erased_row_count) for e in read_ledger(settings)] == [(1, 1)] * 2
    (tombstone,) = read_decision_rows(settings, ERASURES)
    assert (tombstone["decided_by"], tombstone["approved_by"]) == ("A", "B")
    assert "NOM2" not in str(tombstone)
    (link,) = read_decision_rows(settings, "links.csv")
    assert (link["left_mention_key"], link["right_mention_key"]) == OTHER_PAIR
    (log,) = (settings.published / "keys").glob("*.parquet")
    assert pq.read_table(log)["child_id_register"].to_pylist() == ["C1"]
    assert (settings.operations / "audit" / "s" / "2.html").exists()
    assert read_unfinished_plans(settings) == []


def test_an_erasure_that_is_killed_at_any_step_completes(home: Home) -> None:
    """Prevents a killed erasure from leaving a name, a pseudonym or a doubled tombstone."""
    settings = home.settings
    plan = _plan(settings)
    preview = preview_erasure(settings, plan)
    assert (preview["deliveries"], preview["landed or quarantined rows"]) == (2, 2)
    assert (preview["decisions"], preview["worksheets"]) == (1, 1)
    untouched = shutil.copytree(settings.home, settings.home.with_name("untouched"))
    steps = _run(home, plan)
    _check_erased(home)
    assert steps > 12
    for kill_at in range(1, steps + 1):
        shutil.rmtree(settings.home)
        shutil.copytree(untouched, settings.home)
        with pytest.raises(Killed):
            _run(home, plan, kill_at)
        (unfinished,) = read_unfinished_plans(settings)
        _run(home, unfinished)
        _check_erased(home)


def test_a_preview_changes_nothing(home: Home) -> None:
    """Prevents a dry run from erasing anything."""
    before = {path: path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file()}
    preview_erasure(home.settings, _plan(home.settings))
    after = {path: path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file()}
    assert after == before


def test_a_completed_plan_has_no_pseudonym_left(home: Home) -> None:
    """Prevents the note about an erasure from naming the records that are gone."""
    plan = _plan(home.settings)
    _run(home, plan)
    done = read_plan(home.settings, plan.erasure_id)
    assert done is not None and done.is_complete
    assert done.pseudonyms == () and done.files == ()


def test_the_inbox_is_emptied_only_on_demand(home: Home) -> None:
    """Prevents suppliers' files from being removed although nobody asked for it."""
    from dataclasses import replace

    plan = _plan(home.settings)
    _run(home, plan)
    assert [h.path for h in search_home(home.settings, [RARE]) if h.path.startswith("inbox/")]
    _run(home, replace(plan, removes_from_inbox=True))
    assert search_home(home.settings, [RARE]) == []
    land_everything(home.settings)
    assert len(read_ledger(home.settings)) == 2


def test_the_search_looks_into_every_form_of_file(tmp_path: Path) -> None:
    """Prevents a proof that overlooks a compressed, columnar or otherwise encoded file."""
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(tmp_path)})
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.cell(1, 1).value = f"{RARE} in a cell"
    book.save(tmp_path / "book.xlsx")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.xlsx", (tmp_path / "book.xlsx").read_bytes())
    (tmp_path / "nested.zip").write_bytes(packed.getvalue())
    (tmp_path / "text.csv.gz").write_bytes(gzip.compress(RARE.upper().encode()))
    (tmp_path / "wide.txt").write_bytes(RARE.encode("utf-16-le"))
    lists = pa.table({"names": [[["Aaa"], [RARE] * 50, ["Zzz"]]]})
    pq.write_table(lists, tmp_path / "lists.parquet", compression="gzip")
    with duckdb.connect(str(tmp_path / "register.duckdb")) as connection:
        connection.execute(f"create table children as select '{RARE}' as surname")
        connection.execute("create table others as select 'Zoë O''Rarely' as surname")
    (tmp_path / f"{RARE}.txt").write_text("a name of a file")
    (tmp_path / "innocent.txt").write_text("nothing")
    (tmp_path / "capitals.txt").write_text("ZOË O'RARELY", encoding="utf-16-le")
    assert {hit.path for hit in search_home(settings, [RARE.lower()])} == {
        *("book.xlsx", "nested.zip", "text.csv.gz", "wide.txt", "lists.parquet"),
        *("register.duckdb", f"{RARE}.txt"),
    }
    # A word that an encoding lacks is not taken for one that every file has.
    words = ["Zoë O'Rarely", "Ольга"]
    assert {hit.path for hit in search_home(settings, words)} == {"register.duckdb", "capitals.txt"}
    with pytest.raises(ValueError, match="4 letters"):
        search_home(settings, ["ab"])
