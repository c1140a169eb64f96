"""Case lists, deliveries, outbox, rows, audit and the quality site, as staff use them."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from interfaces.web import add_account, create_app, read_accounts
from interfaces.web.row_views import BusyError
from interfaces.web.sessions import create_session
from register import publishing
from register.access_record import read_record
from register.audit import (
    draw_sample,
    read_frame,
    read_latest_answers,
    read_samples,
    write_worksheets,
)
from register.feeds import read_hold_decisions, read_withdrawals
from register.publishing import FigureError, current_generation
from register.settings import PROJECT_ROOT, Settings
from tests.expectations.conftest import GENERATION_ID, put_generation, sound_file
from tests.publishing.builds import DELIVERY_ID
from tests.web.browsing import Browser
from tests.web.conftest import FORMULA, SURNAME

__all__ = ["sound_file"]
DELIVERY = f"/deliveries/{DELIVERY_ID}"
OUTBOX = "/outbox/370/20261101T000000-000001.csv"


@pytest.fixture
def auditor(settings: Settings, sound_file: Path) -> Browser:
    """An auditor's browser, over the invented generation with reports and deliveries."""
    put_generation(settings, sound_file, GENERATION_ID)
    add_account(settings, "ann", "staff", None)
    app = create_app(settings)
    session = replace(create_session("ann", read_accounts(settings)["ann"].epoch), purpose="audit")
    sessions = app.state.sessions
    return Browser(app, cookies={sessions.cookie: sessions.write(session)})


def test_the_first_page_counts_what_waits(ann: Browser) -> None:
    """Prevents work that nobody knows of."""
    said = ann.get("/").words
    assert "2 tasks for children who need help" in said
    assert "1 held deliveries to decide" in said
    assert SURNAME not in said


