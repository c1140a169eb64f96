"""Faults of single values and records: dates, codes, references and empty fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from register.conformance.fault_list import declare_fault
from register.conformance.sample_delivery import Place, Sample, SampleDelivery, Setting
from register.feeds import Column, Table

NO_CODE = "no such code"
SHORTENED = "1.2E+11"
PLACEHOLDER = "N/A"
# After every day on which a kit is checked, and before every child in it was born.
FUTURE = "2090-06-01"
BEFORE_BIRTH = "2005-01-01"
TOO_EARLY = "1900-01-01"
# In this hour the clocks of London go forward.
SKIPPED = "2026-03-29T01:30"
RETURN = "authority_return"

Fits = Callable[[Table, Column], bool]


def is_date(column: Column) -> bool:
    """Return whether a column has dates or times."""
    return column.logicalType != "string"


def is_event(column: Column) -> bool:
    """Return whether a column has dates of events that are not the start of an absence."""
    custom = column.custom
    is_other = custom.is_birth or custom.is_absence_start or custom.allows_future_dates
    return is_date(column) and not (is_other or column.required or custom.is_in_any_format)


def has_birth(table: Table) -> bool:
    """Return whether the records of a table have a date of birth."""
    return any(column.custom.is_birth for column in table.properties)


def is_number(column: Column) -> bool:
    """Return whether a column has numbers that a record may lack."""
    custom = column.custom
    return bool(custom.number_of) and not (column.required or column.relationships)


def write_moment(delivery: SampleDelivery, place: Place, row: int, moment: datetime) -> None:
    """Write a date, or a date and time, into a column."""
    text = moment.isoformat(timespec="minutes") if place.column.logicalType == "timestamp" else ""
    delivery.change_record(
        place.table, row, **{place.column.name: text or moment.date().isoformat()}
    )


def _flag_value(setting: Setting, rule_code: str, fits: Fits, text: str) -> Sample | None:
    """Return a sample in which one value, written as it is, gets one flag."""
    delivery = setting.invent_delivery()
    place = delivery.find_place(fits)
    if place is None:
        return None
    delivery.write_text(place, 1, text)
    return delivery.build_sample(
        delivery.find_in_file(rule_code, place.table, 1, place.column.name)
    )


def _flag_date(setting: Setting, rule_code: str, fits: Fits, day: str) -> Sample | None:
    """Return a sample in which one date gets one flag."""
    delivery = setting.invent_delivery()
    place = delivery.find_place(fits)
    if place is None:
        return None
    write_moment(delivery, place, 1, datetime.fromisoformat(day))
    return delivery.build_sample(
        delivery.find_in_file(rule_code, place.table, 1, place.column.name)
    )


@declare_fault("impossible_date")
def _write_impossible_date(setting: Setting) -> Sample | None:
    layout = setting.layout
    form = layout.date_format.replace("%d", "31")
    text = datetime(2026, 2, 1).strftime(form)  # noqa: DTZ001 - a day without a place
    return _flag_value(
        setting,
        "impossible_date",
        lambda _, column: column.logicalType == "date" and not column.required,
        text,
    )


@declare_fault("skipped_time")
def _write_skipped_time(setting: Setting) -> Sample | None:
    has_times = any(part in setting.layout.moment_format for part in ("%H", "%I"))
    if not has_times or setting.layout.time_zone == "UTC":
        return None
    delivery = setting.invent_delivery()
    for name, sample in delivery.tables.items():
        for column in sample.table.properties:
            if column.logicalType == "timestamp" and column.custom.is_absence_start:
                delivery.change_record(name, 1, **{column.name: SKIPPED})
                finding = delivery.find_in_file("skipped_time", name, 1, column.name)
                return delivery.build_sample(finding)
    return None


@declare_fault("unmapped_code")
def _write_unmapped_code(setting: Setting) -> Sample | None:
    return _flag_value(
        setting, "unmapped_code", lambda _, column: bool(column.custom.code_map), NO_CODE
    )


@declare_fault("invalid_value")
def _write_invalid_value(setting: Setting) -> Sample | None:
    return _flag_value(
        setting, "invalid_value", lambda _, column: column.pattern is not None, "about twelve"
    )


@declare_fault("placeholder_number")
def _write_placeholder(setting: Setting) -> Sample | None:
    markers = {text.casefold() for text in setting.layout.null_texts}
    text = next(text for text in (PLACEHOLDER, "TBC", "--") if text.casefold() not in markers)
    return _flag_value(setting, "placeholder_number", lambda _, column: is_number(column), text)


@declare_fault("scientific_number")
def _write_shortened_number(setting: Setting) -> Sample | None:
    return _flag_value(setting, "scientific_number", lambda _, column: is_number(column), SHORTENED)


@declare_fault("date_in_future")
def _write_future_date(setting: Setting) -> Sample | None:
    return _flag_date(setting, "date_in_future", lambda _, column: is_event(column), FUTURE)


@declare_fault("date_before_birth")
def _write_date_before_birth(setting: Setting) -> Sample | None:
    return _flag_date(
        setting,
        "date_before_birth",
        lambda table, column: (
            has_birth(table) and is_event(column) and column.custom.end_of is None
        ),
        BEFORE_BIRTH,
    )


@declare_fault("date_too_early")
def _write_early_date(setting: Setting) -> Sample | None:
    if "%y" in setting.layout.date_format:
        return None
    return _flag_date(
        setting, "date_too_early", lambda _, column: column.custom.is_birth, TOO_EARLY
    )


def _end_before_start(
    setting: Setting, rule_code: str, gap: timedelta, fits: Fits
) -> Sample | None:
    """Return a sample with an end that is a time before its start."""
    delivery = setting.invent_delivery()
    place = delivery.find_place(fits)
    if place is None:
        return None
    start = delivery.tables[place.table].table.columns[str(place.column.custom.end_of)]
    write_moment(delivery, place, 1, datetime.fromisoformat(start.examples[0]) - gap)
    return delivery.build_sample(
        delivery.find_in_file(rule_code, place.table, 1, place.column.name)
    )


@declare_fault("end_long_before_start")
def _write_end_of_another_year(setting: Setting) -> Sample | None:
    return _end_before_start(
        setting,
        "end_long_before_start",
        timedelta(days=400),
        lambda _, column: column.custom.end_of is not None,
    )


@declare_fault("end_before_start")
def _write_early_end(setting: Setting) -> Sample | None:
    # Rule 567 of the return checks its ends.
    if setting.layout.feed == RETURN:
        return None
    return _end_before_start(
        setting,
        "end_before_start",
        timedelta(days=3),
        lambda table, column: (
            column.custom.end_of is not None
            and table.columns[column.custom.end_of].custom.is_absence_start
        ),
    )


@declare_fault("missing_required_value")
def _empty_required_value(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(lambda _, column: column.required)
    if place is None:
        return None
    delivery.write_text(place, 1, "")
    finding = delivery.lose_record("missing_required_value", place.table, 1, place.column.name)
    return delivery.build_sample(finding)


@declare_fault("repeated_record")
def _repeat_record(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda table, column: any(column.name == names[0] for names in table.identifying_columns)
    )
    if place is None:
        return None
    rows = delivery.tables[place.table].rows
    rows.append(list(rows[0]))
    return delivery.build_sample(
        *(
            delivery.find_in_file("repeated_record", place.table, row, place.column.name)
            for row in (0, len(rows) - 1)
        )
    )


@declare_fault("reused_reference")
def _reuse_reference(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda table, column: (
            column.custom.number_of == "reference"
            and column.required
            and any(item.custom.must_be_readable for item in table.properties)
        )
    )
    if place is None:
        return None
    for column in delivery.tables[place.table].table.properties:
        # Another absence: on other days.
        if column.logicalType == "timestamp" and column.examples:
            moment = datetime.fromisoformat(column.examples[0]) - timedelta(days=20)
            delivery.change_record(
                place.table, 1, **{column.name: moment.isoformat(timespec="minutes")}
            )
    delivery.write_text(place, 1, delivery.read_text(place, 0))
    return delivery.build_sample(
        *(
            delivery.find_in_file("reused_reference", place.table, row, place.column.name)
            for row in (0, 1)
        )
    )


@declare_fault("conflicting_number")
def _share_number(setting: Setting) -> Sample | None:
    """Give two persons one number. In a table that requires the number, records would be lost."""
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda table, column: (
            column.custom.number_of == "person" and is_number(column) and "surname" in table.columns
        )
    )
    if place is None:
        return None
    delivery.change_record(place.table, 1, forenames="Bartholomew", surname="Sampleton")
    delivery.change_record(place.table, 1, dob="2010-11-12")
    delivery.write_text(place, 1, delivery.read_text(place, 0))
    return delivery.build_sample(
        *(
            delivery.find_in_file("conflicting_number", place.table, row, place.column.name)
            for row in (0, 1)
        )
    )
