"""Dates of birth of other calendars, as offices write them."""

from __future__ import annotations

import pytest

from register.identity.clean.other_calendars import list_other_readings


@pytest.mark.parametrize(
    ("born", "written"),
    [
        # The Ethiopian year 2003 began on 11 September 2010: 1 Meskerem 2003.
        pytest.param("20100911", ["20030101", "20100101", "20110101"], id="Ethiopian new year"),
        # 29 Tahsas 2002 was Christmas Day in Ethiopia, on 7 January 2010.
        pytest.param("20100107", ["20020429", "20090429", "20100429"], id="Ethiopian Christmas"),
        # The solar year 1389 began on 21 March 2010: 1 Farvardin 1389.
        pytest.param("20100321", ["20100101", "20110101"], id="solar Hijri new year"),
        # 1 Mehr 1389 began autumn, on 23 September 2010.
        pytest.param("20100923", ["20100701", "20110701"], id="solar Hijri autumn"),
        # 1 Muharram 1431 began the Hijri year on 18 December 2009, by the tabular calendar.
        pytest.param("20091218", ["20080101", "20090101", "20100101"], id="Hijri new year"),
    ],
)
def test_a_date_is_written_with_its_year_alone_converted(born: str, written: list[str]) -> None:
    """Prevents a child from being missed whose date an office converted by halves."""
    assert set(written) <= set(list_other_readings(born))


def test_a_date_is_not_a_reading_of_itself() -> None:
    """Prevents equal dates from counting as dates of two calendars."""
    assert all(born not in list_other_readings(born) for born in ("20100101", "20100514"))


def test_a_stated_day_that_the_gregorian_calendar_lacks_is_left_out() -> None:
    """Prevents 30 February, a day of the Ethiopian calendar, from stopping a load."""
    # 30 Yekatit, the sixth month, has a reading; 30 Tikimt, the second month, has none.
    assert [each for each in list_other_readings("20101109") if each.startswith("2003")] == []
    assert "20030630" in list_other_readings("20110309")


@pytest.mark.parametrize("text", ["20104514", "20100230"])
def test_a_text_that_is_no_date_has_no_readings(text: str) -> None:
    """Prevents a mistyped date from stopping a load."""
    assert list_other_readings(text) == []
