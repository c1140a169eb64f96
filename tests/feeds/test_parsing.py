"""Lines, dates and periods, whatever is thrown at them."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from register.feeds import Rejection, SourceFile, load_contracts
from register.feeds.dates import parse_dates, parse_period, parse_stored_dates
from register.feeds.layout_parts import FileForm
from register.feeds.readers.delimited import read_delimited
from register.feeds.readers.lines import Lines
from register.feeds.tables import RawTable

FORM = FileForm(form="csv", file_name="a.csv", file_pattern="*.csv")
# Texts made of what breaks parsers.
AWKWARD = st.text(st.sampled_from('ab",\n\r \0é\x1c\u2028|;'), max_size=60)
HEADING = b"one,two,three\r\n"


def _read(data: bytes) -> RawTable:
    return read_delimited(SourceFile("a.csv", data), FORM, "any", ("",))


def _physical_lines(data: bytes) -> list[bytes]:
    """Lines as Python splits them, without the blank ones that trail."""
    lines = data.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


@given(st.lists(st.sampled_from([b"a", b"bc", b" ", b"\n", b"\r", b"\r\n", b"\0"])).map(b"".join))
@settings(max_examples=400)
def test_lines_are_the_physical_lines_of_the_text(data: bytes) -> None:
    """Prevents records from being cut elsewhere than at the ends of lines."""
    lines, expected = Lines.from_bytes(data), _physical_lines(data)
    assert list(lines) == expected
    assert [*lines[1:], *lines[:1]] == [*expected[1:], *expected[:1]]
    assert bytes(lines[1:].body) == b"\n".join(expected[1:])
    assert lines.has_blank_line == (b"" in expected)


@given(st.binary(max_size=200) | AWKWARD.map(lambda text: text.encode()))
@settings(max_examples=400)
def test_every_physical_line_is_of_one_record(body: bytes) -> None:
    """Prevents a line from vanishing between two records, or from being part of both."""
    data = HEADING + body
    try:
        raw = _read(data)
    except Rejection:
        return
    texts = {int(line): raw.record_text(n) for n, line in enumerate(raw.row_numbers)}
    texts |= {int(r.finding.line or 0): r.record_text for r in raw.quarantined}
    assert raw.received_row_count == len(texts)
    line = 2
    for number in sorted(texts):
        assert number == line
        line += texts[number].count("\n") + 1
    physical = _physical_lines(data)
    # Rows of separators alone that trail are those of an empty sheet.
    while physical and not physical[-1].strip(b", \t"):
        physical.pop()
    assert line == len(physical) + 1
    assert all(len(column) == len(raw.row_numbers) for column in raw.columns)


@given(
    st.lists(
        st.lists(AWKWARD.map(lambda t: t.replace("\r", "")), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=300)
def test_what_was_written_as_csv_is_read_as_it_was(rows: list[list[str]]) -> None:
    """Prevents a name from being changed by its punctuation."""
    rows = [[text.replace("\0", "") for text in row] for row in rows]
    rows[-1][0] += "x"
    # A line that would be a record by itself is taken for one.
    broken = [text.split("\n") for row in rows for text in row if "\n" in text]
    assume(not any(line.count(",") == 2 for lines in broken for line in lines))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    raw = _read(HEADING + text.getvalue().encode())
    assert raw.quarantined == []
    result = [[column[n].as_py() or "" for column in raw.columns] for n in range(len(rows))]
    assert result == rows


FIELD = st.sampled_from(["", "a", '""', '"a"', '"a""b"', '"a,b"', 'a"b', '"a', 'a"', '"a"b', '"""'])


@given(st.lists(st.lists(FIELD, min_size=2, max_size=4).map(",".join), min_size=1, max_size=5))
@settings(max_examples=600)
def test_the_fast_parse_reads_what_a_strict_one_reads_line_by_line(lines: list[str]) -> None:
    """Prevents a good line from saying something else because of how its file was read."""
    # A last line that has something, since rows of separators that trail are none.
    lines = [*lines, "a,b,c"]
    raw = _read(HEADING + "\n".join(lines).encode() + b"\n")
    landed = [
        [column[n].as_py() or "" for column in raw.columns] for n in range(len(raw.columns[0]))
    ]
    assume(not any("\n" in raw.record_text(n) for n in range(len(landed))))
    expected = [fields for line in lines if len(fields := _strictly(line)) == 3]
    assert landed == expected


