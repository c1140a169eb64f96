"""The lists of absences that an authority and a force compare: what each has, and what is new."""

from __future__ import annotations

from datetime import date

import pytest

from register.feeds import (
    ABSENCE_COLUMNS,
    ABSENCE_LIST,
    AbsenceLine,
    build_list_rows,
    write_absence_lists,
)
from register.feeds import absence_lists as absence_lists_module
from register.private_files import read_private
from register.spreadsheet import parse_rows
from register.supplier_names import name_supplier
from tests.feeds.deliveries import AUTHORITY, COMPACT, MONTH, Home, extract_files, report

FIRST, SECOND, THIRD = (f"2026112{day}T120000-000000" for day in (4, 5, 6))
OF_FORCE = AbsenceLine(
    body_code=COMPACT,
    line_reference="0000000A",
    is_recorded_by_body=True,
    other_body_code=AUTHORITY,
    child_references="NOM1",
    report_references="MP1",
    category_code="missing",
    start_date=date(2026, 10, 1),
    end_date=date(2026, 10, 2),
    probable_reason="The cause is not known",
    what_to_do="Ask the authority",
    episode_id_register="E1",
)
OF_AUTHORITY = AbsenceLine(
    body_code=AUTHORITY,
    line_reference="0000000A",
    is_recorded_by_body=False,
    other_body_code=COMPACT,
    child_references="P1",
    report_references=None,
    category_code="missing",
    start_date=date(2026, 10, 1),
    end_date=None,
    probable_reason="The cause is not known",
    what_to_do="Look for the absence",
    episode_id_register="E1",
)
LATER = AbsenceLine(**{**OF_FORCE.__dict__, "line_reference": "0000000B", "end_date": None})


@pytest.fixture
def delivered(home: Home) -> Home:
    """A home with deliveries of one force and one authority."""
    home.put_reports([report(1)])
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", extract_files())
    home.load()
    return home


def _write(home: Home, generation: str, *lines: AbsenceLine) -> dict[str, int]:
    entries = [path.parent.name for path in home.settings.landing.glob("*/*/delivery.json")]
    return write_absence_lists(home.settings, generation, lines, dict.fromkeys(entries, "current"))


def _read(home: Home, body_code: str) -> list[dict[str, str]]:
    path = home.settings.outbox / body_code / ABSENCE_LIST
    return parse_rows(read_private(home.settings.data_keys, path))


def test_each_of_the_two_gets_its_own_references(delivered: Home) -> None:
    """Prevents a force from learning an authority's references, or the other way round."""
    counts = _write(delivered, FIRST, OF_FORCE, OF_AUTHORITY)
    assert counts == {COMPACT: 1, AUTHORITY: 1}
    (of_force,), (of_authority,) = _read(delivered, COMPACT), _read(delivered, AUTHORITY)
    assert tuple(of_force) == ABSENCE_COLUMNS
    seeds = delivered.settings.seeds
    assert of_force == {
        "is_new": "new",
        "line_reference": "0000000A",
        "recorded_by": "you",
        "not_recorded_by": name_supplier(seeds, AUTHORITY),
        "child_references": "NOM1",
        "report_references": "MP1",
        "category": "Missing",
        "start_date": "2026-10-01",
        "end_date": "2026-10-02",
        "probable_reason": "The cause is not known",
        "what_to_do": "Ask the authority",
        "listed_since": "2026-11-24",
    }
    assert of_authority["line_reference"] == of_force["line_reference"]
    assert of_authority["recorded_by"] == name_supplier(seeds, COMPACT)
    assert of_authority["not_recorded_by"] == "you"
    assert (of_authority["child_references"], of_authority["report_references"]) == ("P1", "")
    assert of_authority["end_date"] == "no return recorded"
    assert "E1" not in {*of_force.values(), *of_authority.values()}


def test_a_line_is_new_in_the_first_list_that_has_it(delivered: Home) -> None:
    """Prevents a clerk from reading a whole list again to find the new lines."""
    _write(delivered, FIRST, OF_FORCE)
    _write(delivered, SECOND, OF_FORCE, LATER)
    marks = {row["line_reference"]: row["is_new"] for row in _read(delivered, COMPACT)}
    assert marks == {"0000000A": "", "0000000B": "new"}
    # A load that is resumed writes the same list.
    _write(delivered, SECOND, OF_FORCE, LATER)
    assert {row["line_reference"]: row["is_new"] for row in _read(delivered, COMPACT)} == marks
    _write(delivered, THIRD, LATER)
    (row,) = _read(delivered, COMPACT)
    assert (row["is_new"], row["listed_since"]) == ("", "2026-11-25")


def test_a_load_killed_between_list_and_note_marks_the_same_lines(
    delivered: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a line that nobody has read from losing its mark."""

    def be_killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(absence_lists_module, "write_whole", be_killed)
        with pytest.raises(KeyboardInterrupt):
            _write(delivered, FIRST, OF_FORCE)
    _write(delivered, FIRST, OF_FORCE)
    assert [row["is_new"] for row in _read(delivered, COMPACT)] == ["new"]


def test_a_list_without_lines_says_so(delivered: Home) -> None:
    """Prevents an old list from being taken for the present one, and an empty file for a fault."""
    _write(delivered, FIRST, OF_FORCE)
    assert _write(delivered, SECOND) == {COMPACT: 0, AUTHORITY: 0}
    for body_code in (COMPACT, AUTHORITY):
        (row,) = _read(delivered, body_code)
        assert row["what_to_do"].startswith("Nothing to compare")
        assert {text for name, text in row.items() if name != "what_to_do"} == {""}
    # A line that comes back after it was settled is new again.
    _write(delivered, THIRD, OF_FORCE)
    assert [row["is_new"] for row in _read(delivered, COMPACT)] == ["new"]


def test_a_list_can_be_removed_after_it_was_sent(delivered: Home) -> None:
    """Prevents the marks from depending on a file that people may delete."""
    _write(delivered, FIRST, OF_FORCE)
    (delivered.settings.outbox / COMPACT / ABSENCE_LIST).unlink()
    rows = build_list_rows(delivered.settings, SECOND, COMPACT, [OF_FORCE])
    assert [row["is_new"] for row in rows] == [""]


def test_a_list_is_as_private_as_feedback(delivered: Home) -> None:
    """Prevents other users of the machine from reading the dates of children's absences."""
    _write(delivered, FIRST, OF_FORCE)
    outbox = delivered.settings.outbox
    assert (outbox / COMPACT / ABSENCE_LIST).stat().st_mode & 0o077 == 0
    noted = outbox / ".told" / f"{COMPACT}.absences.txt"
    assert noted.stat().st_mode & 0o077 == 0
    assert noted.read_text(encoding="utf-8").split() == ["0000000A", FIRST]


def test_only_suppliers_of_absences_get_a_list(home: Home) -> None:
    """Prevents a list for a supplier of which the register uses nothing."""
    home.put_reports([report(1)], period=MONTH)
    home.load()
    assert _write(home, FIRST) == {COMPACT: 0}
    entries = [path.parent.name for path in home.settings.landing.glob("*/*/delivery.json")]
    assert write_absence_lists(home.settings, FIRST, [], dict.fromkeys(entries, "withdrawn")) == {
        COMPACT: 0
    }
    (home.settings.outbox / COMPACT / ABSENCE_LIST).unlink()
    assert write_absence_lists(home.settings, FIRST, [], dict.fromkeys(entries, "withdrawn")) == {}
