"""Dates, moments and periods: as suppliers write them, and as landing and the ledger do.

Landed dates are ISO text whose length is their precision: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`,
local wall time. Turning them into UTC belongs in the dbt project; whether a supplier owes a period
belongs in the delivery calendar.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

LONDON = ZoneInfo("Europe/London")
ISO_DATE = "%Y-%m-%d"
ISO_DATETIME = "%Y-%m-%dT%H:%M:%S"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
# What a workbook gives for a cell that Excel typed as a date.
NATIVE_CELL = "%Y-%m-%d %H:%M:%S"
# Years that a date in a record may have, and years that a period may start in.
RECORD_YEARS = (1900, 2199)
PERIOD_YEARS = (1990, 2199)

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
COLLECTION_YEAR = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
RELEASE_YEAR = re.compile(r"(\d{4})", re.ASCII)


# Of a date every part is there, and no two directives say the same.
DIRECTIVES = re.compile(r"%(.)")
KNOWN_DIRECTIVES = frozenset("dmyYbBaAHIpMSfz")
# What systems write for zones, at the end of a moment.
ZONED = r"^(?P<wall>.*?) ?(?P<zone>Z|UTC|GMT|BST|[+-]\d{2}:?\d{2})$"
ZONE_NAMES = {"UTC": "+0000", "GMT": "+0000", "BST": "+0100"}


class DateFormError(ValueError):
    """A format that no date can be read by; the message holds the format and why."""


@dataclass(frozen=True)
class DateForm:
    """A `strptime` format and what it leaves open; see `register.feeds.layout.Layout`.

    `%f` is any number of decimals, which are dropped, and may be left out; `%z` is `Z`, an offset,
    or the name of a zone of London's clocks. Raises `DateFormError` for a format without a day, a
    month and a year, or with a directive that is not read.
    """

    text_format: str
    last_two_digit_year: int | None = None
    has_leading_zeros: bool = True
    is_utc: bool = False

    def __post_init__(self) -> None:
        found = DIRECTIVES.findall(self.text_format)
        faults = [f"%{name} is not read" for name in found if name not in KNOWN_DIRECTIVES]
        for choices, what in (("d", "day"), ("mbB", "month"), ("yY", "year")):
            if sum(name in choices for name in found) != 1:
                faults.append(f"it needs one {what} (%{' or %'.join(choices)})")
        if "y" in found and self.last_two_digit_year is None:
            faults.append("%y needs last_two_digit_year")
        if ("I" in found) != ("p" in found):
            faults.append("%I and %p go together")
        if "f" in found and not re.search(r"%S[^%]%f", self.text_format):
            faults.append("%f follows %S and a separator")
        if "z" in found and not self.text_format.endswith("%z"):
            faults.append("%z is at the end")
        if faults:
            raise DateFormError(f"format {self.text_format}: {', '.join(faults)}")

    @property
    def has_time(self) -> bool:
        """Whether the format has a time of day."""
        return "%H" in self.text_format or "%I" in self.text_format

    def read(self, texts: pa.Array) -> pa.Array:
        """ISO text of each date that has this form and exists, else null."""
        text_format, zone = self.text_format, None
        if text_format.endswith("%z"):
            text_format = text_format.removesuffix("%z").rstrip()
            parts = pc.extract_regex(texts, pattern=ZONED)
            texts, zone = (pc.struct_field(parts, name) for name in ("wall", "zone"))
        if not self.has_leading_zeros:
            texts = pc.replace_substring_regex(texts, r"\b(\d)\b", r"0\1")
        iso = self._iso(texts, text_format)
        if not self.has_time or (zone is None and not self.is_utc):
            return iso
        for name, offset in ZONE_NAMES.items():
            zone = zone if zone is None else pc.replace_substring(zone, name, offset)
        moments = pc.strptime(iso, format=ISO_DATETIME, unit="s", error_is_null=True)
        in_london = _in_london(
            moments, pc.if_else(iso.is_valid(), "Z", None) if zone is None else zone
        )
        return pc.strftime(in_london, format=ISO_DATETIME)

    def _iso(self, texts: pa.Array, text_format: str) -> pa.Array:
        """ISO wall time or date of the texts, in the right century, without decimals."""
        whole = re.sub(r".%f", "", text_format)
        moments = _moments(texts, whole)
        if whole != text_format:
            separator = re.escape(text_format[text_format.index("%f") - 1])
            ending = rf"(\d){separator}\d{{1,9}}( ?[AaPp][Mm])?$"
            without = pc.replace_substring_regex(texts, ending, r"\1\2")
            moments = pc.coalesce(moments, _moments(without, whole))
        iso = pc.replace_substring(moments.cast(pa.string()), " ", "T")
        if not self.has_time:
            iso = pc.utf8_slice_codeunits(iso, 0, 10)
        if "%y" not in text_format or self.last_two_digit_year is None:
            return iso
        century, last = divmod(self.last_two_digit_year, 100)
        short_year = pc.cast(pc.utf8_slice_codeunits(iso, 2, 4), pa.int64())
        is_late = pc.less_equal(short_year, last)
        centuries = pc.if_else(is_late, str(century), str(century - 1))
        return pc.binary_join_element_wise(centuries, pc.utf8_slice_codeunits(iso, 2), "")


def to_iso(texts: pa.Array, forms: tuple[str | DateForm, ...]) -> pa.Array:
    """ISO text of each date, null where it is null, in no given form, or does not exist.

    `texts` are trimmed; a form is a `DateForm` or its format, and no text fits two of them.
    """
    if texts.null_count == len(texts):
        return texts
    read = {
        form.text_format: form.read(texts)
        for form in (DateForm(item) if isinstance(item, str) else item for item in forms)
    }
    first = next(iter(read))
    read_count = sum(len(texts) - found.null_count for found in read.values())
    are_all_read = read_count == len(texts) - texts.null_count
    # Excel gives a day without a time as its midnight. Where a layout writes moments in this form
    # itself, midnights are cut to days only if another text of the column is broken.
    if NATIVE_CELL in read and not (first == NATIVE_CELL and are_all_read):
        read[NATIVE_CELL] = pc.replace_substring(read[NATIVE_CELL], "T00:00:00", "")
    return pc.coalesce(*read.values())


def _moments(texts: pa.Array, text_format: str) -> pa.Array:
    moments = pc.strptime(texts, format=text_format, unit="s", error_is_null=True)
    # Arrow takes 31/02 for 3 March and 1/2 for 01/02: a date exists only if it is written back as
    # it was delivered (a month's name in upper or lower case alike).
    written = pc.strftime(moments, format=text_format)
    is_same = pc.equal(pc.utf8_upper(written), pc.utf8_upper(texts))
    first, last = RECORD_YEARS
    years = pc.year(moments)
    exists = pc.and_(is_same, pc.and_(pc.greater_equal(years, first), pc.less_equal(years, last)))
    return pc.if_else(exists, moments, pa.scalar(None, moments.type))


def is_skipped(iso: str) -> bool:
    """Whether an ISO wall time to the minute is one that the clocks of London skip in March."""
    if "T" not in iso:
        return False
    wall = datetime.fromisoformat(iso)
    shown = wall.replace(tzinfo=LONDON).astimezone(UTC).astimezone(LONDON)
    return shown.replace(tzinfo=None) != wall


# ISO 8601 as systems store and export it: SQL Server's `2025-08-30 12:11:00.000`, or with a zone.
STORED = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<minute>\d{2}:\d{2})(?P<second>:\d{2})?(?:\.\d{1,9})?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?$"
)
ZONE_NAME = "Europe/London"


def stored_to_iso(texts: pa.Array, *, is_date: bool, is_utc: bool = False) -> pa.Array:
    """ISO text of dates in the form in which systems store them; null for any other text.

    A zone gives London's wall time, and so does none where moments are in UTC; parts of a second
    are dropped. In a column of dates (`is_date`) a time other than midnight is no date.
    """
    parts = pc.extract_regex(texts, pattern=STORED)
    day, minute, second, zone = (
        pc.struct_field(parts, name) for name in ("day", "minute", "second", "zone")
    )
    is_day = pc.equal(minute, "")
    second = pc.if_else(pc.equal(second, ""), ":00", second)
    whole = pc.if_else(is_day, "00:00:00", pc.binary_join_element_wise(minute, second, ""))
    moments = _moments(pc.binary_join_element_wise(day, whole, "T"), ISO_DATETIME)
    if is_utc and not is_date:
        zone = pc.if_else(pc.and_(pc.equal(zone, ""), pc.invert(is_day)), "Z", zone)
    moments = pc.if_else(pc.equal(zone, ""), moments, _in_london(moments, zone))
    iso = pc.strftime(moments, format=ISO_DATETIME)
    is_midnight = pc.ends_with(iso, "T00:00:00")
    dates = pc.utf8_slice_codeunits(iso, 0, 10)
    if is_date:
        return pc.if_else(is_midnight, dates, pa.scalar(None, pa.string()))
    return pc.if_else(is_day, dates, iso)


def _in_london(moments: pa.Array, zone: pa.Array) -> pa.Array:
    """London's wall time of moments in zones (`Z`, `+01:00`, `+0100`; empty: as `Z`)."""
    digits = pc.replace_substring_regex(zone, r"^Z?$", "+0000")
    digits = pc.replace_substring(digits, ":", "")
    hours = pc.cast(pc.utf8_slice_codeunits(digits, 1, 3), pa.int64())
    minutes = pc.cast(pc.utf8_slice_codeunits(digits, 3, 5), pa.int64())
    seconds = pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60))
    ahead = pc.if_else(pc.starts_with(digits, "-"), pc.negate(seconds), seconds)
    utc = pc.cast(pc.subtract(pc.cast(moments, pa.int64()), ahead), pa.timestamp("s", "UTC"))
    return pc.local_timestamp(pc.cast(utc, pa.timestamp("s", ZONE_NAME)))


