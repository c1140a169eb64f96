"""The page of a check: the verdict, then every fault, and no value of a record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from interfaces.web import render_check, render_check_file
from register.feeds import CheckedDelivery, check_delivery
from register.settings import load_settings
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import CHROMIUM
from tests.feeds.deliveries import COMPACT, MONTH, police_csv, report

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def _check(folder: Path, *reports: dict[str, str], period: str = MONTH) -> CheckedDelivery:
    folder.mkdir(exist_ok=True)
    path = folder / "reports.csv"
    path.write_bytes(police_csv("compact", [{"sex": "F", **item} for item in reports]))
    settings = load_settings({"REGISTER_HOME": str(folder / "home")})
    return check_delivery(settings, path, "police_reports", COMPACT, period, NOW)


def _render(checked: CheckedDelivery) -> str:
    return str(render_check(checked, checked.build_feedback(), ["One rule was not checked."]))


@pytest.mark.parametrize(
    ("faults", "verdict"),
    [
        ([{}, {}], "would be accepted<"),
        ([{}, {"report_ref": ""}], "would be accepted, without some of its records<"),
        ([{"sex": f"Q{n}"} for n in range(5)], "would be held for a decision<"),
        ([{"report_ref": ""}], "would be rejected<"),
    ],
)
def test_the_verdict_comes_first(
    tmp_path: Path, faults: list[dict[str, str]], verdict: str
) -> None:
    """Prevents a supplier from sending what the load refuses, or mending what it accepts."""
    page = _render(_check(tmp_path, *(report(n, **item) for n, item in enumerate(faults, 1))))
    assert verdict in page
    assert page.index(verdict) < page.index("One rule was not checked.")
    assert f"<dd>{len(faults)} record" in page


def test_every_fault_is_named_and_no_value(tmp_path: Path) -> None:
    """Prevents a page that names a child, or that stops at the first fault."""
    reports = [report(n, sex="Plantedcode", surname="Plantedname") for n in (1, 2)]
    page = _render(_check(tmp_path, *reports, *(report(n) for n in range(3, 9))))
    assert "A code is not in the code map: <code>Sex</code>" in page
    assert "<li>reports.csv, lines 2 to 3</li>" in page
    assert "1 fault in 2 places" in page
    assert "Planted" not in page
    assert "2012" not in page


def test_many_places_are_folded(tmp_path: Path) -> None:
    """Prevents a page as long as the file when every second record is wrong."""
    reports = [report(n, sex="Q" if n % 2 else "F") for n in range(1, 31)]
    page = _render(_check(tmp_path, *reports))
    first, folded = page.split("<details><summary>More places</summary>")
    assert first.count("<li>reports.csv, line ") == 6
    assert folded.count("<li>reports.csv, line ") == 9


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_can_be_read_by_everybody(tmp_path: Path, width: int) -> None:
    """Prevents a result that a screen reader or a telephone cannot show."""
    reports = [report(n, sex="Q" if n % 2 else "F", dob="31/02/2012") for n in range(1, 31)]
    checked = _check(tmp_path, *reports)
    page = tmp_path / "check.html"
    text = render_check_file(checked, checked.build_feedback())
    assert "http" not in text
    page.write_text(text, encoding="utf-8")
    assert list_file_faults([page], width) == {}