def _strictly(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


EARLIEST = datetime.fromisoformat("1900-01-01")
LATEST = datetime.fromisoformat("2199-12-31")
SHAPES = ("%d/%m/%Y %H:%M", "%d/%m/%Y")


@given(
    st.lists(
        st.none()
        | st.datetimes(EARLIEST, LATEST).map(
            lambda moment: moment.strftime(SHAPES[moment.minute % 2])
        )
        | st.from_regex(r"\d{1,2}/\d{1,2}/\d{4}", fullmatch=True)
        | st.text(max_size=12),
        max_size=20,
    )
)
@settings(max_examples=300)
def test_dates_are_read_as_the_standard_library_reads_them(texts: list[str | None]) -> None:
    """Prevents a day that does not exist from rolling over into the next month."""
    result = parse_dates(pa.array(texts, pa.string()), SHAPES).to_pylist()
    assert result == [None if text is None else _expected(text) for text in texts]


def _expected(text: str) -> str | None:
    for shape, length in zip(SHAPES, (16, 10), strict=True):
        if len(text) != length or not text.isascii() or text != text.strip():
            continue
        try:
            moment = datetime.strptime(text, shape)  # noqa: DTZ007 - local wall time
        except ValueError:
            continue
        if not 1900 <= moment.year <= 2199:
            return None
        return moment.isoformat() if length == 16 else moment.date().isoformat()
    return None


def test_months_may_be_named() -> None:
    """Prevents the named months of a workbook from being read by position only."""
    texts = pa.array(["05-Oct-2026 14:30", "05-OCT-2026", None, "31-Feb-2026", "05-Okt-2026"])
    formats = ("%d-%b-%Y %H:%M", "%d-%b-%Y", "%Y-%m-%d %H:%M:%S")
    expected = ["2026-10-05T14:30:00", "2026-10-05", None, None, None]
    assert parse_dates(texts, formats).to_pylist() == expected
    assert parse_dates(texts.slice(0, 3), formats).to_pylist() == expected[:3]
    native = pa.array(["2026-10-05 14:30:00", "2026-10-05 00:00:00"])
    assert parse_dates(native, formats).to_pylist() == ["2026-10-05T14:30:00", "2026-10-05"]


@pytest.mark.parametrize(
    ("text", "moment", "day"),
    [
        ("2025-08-30 12:11:00.000", "2025-08-30T12:11:00", None),
        ("2025-08-30T12:11", "2025-08-30T12:11:00", None),
        ("2025-08-30T12:11:59.9999999", "2025-08-30T12:11:59", None),
        ("2025-08-30T11:11:00Z", "2025-08-30T12:11:00", None),
        ("2025-08-30T12:11:00+01:00", "2025-08-30T12:11:00", None),
        ("2025-08-30T06:41:00-0430", "2025-08-30T12:11:00", None),
        ("2025-01-05T10:00:00Z", "2025-01-05T10:00:00", None),
        ("2025-08-30", "2025-08-30", "2025-08-30"),
        ("2010-05-03 00:00:00.000", "2010-05-03T00:00:00", "2010-05-03"),
        ("2010-05-02T23:00:00Z", "2010-05-03T00:00:00", "2010-05-03"),
        ("2025-02-31 00:00:00.000", None, None),
        ("2025-08-30 24:00:00.000", None, None),
        ("1899-12-31 00:00:00.000", None, None),
        ("30/08/2025 12:11", None, None),
        ("2025-08-30 12:11:00.000 x", None, None),
        (None, None, None),
    ],
)
def test_dates_are_read_as_systems_store_them(
    text: str | None, moment: str | None, day: str | None
) -> None:
    """Prevents every date of a supplier from being lost for a fraction of a second or a zone."""
    texts = pa.array([text], pa.string())
    assert parse_stored_dates(texts, is_date=False).to_pylist() == [moment]
    assert parse_stored_dates(texts, is_date=True).to_pylist() == [day]


FEEDS = st.sampled_from(sorted(load_contracts()))


@given(FEEDS, st.text(max_size=10) | st.from_regex(r"\d{4}(-(\d{2}|Q\d))?", fullmatch=True))
@settings(max_examples=500)
def test_a_period_is_whole_months_or_nothing(feed: str, text: str) -> None:
    """Prevents a folder's name from crashing a load, or from naming days that do not exist."""
    period = parse_period(feed, text)
    if period is None:
        return
    assert period.text == text
    assert period.start.day == 1
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
    assert months in {"police_reports": {1}, "authority_extract": {1, 3}}.get(feed, {12})


def test_periods_have_the_days_that_their_feeds_mean() -> None:
    """Prevents a quarter or a release year from being off by one."""
    cases = {
        ("police_reports", "2024-02"): (date(2024, 2, 1), date(2024, 2, 29)),
        ("authority_extract", "2026-Q4"): (date(2026, 10, 1), date(2026, 12, 31)),
        ("authority_return", "1999-00"): (date(1999, 4, 1), date(2000, 3, 31)),
        ("authority_return", "2025-26"): (date(2025, 4, 1), date(2026, 3, 31)),
        ("published_statistics", "2024"): (date(2023, 4, 1), date(2024, 3, 31)),
    }
    for (feed, text), days in cases.items():
        period = parse_period(feed, text)
        assert period is not None
        assert (period.start, period.end) == days


def _written(rows: list[list[str]], form: FileForm, ending: str) -> bytes:
    text = io.StringIO()
    csv.writer(
        text,
        delimiter=form.delimiter,
        quoting=csv.QUOTE_ALL if form.quoting == "all" else csv.QUOTE_MINIMAL,
        lineterminator=ending,
    ).writerows(rows)
    return text.getvalue().replace("\r\n", "\n").replace("\n", ending).encode()


BROKEN_FIELDS = {
    "one_column": ["Flat 2\nElm Street", "b", "c", "d"],
    "last_column": ["a", "b", "c", "Flat 2\nElm Street"],
    "several_columns": ["a\nb", "c", "d\ne\nf", "g\nh"],
    "next_to_each_other": ["a\nb", "c\nd", "e\nf", "g\nh"],
    "doubled_quotes": ['the "a"\n"b" of', '"\n"', "c", '""\nd'],
    "blank_lines": ["a\n\n\nb", "\n", "c", "d\n"],
    "separators": ["a, b\nc, d", "e", "f", "g,\n,h"],
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", ["minimal", "all"])
@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@pytest.mark.parametrize("fields", BROKEN_FIELDS.values(), ids=BROKEN_FIELDS)
def test_a_line_break_inside_quotation_marks_is_part_of_the_record(
    fields: list[str], separator: str, quoting: str, ending: str
) -> None:
    """Prevents half of a month from being quarantined because addresses have several lines."""
    form = FORM.model_copy(update={"delimiter": separator, "quoting": quoting})
    rows = [["w", "x", "y", "z"], ["1", "2", "3", "4"], fields, ["5", "6", "7", "8"], fields]
    data = _written(rows, form, ending)
    raw = read_delimited(SourceFile("a.csv", data), form, "any", ("",))
    assert raw.quarantined == []
    read = list(zip(*(column.to_pylist() for column in raw.columns), strict=True))
    assert [list(row) for row in read] == rows[1:]
    breaks = sum(field.count("\n") for field in fields)
    assert raw.row_numbers.tolist() == [2, 3, 4 + breaks, 5 + breaks]
    assert raw.record_text(1).count("\n") == breaks


@pytest.mark.parametrize(
    ("unclosed", "line_count"),
    [
        ('1,"a,2,3', 1),
        ('1,2,3,"a', 1),
        ('"a,1,2,3', 1),
        ('1,2,"a"b,3', 1),
        ('1,2,"a\nb,3', 2),
        ('1,"a,2,3\n1,2,3,4', 1),
        ('1,2,3,"a\n1,2,3,4\n1,2,3,b"', 1),
    ],
)
def test_an_unclosed_quotation_mark_swallows_no_record_with_a_line_break(
    unclosed: str, line_count: int
) -> None:
    """Prevents one damaged line from merging with the records below it."""
    good = '5,"6\n6",7,8\n5,6,7,"8\n8"\n"5\n5",6,7,8\n5,6,7,8\n'
    raw = _read(f"w,x,y,z\n{unclosed}\n{good}".encode())
    findings = [record.finding for record in raw.quarantined]
    assert [finding.line for finding in findings] == list(range(2, 2 + line_count))
    assert findings[0].rule == "unclosed_quote"
    assert [column.to_pylist()[-4:] for column in raw.columns] == [
        ["5", "5", "5\n5", "5"],
        ["6\n6", "6", "6", "6"],
        ["7"] * 4,
        ["8", "8\n8", "8", "8"],
    ]
    assert raw.received_row_count == len(raw.row_numbers) + line_count
