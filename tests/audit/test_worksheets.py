"""Worksheets show both sources' reports and their lines; results become estimates."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.audit.drawn_samples import RESULTS, SAMPLES, AuditResult
from register.audit.sampling import SampleDesign
from register.audit.timeline import Bar, draw_timeline
from register.data_keys import KeyRing, make_key
from register.decision_columns import DECISION_FILES
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.home import prepare_home
from register.key_rotation import rotate_files
from register.private_files import read_key_id
from register.publishing import Generation
from register.settings import Settings, load_settings
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.conftest import GENERATION_ID, put_generation
from tests.expectations.reading import FETCHING, Structure
from tests.expectations.site.browsing import CHROMIUM

SAMPLE = "20261124T080000-000001-2025-26-4"


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def _draw(settings: Settings) -> Path:
    """Draw a sample of twenty cases; the folder of its worksheets."""
    _run("audit", "draw", "--seed", "4", "--cases", "20")
    return settings.home / "operations" / "audit" / SAMPLE


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, sound_file: Path) -> Path:
    """A drawn sample, which tests copy: drawing it charts every case."""
    home = tmp_path_factory.mktemp("drawn") / "home"
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    prepare_home(settings)
    put_generation(settings, sound_file, GENERATION_ID)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTER_HOME", str(home))
        patch.setenv("REGISTER_ENVIRONMENT", "test")
        return _draw(settings)


@pytest.fixture
def folder(settings: Settings, generation: Generation, drawn: Path) -> Path:
    """That sample in this test's home."""
    assert generation.is_current
    return shutil.copytree(drawn, settings.home / "operations" / "audit" / SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: pages are not opened")
def test_worksheets_can_be_read_by_everybody(drawn: Path, width: int) -> None:
    """Prevents cases that an auditor with a screen reader, or with poor sight, cannot look up."""
    pages = [drawn / "index.html", drawn / "case-001.html"]
    assert list_file_faults(pages, width) == {}


def _fill(folder: Path, **answers: str) -> Path:
    """Fill in the form: the register is right, but for the answers given."""
    cases = json.loads((folder / "sample.json").read_text(encoding="utf-8"))["cases"]
    form = folder / "results.csv"
    with form.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row, case in zip(rows, cases, strict=True):
        row.update({"found_status": case["status"], "is_same_child": "yes", **answers})
    with form.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return form


def test_only_the_owner_may_open_worksheets(settings: Settings, generation: Generation) -> None:
    """Prevents worksheets of single children from being read by everybody on the machine."""
    assert generation.is_current
    folder = _draw(settings)
    for path in (settings.home / "operations", folder):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_worksheet_shows_both_versions_the_picture_the_links_and_the_lines(
    folder: Path,
) -> None:
    """Prevents an auditor from having to look in four places."""
    cases = json.loads((folder / "sample.json").read_text(encoding="utf-8"))["cases"]
    both = next(case["case_number"] for case in cases if case["status"] == "both")
    page = Structure((folder / f"case-{both:03}.html").read_text(encoding="utf-8"))
    text = " ".join(page.all("main")[0].text.split())
    assert "1. Capital Constabulary" in text or "1. Ridings Police" in text
    assert "Category missing missing" in text or "no apparent risk away" in text
    assert "police.csv" in text and "authority.csv" in text
    assert "founder" in text and "12.5" in text
    (picture,) = page.all("svg")
    assert picture.attributes["role"] == "img" and picture.attributes["aria-label"]
    assert "found_status" in text and "police_only" in text
    for element in page.elements:
        for attribute in FETCHING & element.attributes.keys():
            assert not element.attributes[attribute].startswith("http")


def test_drawing_again_gives_the_same_and_keeps_what_was_filled_in(
    settings: Settings, folder: Path
) -> None:
    """Prevents a second draw from wiping out a day's answers."""
    form = _fill(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert _draw(settings) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert form.name in before


def test_results_become_an_estimate_next_to_the_registers_own(
    settings: Settings, folder: Path
) -> None:
    """Prevents an audit whose findings end in a drawer."""
    _run("audit", "report", code=3)
    form = _fill(folder)
    assert "20 cases" in _run("audit", "enter", str(form), "--by", "A. Inspector")
    (report,) = json.loads(_run("audit", "report", "--json"))
    lines = {line["question"]: line for line in report["lines"]}
    both = lines["Held by both"]
    assert both["register_share"] == pytest.approx(0.7)
    assert both["found"]["lower"] <= 0.7 <= both["found"]["upper"]
    assert lines["Status as the register has it"]["found"]["share"] == 1.0
    one_source = lines["Known to one source: the other source does not have the absence"]["found"]
    cases = json.loads((folder / "sample.json").read_text(encoding="utf-8"))["cases"]
    assert one_source["share"] == 1.0
    assert one_source["case_count"] == sum(case["status"] != "both" for case in cases) < 20
    assert lines["The reason given for a difference is right"]["found"] is None
    stored = (settings.decisions / "audit_results.csv").read_text(encoding="utf-8")
    assert len(stored.splitlines()) == 21
    assert "A. Inspector" in stored
    assert "95% interval" in _run("audit", "report")


def test_what_is_kept_has_the_columns_of_its_decision_files() -> None:
    """Prevents an answer that is appended under another column's name."""
    for name, stored in ((RESULTS, AuditResult), (SAMPLES, SampleDesign)):
        assert tuple(field.name for field in fields(stored)) == DECISION_FILES[name]


def test_a_later_answer_takes_the_place_of_an_earlier_one(settings: Settings, folder: Path) -> None:
    """Prevents a corrected answer from counting twice."""
    _run("audit", "enter", str(_fill(folder)), "--by", "A")
    _run("audit", "enter", str(_fill(folder, found_status="neither")), "--by", "B")
    (report,) = json.loads(_run("audit", "report", "--json"))
    assert report["answered_count"] == 20
    lines = {line["question"]: line for line in report["lines"]}
    assert lines["Held by both"]["found"]["share"] == 0
    one_source = lines["Known to one source: the other source does not have the absence"]["found"]
    assert one_source["share"] == 0
    stored = (settings.decisions / "audit_results.csv").read_text(encoding="utf-8")
    assert len(stored.splitlines()) == 41


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"found_status": "Zebedee"}, "line 2: found_status must be one of both"),
        ({"is_same_child": "perhaps"}, "line 2: is_same_child must be one of yes"),
        ({"case_number": "99"}, "line 2: the sample has no such case"),
        ({"found_status": ""}, "no case of the form is answered"),
    ],
)
def test_a_bad_answer_is_named_by_its_line_and_nothing_is_kept(
    settings: Settings, folder: Path, change: dict[str, str], message: str
) -> None:
    """Prevents half a form from being kept, and an error that repeats a name typed into it."""
    output = _run("audit", "enter", str(_fill(folder, **change)), "--by", "A", code=1)
    assert message in " ".join(output.split())
    assert "Zebedee" not in output
    stored = (settings.decisions / "audit_results.csv").read_text(encoding="utf-8")
    assert len(stored.splitlines()) == 1