def as_instant(moment: datetime) -> str:
    """An instant as the ledger writes it, in UTC to the second."""
    return moment.astimezone(UTC).strftime(INSTANT)


@dataclass(frozen=True)
class Period:
    """A period with its first and last day."""

    text: str
    start: date
    end: date


def parse_period(feed: str, text: str) -> Period | None:
    """The period that `text` names in this feed, or none if it names none."""
    parse = {
        "police_reports": _month,
        "authority_extract": lambda value: _month(value) or _quarter(value),
        "authority_return": _collection_year,
        "published_statistics": _release_year,
    }[feed]
    period = parse(text)
    if period is None or not _is_period_year(period.start.year):
        return None
    return period


def _months(text: str, year: int, first: int, last: int) -> Period | None:
    if year == 0:
        return None
    return Period(text, date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _month(text: str) -> Period | None:
    match = MONTH.fullmatch(text)
    return _months(text, int(match[1]), int(match[2]), int(match[2])) if match else None


def _quarter(text: str) -> Period | None:
    match = QUARTER.fullmatch(text)
    if not match:
        return None
    last = 3 * int(match[2])
    return _months(text, int(match[1]), last - 2, last)


def _year_from_april(text: str, year: int) -> Period | None:
    if not _is_period_year(year):
        return None
    return Period(text, date(year, 4, 1), date(year + 1, 3, 31))


def _collection_year(text: str) -> Period | None:
    match = COLLECTION_YEAR.fullmatch(text)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    return _year_from_april(text, int(match[1]))


def _release_year(text: str) -> Period | None:
    match = RELEASE_YEAR.fullmatch(text)
    return _year_from_april(text, int(match[1]) - 1) if match else None


def _is_period_year(year: int) -> bool:
    return PERIOD_YEARS[0] <= year <= PERIOD_YEARS[1]
