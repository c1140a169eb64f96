"""Parsing of dates, times and periods from suppliers' formats to those of landing and the ledger.

Landed dates are ISO texts in London's local time. The length of a text shows its precision:
`YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`. Conversion to UTC belongs in the dbt project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

LONDON = ZoneInfo("Europe/London")
ISO_DATE = "%Y-%m-%d"
ISO_DATETIME = "%Y-%m-%dT%H:%M:%S"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
# The format in which the workbook reader writes a cell of Excel's date type.
NATIVE_CELL = "%Y-%m-%d %H:%M:%S"
# The allowed years of dates in records, and of the starts of periods.
RECORD_YEARS = (1900, 2199)
PERIOD_YEARS = (1990, 2199)

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
COLLECTION_YEAR = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
RELEASE_YEAR = re.compile(r"(\d{4})", re.ASCII)
DIRECTIVES = re.compile(r"%(.)")
# The places of these directives in Arrow's own text of a date-time, such as `2025-08-30 12:11:00`.
PLACES = {"Y": (0, 4), "m": (5, 7), "d": (8, 10), "H": (11, 13), "M": (14, 16), "S": (17, 19)}
KNOWN_DIRECTIVES = frozenset("dmyYbBaAHIpMSfz")
# A date-time that ends with a time zone, in the spellings that case systems use.
ZONED = r"^(?P<wall>.*?) ?(?P<zone>Z|UTC|GMT|BST|[+-]\d{2}:?\d{2})$"
ZONE_NAMES = {"UTC": "+0000", "GMT": "+0000", "BST": "+0100"}


class DateFormError(ValueError):
    """A date format cannot be used; the message quotes the format and says why."""


@dataclass(frozen=True)
class DateForm:
    """A `strptime` format with its options, as in `register.feeds.layout.Layout`.

    `%f` stands for any number of decimals, which are dropped and may be missing. `%z` stands for
    `Z`, an offset, or the name of one of London's time zones. A format must have exactly one day,
    month and year, and only supported directives; otherwise `DateFormError` is raised.
    """

    text_format: str
    last_two_digit_year: int | None = None
    has_leading_zeros: bool = True
    is_utc: bool = False

    def __post_init__(self) -> None:
        directives = DIRECTIVES.findall(self.text_format)
        faults = [
            f"%{name} is not supported" for name in directives if name not in KNOWN_DIRECTIVES
        ]
        for choices, what in (("d", "day"), ("mbB", "month"), ("yY", "year")):
            if sum(name in choices for name in directives) != 1:
                faults.append(f"it needs one {what} (%{' or %'.join(choices)})")
        if "y" in directives and self.last_two_digit_year is None:
            faults.append("%y needs last_two_digit_year")
        if ("I" in directives) != ("p" in directives):
            faults.append("%I and %p go together")
        if "f" in directives and not re.search(r"%S[^%]%f", self.text_format):
            faults.append("%f follows %S and a separator")
        if "z" in directives and not self.text_format.endswith("%z"):
            faults.append("%z is at the end")
        if faults:
            raise DateFormError(f"format {self.text_format}: {', '.join(faults)}")

    @property
    def has_time(self) -> bool:
        """Whether the format includes a time of day."""
        return "%H" in self.text_format or "%I" in self.text_format

    def parse(self, texts: pa.Array) -> pa.Array:
        """Return the ISO text of each real date in this format; null for all other texts."""
        text_format, zone = self.text_format, None
        if text_format.endswith("%z"):
            text_format = text_format.removesuffix("%z").rstrip()
            parts = pc.extract_regex(texts, pattern=ZONED)
            texts, zone = (pc.struct_field(parts, name) for name in ("wall", "zone"))
        if not self.has_leading_zeros:
            texts = pc.replace_substring_regex(texts, r"\b(\d)\b", r"0\1")
        iso = self._parse_wall_times(texts, text_format)
        if not self.has_time or (zone is None and not self.is_utc):
            return iso
        for name, offset in ZONE_NAMES.items():
            zone = zone if zone is None else pc.replace_substring(zone, name, offset)
        moments = pc.strptime(iso, format=ISO_DATETIME, unit="s", error_is_null=True)
        in_london = _to_london_time(
            moments, pc.if_else(iso.is_valid(), "Z", None) if zone is None else zone
        )
        return pc.strftime(in_london, format=ISO_DATETIME)

    def _parse_wall_times(self, texts: pa.Array, text_format: str) -> pa.Array:
        """Return ISO dates or local times of texts, with four-digit years and without decimals."""
        short_format = re.sub(r".%f", "", text_format)
        moments = _parse_moments(texts, short_format)
        if short_format != text_format:
            separator = re.escape(text_format[text_format.index("%f") - 1])
            ending = rf"(\d){separator}\d{{1,9}}( ?[AaPp][Mm])?$"
            without = pc.replace_substring_regex(texts, ending, r"\1\2")
            moments = pc.coalesce(moments, _parse_moments(without, short_format))
        if self.has_time:
            iso = pc.replace_substring(moments.cast(pa.string()), " ", "T")
        else:
            iso = moments.cast(pa.date32()).cast(pa.string())
        if "%y" not in text_format or self.last_two_digit_year is None:
            return iso
        century, last = divmod(self.last_two_digit_year, 100)
        short_year = pc.cast(pc.utf8_slice_codeunits(iso, 2, 4), pa.int64())
        is_late = pc.less_equal(short_year, last)
        centuries = pc.if_else(is_late, str(century), str(century - 1))
        return pc.binary_join_element_wise(centuries, pc.utf8_slice_codeunits(iso, 2), "")


def parse_dates(texts: pa.Array, forms: tuple[str | DateForm, ...]) -> pa.Array:
    """Return the ISO text of each date; null if the date does not exist or has none of the formats.

    `texts` are trimmed. A form is a `DateForm` or a format string. No text may match two forms.
    """
    if texts.null_count == len(texts):
        return texts
    # Most dates of a column occur several times, so each distinct text is parsed once.
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    parsed = {
        form.text_format: form.parse(distinct)
        for form in (DateForm(item) if isinstance(item, str) else item for item in forms)
    }
    first = next(iter(parsed))
    parsed_count = sum(len(distinct) - dates.null_count for dates in parsed.values())
    are_all_parsed = parsed_count == len(distinct)
    # Excel stores a date without a time as midnight, so midnight becomes a date. If Excel's form is
    # the layout's own first form, this happens only if a text of the column has none of the forms.
    if NATIVE_CELL in parsed and not (first == NATIVE_CELL and are_all_parsed):
        parsed[NATIVE_CELL] = pc.replace_substring(parsed[NATIVE_CELL], "T00:00:00", "")
    return pc.coalesce(*parsed.values()).take(encoded.indices)


def _parse_moments(texts: pa.Array, text_format: str) -> pa.Array:
    moments = pc.strptime(texts, format=text_format, unit="s", error_is_null=True)
    # Arrow reads 31/02 as 3 March. So a date counts as real only if, written in the same format, it
    # gives the delivered text again. The case of a month's name may differ.
    is_same = _is_written_as(texts, moments, text_format)
    first, last = RECORD_YEARS
    years = pc.year(moments)
    exists = pc.and_(is_same, pc.and_(pc.greater_equal(years, first), pc.less_equal(years, last)))
    return pc.if_else(exists, moments, pa.scalar(None, moments.type))


def _is_written_as(texts: pa.Array, moments: pa.Array, text_format: str) -> pa.Array:
    """Return whether each text is that of its date-time in a format."""
    between_and_directives = DIRECTIVES.split(text_format)
    if not PLACES.keys() >= set(between_and_directives[1::2]):
        written = pc.strftime(moments, format=text_format)
        return pc.equal(pc.utf8_upper(written), pc.utf8_upper(texts))
    # Joining the parts of Arrow's own text takes a third of the time that `strftime` takes.
    stored = moments.cast(pa.string())
    parts = [
        pc.utf8_slice_codeunits(stored, *PLACES[part]) if place % 2 else part
        for place, part in enumerate(between_and_directives)
        if part
    ]
    return pc.equal(pc.binary_join_element_wise(*parts, ""), texts)


def is_skipped_time(iso: str) -> bool:
    """Return whether a local ISO time is in the hour that London's clocks skip in March."""
    if "T" not in iso:
        return False
    wall = datetime.fromisoformat(iso)
    actual = wall.replace(tzinfo=LONDON).astimezone(UTC).astimezone(LONDON)
    return actual.replace(tzinfo=None) != wall