def test_children_to_help_are_chosen_and_exported(ann: Browser) -> None:
    """Prevents an export that runs as a formula, or that has children who were not chosen."""
    page = ann.get("/help")
    assert "2 rows: one for each child, task and organisation" in page.words
    assert "31 May 2026" in page.words
    assert "30 May 2026, 21:15" in page.words, "20:15 UTC in summer"
    (document,) = re.findall(r'"/documents/(.*)\.html#children-to-help"', page.text)
    assert "\n## Children to help\n" in (PROJECT_ROOT / f"{document}.md").read_text("utf-8")
    assert page.words.index("Away now") < page.words.index("Return interview overdue")
    chosen = ann.get("/help?area=370&task=interview_overdue")
    assert "1 row: one for each child" in chosen.words
    saved = ann.submit(chosen, "/help/export", area="370", task="interview_overdue")
    assert saved.headers["content-type"].startswith("text/csv")
    assert "attachment" in saved.headers["content-disposition"]
    assert saved.headers["cache-control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(saved.text))
    assert (row["task_code"], row["forenames"]) == ("interview_overdue", f"'{FORMULA}")
    assert row["due_at"] == "2026-05-08T10:00+01:00", "09:00 UTC in summer"
    assert "No child of your areas" in ann.get("/help?task=third_absence").words
    assert ann.get("/help?area=999").status == 404
    assert ann.submit(chosen, "/help/export", task="third_absence").status == 404


def test_children_to_help_are_shown_page_by_page(
    home: Settings, ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents children on no page or on two, and a record of children who were not shown."""
    read = publishing.read_children
    last = "C" + "9" * 24

    def read_one_more(generation: publishing.Generation) -> list[publishing.ListedChild]:
        children = read(generation)
        return [*children, replace(children[-1], child_id_register=last, task_name="Third")]

    monkeypatch.setattr("register.publishing.read_children", read_one_more)
    monkeypatch.setattr("interfaces.web.help_views.PAGE", 2)
    pages = [ann.get(f"/help?page={number}") for number in (0, 1, 2)]
    listed = [page.text.partition("<tbody>")[2] for page in pages]
    assert ["<td>Away now</td>" in text for text in listed] == [True, True, False]
    assert ["<td>Third</td>" in text for text in listed] == [False, False, True]
    assert "Page 1 of 2" in pages[1].words and "Page 2 of 2" in pages[2].words
    seen = [entry["keys"] for entry in read_record(home) if entry["what"] == "case_list"]
    assert [last in keys for keys in seen] == [False, False, True]
    assert "Away now (1)" in ann.get("/help?area=370&task=interview_overdue").words


def test_silent_suppliers_have_a_page(auditor: Browser) -> None:
    """Prevents a supplier whose silence hides children from everybody's lists."""
    words = auditor.get("/suppliers").words
    assert "2 feeds without a delivery" in words
    assert "Sheffield authority extract 30 January 2026 2 none the delivery was rejected" in words


def test_a_held_delivery_is_decided_and_another_look_is_asked_for(
    home: Settings, ann: Browser, ben: Browser
) -> None:
    """Prevents a delivery from being let in by one person while another refuses it."""
    assert DELIVERY_ID in ann.get("/deliveries").words
    site_page = home.quality / "site" / "deliveries" / f"{DELIVERY_ID}.html"
    assert "The page of this delivery in the quality site" not in ben.get(DELIVERY).words
    site_page.parent.mkdir()
    site_page.write_text("<h1>What came</h1>", encoding="utf-8")
    late = ben.get(DELIVERY)
    assert f"/quality/deliveries/{DELIVERY_ID}.html" in late.text
    assert "Very few dates of the delivery are in its period" in late.words
    page = ann.get(DELIVERY)
    ann.submit(page, f"{DELIVERY}/decide", decision="confirm", reason="They wrote to us")
    assert read_hold_decisions(home) == {DELIVERY_ID: "confirm"}
    refused = ben.submit(late, f"{DELIVERY}/decide", decision="refuse", reason="Wrong")
    assert (refused.status, read_hold_decisions(home)[DELIVERY_ID]) == (409, "confirm")
    again = ben.get(DELIVERY)
    assert ben.submit(again, f"{DELIVERY}/decide", decision="refuse", reason=" ").status == 400
    assert ben.submit(again, f"{DELIVERY}/decide", decision="melt", reason="x").status == 400
    ben.submit(again, f"{DELIVERY}/decide", decision="withdraw", reason="They wrote again")
    assert read_withdrawals(home) == {DELIVERY_ID}
    assert DELIVERY_ID in ben.get("/deliveries?kind=withdrawn").words
    assert DELIVERY_ID not in ben.get("/deliveries?kind=held").words
    assert ann.get("/deliveries/no-such").status == 404


def test_the_outbox_shows_what_a_supplier_is_told(home: Settings, ann: Browser) -> None:
    """Prevents one supplier's file, or any other file of the home, from being given out."""
    assert "Barnsley" in ann.get("/outbox").words
    page = ann.get(OUTBOX)
    assert "Give a date that exists" in page.words
    saved = ann.submit(page, f"{OUTBOX}/export")
    assert saved.text == (home.outbox / "370" / OUTBOX.rsplit("/", 1)[1]).read_text("utf-8")
    assert [entry["what"] for entry in read_record(home) if entry["why"]] == [
        "outbox",
        "outbox_export",
    ]
    for foreign in (
        "/outbox/../decisions/links.csv",
        "/outbox/370/..%2F..%2Fdecisions",
        "/outbox/370/x",
    ):
        assert ann.get(foreign).status == 404


def test_the_outbox_shows_the_absences_to_compare(home: Settings, ann: Browser) -> None:
    """Prevents a list of absences that only its file shows, or that is taken for feedback."""
    text = "is_new,line_reference,what_to_do\nnew,0000000A,Ask the authority\n"
    (home.outbox / "370" / "absences.csv").write_text(text, encoding="utf-8")
    page = ann.get("/outbox")
    assert page.words.index("absences to compare") < page.words.index("20261101T000000")
    listed = ann.get("/outbox/370/absences.csv")
    assert "1 line in the present list of absences to compare" in listed.words
    assert "Ask the authority" in listed.words
    assert ann.submit(listed, "/outbox/370/absences.csv/export").text == text
    entries = [entry for entry in read_record(home) if entry["why"]]
    assert [entry["keys"] for entry in entries] == [["370", "absences.csv"]] * 2


def test_the_quality_site_is_behind_the_same_sign_in(home: Settings, ann: Browser) -> None:
    """Prevents a second address for auditors, and files of the home from being read through it."""
    (home.quality / "secret.txt").write_text("not of the site", encoding="utf-8")
    assert ann.get("/quality/").words == ann.get("/quality/index.html").words
    assert "Quality of the data" in ann.get("/quality/").words
    for foreign in ("/quality/../secret.txt", "/quality/..%2Fsecret.txt", "/quality/no.html"):
        assert ann.get(foreign).status == 404


def test_the_rows_of_a_figure_are_made_on_demand(auditor: Browser) -> None:
    """Prevents a figure whose rows are too many for pages from having no rows at all."""
    assert "Examples" in auditor.get("/rows").words
    place = "/rows?mart=agreement.fct_agreement&where=status%3D'both'"
    first = auditor.get(place)
    assert "Page 1 of" in first.words
    assert "Save as CSV: all rows" in first.words
    second = auditor.get(f"{place}&page=2")
    ids = [set(re.findall(r'"row"><code>(\w+)', page.text)) for page in (first, second)]
    assert ids[0].isdisjoint(ids[1])
    assert all(ids)
    saved = auditor.get("/rows.csv?mart=agreement.fct_agreement&where=status%3D'both'")
    assert saved.text.startswith("row_id,report_or_breach_id,supplier_code")
    assert len(saved.text.splitlines()) > 50
    for wrong in ("x.y", "register.fct_reports&where=1;drop table x", "operations.review_pairs"):
        assert auditor.get(f"/rows?mart={wrong.replace(' ', '%20')}").status == 400


def test_an_audit_sample_is_filled_in_on_the_page(
    settings: Settings, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an auditor from needing a form of commas, and answers that overwrite each other."""
    # The picture is drawn in the browser's drill: its library takes seconds to import.
    monkeypatch.setattr("interfaces.web.audit_views.audit.draw_case_timeline", lambda _: "")
    generation = current_generation(settings)
    assert generation is not None
    write_worksheets(settings, draw_sample(read_frame(generation), 1, 2, 1), [], None)
    (sample,) = read_samples(settings)
    place = f"/audit/{sample.design.sample_id}"
    assert f"0 of {len(sample.cases)} cases answered" in auditor.get(place).words
    page = auditor.get(f"{place}/1")
    assert "What each source recorded" in page.words
    assert sample.cases[0].agreement_id in page.words
    assert next(each for each in read_record(settings) if each["why"])["keys"][:2] == [
        sample.design.sample_id,
        sample.cases[0].agreement_id,
    ]
    answers = {"found_status": "both", "is_same_child": "yes"}
    following = auditor.submit(page, f"{place}/1", **answers)
    assert following.path == f"{place}/2"
    found = read_latest_answers(settings, sample)[1]
    assert (found.entered_by, found.found_status, found.is_same_child) == ("ann", "both", "yes")
    assert found.is_reason_right == "not_known"
    late = auditor.submit(page, f"{place}/1", **answers)
    assert late.status == 409
    assert auditor.submit(auditor.get(f"{place}/2"), f"{place}/2").status == 404
    assert auditor.submit(following, f"{place}/2", found_status="maybe").status == 404
    assert list(read_latest_answers(settings, sample)) == [1]
    assert "1 case answered, with" in auditor.get("/audit").words
    for wrong in ("/audit/none", "/audit/../decisions", f"{place}/99"):
        assert auditor.get(wrong).status == 404


def test_a_reader_reads_rows(open_as: Callable[..., Browser]) -> None:
    """Prevents an account for figures from being of no use."""
    rita = open_as("rita", purpose="")
    assert rita.get("/rows").status == 200
    assert "Quality of the data" in rita.get("/quality/index.html").words


def test_one_filter_of_a_person_runs_at_a_time(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents forty-five filters of one session from stopping everybody's pages."""
    running, most = [0], [0]

    def slowly(*_: object, **__: object) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.5)
        running[0] -= 1
        raise FigureError("invented")

    monkeypatch.setattr("interfaces.web.row_views.trace_figure_apart", slowly)
    place = "/rows?mart=agreement.fct_agreement&where=true"

    def ask(_: int) -> int:
        browser = Browser(auditor.app, cookies=dict(auditor.cookies))
        return browser.once("GET", place, b"", {}).status

    with ThreadPoolExecutor(45) as pool:
        statuses = list(pool.map(ask, range(45)))
    assert most[0] == 1
    assert set(statuses) == {400, 429}
    assert auditor.get(place).status == 400, "the place is free again"
    filters = auditor.app.state.filters
    with (
        filters.run_filter("a"),
        filters.run_filter("b"),
        pytest.raises(BusyError, match="other people"),
    ):
        filters.run_filter("c").__enter__()


def test_a_filter_of_one_huge_text_is_ended(auditor: Browser) -> None:
    """Prevents one function of one row from taking 4 GB and two minutes of the application."""
    where = "length(repeat('x', 1500000000)) > 0"
    answer = auditor.get(f"/rows?mart=agreement.fct_agreement&where={quote(where)}")
    assert answer.status == 400
    assert auditor.get("/rows?mart=agreement.fct_agreement").status == 200