def test_the_timeline_shows_what_is_open_and_what_is_known_to_the_day() -> None:
    """Prevents a date from looking as exact as a minute, and a label from changing the page."""
    noon = datetime(2025, 10, 1, 12)  # noqa: DTZ001 - published times are without a zone
    picture = draw_timeline(
        [
            Bar("1. <b>Force</b>", "police", noon, None),
            Bar("2. Authority", "authority", noon.replace(hour=0), noon, True, True),
        ]
    )
    assert "&lt;b&gt;" in picture and "<b>" not in picture
    assert "(open)" in picture and "stroke-dasharray" in picture
    assert "(dates)" in picture and 'fill-opacity="0.35"' in picture
    assert "1 Oct 2025" in picture
    assert draw_timeline([]) == ""


def test_a_short_absence_is_shown_by_the_hour() -> None:
    """Prevents an evening's absence from being a bar on an axis without a scale."""
    evening = datetime(2025, 10, 1, 18)  # noqa: DTZ001 - published times are without a zone
    picture = draw_timeline([Bar("1. Force", "police", evening, evening.replace(hour=21))])
    assert "1 Oct 2025" in picture and "06:00" in picture and "18:00" in picture


@pytest.mark.usefixtures("generation")
def test_in_an_encrypted_home_worksheets_are_read_from_a_copy(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents plain worksheets in an encrypted home, or worksheets that no auditor can read."""
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    assert list(rotate_files(replace(settings, data_keys=ring), ENCRYPTED_KINDS))
    folder = _draw(settings)
    assert {read_key_id(path) for path in folder.iterdir()} == {ring.current.id}
    _run("keys", "decrypt", str(folder), "--out", str(tmp_path / "copies"))
    form = _fill(tmp_path / "copies" / SAMPLE)
    assert "Stored: 20 cases" in _run("audit", "enter", str(form), "--by", "A. Inspector")
    _run("keys", "decrypt", str(folder), "--out", str(settings.home / "copies"), code=1)