# The form of ISO 8601 that databases export: `2025-08-30 12:11:00.000`, perhaps with a zone.
STORED = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<minute>\d{2}:\d{2})(?P<second>:\d{2})?(?:\.\d{1,9})?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?$"
)
ZONE_NAME = "Europe/London"


def parse_stored_dates(texts: pa.Array, *, is_date: bool, is_utc: bool = False) -> pa.Array:
    """Return the ISO text of dates in the form that databases export; null for any other text.

    Date-times with a zone, or in UTC (`is_utc`), become London's local time. Decimals of seconds
    are dropped. In a column of dates (`is_date`), a text with a time other than midnight is
    invalid.
    """
    parts = pc.extract_regex(texts, pattern=STORED)
    day, minute, second, zone = (
        pc.struct_field(parts, name) for name in ("day", "minute", "second", "zone")
    )
    is_day = pc.equal(minute, "")
    second = pc.if_else(pc.equal(second, ""), ":00", second)
    time = pc.if_else(is_day, "00:00:00", pc.binary_join_element_wise(minute, second, ""))
    moments = _parse_moments(pc.binary_join_element_wise(day, time, "T"), ISO_DATETIME)
    if is_utc and not is_date:
        zone = pc.if_else(pc.and_(pc.equal(zone, ""), pc.invert(is_day)), "Z", zone)
    moments = pc.if_else(pc.equal(zone, ""), moments, _to_london_time(moments, zone))
    iso = pc.strftime(moments, format=ISO_DATETIME)
    is_midnight = pc.ends_with(iso, "T00:00:00")
    dates = pc.utf8_slice_codeunits(iso, 0, 10)
    if is_date:
        return pc.if_else(is_midnight, dates, pa.scalar(None, pa.string()))
    return pc.if_else(is_day, dates, iso)


