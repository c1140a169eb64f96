"""The page *Status*: what the data team must act on, in the same words as `register status`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interfaces.web import create_app
from register.feeds import decide_delivery, read_hold_decisions, read_withdrawals
from register.home_status import read_home_status
from register.load_history import mark_failure, record_load, start_record
from register.settings import Settings
from register.variables import WatchSettings
from tests.publishing.builds import DELIVERY_ID
from tests.web.browsing import Browser

FORM = f"/deliveries/{DELIVERY_ID}/decide"
ADVICE = "The build failed. Set it aside: `register deliveries withdraw <delivery>`"


def _fail(home: Settings, run_id: str) -> None:
    load = start_record(home, "load_register", run_id, 0.0)
    fault = f"fct_reports.end_is_not_before_start is broken by 12 rows, of {DELIVERY_ID}"
    load = replace(load, outcome="failed", step="build_register", advice=ADVICE, faults=(fault,))
    record_load(home, load)
    mark_failure(home, "load_register", run_id)


def test_a_held_delivery_is_confirmed_on_the_page(home: Settings, ann: Browser) -> None:
    """Prevents a second way to decide, and a decision without a reason or on an old page."""
    page = ann.get("/status")
    assert "The last load failed" not in page.words
    assert "Confirm" in page.words and "Refuse" in page.words
    assert 'value="withdraw"' not in page.text
    assert ann.submit(page, FORM, decision="confirm").status == 400
    assert read_hold_decisions(home) == {}
    decided = ann.submit(page, FORM, decision="confirm", reason="Asked the force")
    assert (decided.status, decided.path) == (200, f"/deliveries/{DELIVERY_ID}")
    assert read_hold_decisions(home) == {DELIVERY_ID: "confirm"}
    late = ann.submit(page, FORM, decision="refuse", reason="A second look")
    assert late.status == 409
    assert "No delivery is held" in ann.get("/status").words


def test_a_failed_load_says_why_and_offers_to_withdraw(home: Settings, ann: Browser) -> None:
    """Prevents a failed load of which only the log says whose rows broke which rule."""
    decide_delivery(home, DELIVERY_ID, "confirm", "A. Person", "Asked the force")
    _fail(home, "an earlier run")
    _fail(home, "the run")
    page = ann.get("/status")
    assert "The last load failed" in page.words and "Action is needed" in page.words
    assert "end_is_not_before_start is broken by 12 rows" in page.words
    assert "<code>register deliveries withdraw &lt;delivery&gt;</code>" in page.text
    answer = ann.submit(page, FORM, decision="withdraw", reason="Sent by mistake")
    assert answer.status == 200, answer.words
    assert read_withdrawals(home) == {DELIVERY_ID}
    assert f'action="{FORM}"' not in ann.get("/status").text


@pytest.mark.parametrize(("run_id", "is_known"), [("the run", True), ("another run", False)])
def test_a_failure_without_a_record_is_said_all_the_same(
    home: Settings, ann: Browser, run_id: str, is_known: bool
) -> None:
    """Prevents a page that shows the reason of an older failure, or none and no advice."""
    _fail(home, "the run")
    mark_failure(home, "load_register", run_id)
    words = ann.get("/status").words
    assert ("is broken by 12 rows" in words) == is_known
    assert ("The history of loads does not have it" in words) != is_known


def test_bodies_have_names_and_the_page_links_to_the_engineers_tool(
    home: Settings, open_as: Callable[..., Browser]
) -> None:
    """Prevents codes where people read, and an address that is shown though none is set."""
    status = read_home_status(home, datetime(2027, 2, 1, tzinfo=UTC))
    assert all(item.supplier_name != item.supplier_code for item in status.late)
    page = open_as("ann").get("/status")
    assert "Dagster UI" not in page.words
    watch = WatchSettings(dagster_url="https://dagster.example", alert_url="https://a.example/key")
    app = create_app(replace(home, watch=watch))
    shown = Browser(app, cookies=open_as("ann").cookies)
    page = shown.get("/status")
    assert 'href="https://dagster.example"' in page.text
    assert "Alerts go to a web hook" in page.words
    assert "a.example" not in page.text