def _to_london_time(moments: pa.Array, zone: pa.Array) -> pa.Array:
    """Return London's local time of date-times with a zone (`Z`, `+01:00`, `+0100`).

    An empty zone means `Z`.
    """
    digits = pc.replace_substring_regex(zone, r"^Z?$", "+0000")
    digits = pc.replace_substring(digits, ":", "")
    hours = pc.cast(pc.utf8_slice_codeunits(digits, 1, 3), pa.int64())
    minutes = pc.cast(pc.utf8_slice_codeunits(digits, 3, 5), pa.int64())
    seconds = pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60))
    ahead = pc.if_else(pc.starts_with(digits, "-"), pc.negate(seconds), seconds)
    utc = pc.cast(pc.subtract(pc.cast(moments, pa.int64()), ahead), pa.timestamp("s", "UTC"))
    return pc.local_timestamp(pc.cast(utc, pa.timestamp("s", ZONE_NAME)))


def format_instant(moment: datetime) -> str:
    """Return an instant in the ledger's format: UTC, to the second."""
    return moment.astimezone(UTC).strftime(INSTANT)


@dataclass(frozen=True)
class Period:
    """A period with its first and last day."""

    text: str
    start: date
    end: date


def parse_period(feed: str, text: str) -> Period | None:
    """Return the period of a feed that a text stands for, or None if it stands for none."""
    if feed in ("police_reports", "authority_extract") and (match := MONTH.fullmatch(text)):
        return _build_period(text, int(match[1]), int(match[2]), 1)
    if feed == "authority_extract" and (match := QUARTER.fullmatch(text)):
        return _build_period(text, int(match[1]), 3 * int(match[2]) - 2, 3)
    if feed == "authority_return" and (match := COLLECTION_YEAR.fullmatch(text)):
        is_one_year = (int(match[1]) + 1) % 100 == int(match[2])
        return _build_period(text, int(match[1]), 4, 12) if is_one_year else None
    if feed == "published_statistics" and (match := RELEASE_YEAR.fullmatch(text)):
        return _build_period(text, int(match[1]) - 1, 4, 12)
    return None


def name_period(feed: str, end: date, month_count: int) -> str:
    """Return the text of the period of a feed that ends on this day and has this many months."""
    if feed == "published_statistics":
        return f"{end:%Y}"
    if month_count == 12:
        return f"{end.year - 1}-{end:%y}"
    return f"{end.year}-Q{end.month // 3}" if month_count == 3 else f"{end:%Y-%m}"


def _build_period(text: str, year: int, first_month: int, month_count: int) -> Period | None:
    """Return a period of whole months; None if its year is outside the allowed years."""
    if not PERIOD_YEARS[0] <= year <= PERIOD_YEARS[1]:
        return None
    years, months = divmod(first_month - 1 + month_count, 12)
    end = date(year + years, months + 1, 1) - timedelta(days=1)
    return Period(text, date(year, first_month, 1), end)
