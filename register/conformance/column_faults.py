"""Faults of whole columns and of whole deliveries, for which a delivery is rejected or held."""

from __future__ import annotations

from datetime import date

from register.conformance.fault_list import declare_fault
from register.conformance.sample_delivery import (
    RECORDS,
    VERSION_TABLE,
    ExpectedFinding,
    Place,
    Sample,
    SampleDelivery,
    Setting,
)
from register.conformance.value_faults import NO_CODE, SHORTENED, is_date, is_event, is_number
from register.feeds import Column, Table

# So many records prove that a column is wrong, and that an empty column is no chance.
MANY = 6
MANY_MORE = 24
NO_DATE = "not known yet"
NEW_HEADING = "Shoe size"
EXTRACT = "authority_extract"


def _break_column(
    setting: Setting, rules: tuple[str, str], place: Place | None, text: str, count: int
) -> Sample | None:
    """Return a sample in which a text breaks each value of a column, and so the column.

    `rules` are the rule about the column, and the one about each value.
    """
    if place is None:
        return None
    delivery = setting.invent_delivery(count)
    for row in range(count):
        delivery.write_text(place, row, text)
    of_column, of_value = rules
    findings = [delivery.find_in_file(of_column, place.table, None, place.column.name)]
    findings += [
        delivery.find_in_file(of_value, place.table, row, place.column.name) for row in range(count)
    ]
    return delivery.build_sample(*findings)


@declare_fault("unreadable_dates")
def _write_no_dates(setting: Setting) -> Sample | None:
    place = setting.invent_delivery(1).find_place(lambda _, column: is_event(column))
    return _break_column(setting, ("unreadable_dates", "impossible_date"), place, NO_DATE, MANY)


@declare_fault("unknown_codes")
def _write_no_codes(setting: Setting) -> Sample | None:
    place = setting.invent_delivery(1).find_place(lambda _, column: bool(column.custom.code_map))
    return _break_column(setting, ("unknown_codes", "unmapped_code"), place, NO_CODE, MANY)


@declare_fault("unusable_numbers")
def _write_no_numbers(setting: Setting) -> Sample | None:
    place = setting.invent_delivery(1).find_place(lambda _, column: is_number(column))
    rules = ("unusable_numbers", "scientific_number")
    return _break_column(setting, rules, place, SHORTENED, MANY)


@declare_fault("unlinked_persons")
def _name_other_persons(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda _, column: column.custom.number_of == "person" and bool(column.relationships)
    )
    if place is None:
        return None
    for row in range(RECORDS):
        delivery.write_text(place, row, f"another{row}")
    return delivery.build_sample(
        delivery.find_in_file("unlinked_persons", place.table, None, place.column.name)
    )


@declare_fault("unreadable_starts")
def _write_no_starts(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery(MANY)
    place = delivery.find_place(
        lambda _, column: column.custom.must_be_readable and not column.required
    )
    if place is None:
        return None
    for row in range(MANY):
        delivery.write_text(place, row, NO_DATE)
    # The rejection stands for the faults of its single values.
    return delivery.build_sample(
        delivery.find_in_file("unreadable_starts", place.table, None, place.column.name)
    )


@declare_fault("day_month_swapped")
def _swap_day_and_month(setting: Setting) -> Sample | None:
    form = setting.layout.date_format
    if "%d" not in form or "%m" not in form:
        return None
    place = setting.invent_delivery(1).find_place(lambda _, column: column.custom.is_birth)
    if place is None:
        return None
    delivery = setting.invent_delivery(MANY)
    swapped = form.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    findings = [delivery.find_in_file("day_month_swapped", place.table, None, place.column.name)]
    for row in range(MANY):
        delivery.write_text(place, row, date(2012, 3, 13 + row).strftime(swapped))
        findings.append(
            delivery.find_in_file("impossible_date", place.table, row, place.column.name)
        )
    return delivery.build_sample(*findings)


@declare_fault("empty_column")
def _empty_column(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery(1)
    place = delivery.find_place(
        lambda _, column: (
            not column.required
            and (column.custom.is_never_all_empty or column.name in _list_expected(setting))
        )
    )
    if place is None:
        return None
    delivery.tables[place.table] = setting.invent_delivery(MANY_MORE).tables[place.table]
    for row in range(MANY_MORE):
        delivery.write_text(place, row, "")
    return delivery.build_sample(
        delivery.find_in_file("empty_column", place.table, None, place.column.name)
    )


def _list_expected(setting: Setting) -> set[str]:
    """Return the fields of the columns that each file in a layout of its own must have."""
    return {column.field for column in setting.layout.columns if column.is_required}


def _lose_records(delivery: SampleDelivery, place: Place, count: int) -> list[ExpectedFinding]:
    """Empty a required value in the first `count` records of a table; return the findings."""
    findings = []
    for row in range(count):
        delivery.write_text(place, row, "")
        findings.append(
            delivery.lose_record("missing_required_value", place.table, row, place.column.name)
        )
    return findings


@declare_fault("many_quarantined")
def _lose_many_records(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery(MANY)
    place = delivery.find_place(lambda _, column: column.required)
    if place is None:
        return None
    findings = _lose_records(delivery, place, MANY // 2)
    return delivery.build_sample(delivery.find_in_file("many_quarantined", place.table), *findings)


@declare_fault("nothing_landed")
def _lose_all_records(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery(2)
    place = delivery.find_place(lambda _, column: column.required)
    if place is None or len(delivery.tables) > 1:
        return None
    findings = _lose_records(delivery, place, 2)
    return delivery.build_sample(
        delivery.find_in_file("nothing_landed", place.table, 0, place.column.name), *findings
    )


@declare_fault("outside_period")
def _send_other_period(setting: Setting) -> Sample | None:
    """Return records of another period. An extract is judged by the day on which it was made."""
    delivery = setting.invent_delivery(MANY)
    if setting.layout.feed == EXTRACT:
        delivery.change_record(VERSION_TABLE, 0, extracted_at="2026-01-05T06:00")
        finding = delivery.find_in_file("outside_period", VERSION_TABLE, None, "extracted_at")
        return delivery.build_sample(finding)
    has_dates = any(is_date(c) for t in delivery.tables.values() for c in t.table.properties)
    if not has_dates:
        return None
    sample = delivery.build_sample(ExpectedFinding("outside_period"))
    return Sample(
        sample.files,
        sample.findings,
        sample.landed_row_count,
        period=_find_period_before(setting.period),
    )


def _find_period_before(period: str) -> str:
    """Return an earlier month or collection year."""
    first, second = period.split("-")
    if 1 < int(second) <= 12:
        return f"{first}-{int(second) - 1:02d}"
    return f"{int(first) - 1}-{int(second) - 1:02d}"


@declare_fault("swapped_columns")
def _swap_columns(setting: Setting) -> Sample | None:
    """Swap the values of a column of codes with those of the dates of birth."""
    delivery = setting.invent_delivery(MANY)
    birth = delivery.find_place(lambda _, column: column.custom.is_birth)
    codes = birth and delivery.find_place(
        lambda table, column: table.name == birth.table and bool(column.custom.code_map)
    )
    if birth is None or codes is None:
        return None
    for row in range(MANY):
        texts = delivery.read_text(birth, row), delivery.read_text(codes, row)
        delivery.write_text(codes, row, texts[0])
        delivery.write_text(birth, row, texts[1])
    return delivery.build_sample(
        *(
            _find_in_heading(delivery, "swapped_columns", place.table, place.column.name)
            for place in (birth, codes)
        )
    )


def _find_in_heading(
    delivery: SampleDelivery, rule_code: str, table: str, field: str
) -> ExpectedFinding:
    return delivery.find_in_file(rule_code, table, -1, field)


def _is_required(setting: Setting, table: Table, column: Column) -> bool:
    """Return whether a file must have the column, although its values may be empty."""
    if setting.layout.columns:
        return column.name in _list_expected(setting) and not column.required
    return column.is_required_in(setting.period) and not column.required


@declare_fault("missing_required_column")
def _drop_column(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(
        lambda table, column: (
            _is_required(setting, table, column) and not column.custom.must_be_readable
        )
    )
    if place is None:
        return None
    sample = delivery.tables[place.table]
    position = sample.headings.index(place.heading)
    for cells in (sample.headings, *sample.rows):
        del cells[position]
    return delivery.build_sample(
        _find_in_heading(delivery, "missing_required_column", place.table, place.column.name)
    )


@declare_fault("duplicate_column")
def _double_column(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    place = delivery.find_place(lambda table, column: _is_required(setting, table, column))
    if place is None:
        return None
    sample = delivery.tables[place.table]
    position = sample.headings.index(place.heading)
    for cells in (sample.headings, *sample.rows):
        cells.insert(position, cells[position])
    return delivery.build_sample(
        _find_in_heading(delivery, "duplicate_column", place.table, place.column.name)
    )


@declare_fault("unknown_column")
def _add_column(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    name, sample = next(iter(delivery.tables.items()))
    sample.headings.append(NEW_HEADING)
    for cells in sample.rows:
        cells.append("37")
    position = f"column {len(sample.headings)} ({len(NEW_HEADING)} characters)"
    return delivery.build_sample(_find_in_heading(delivery, "unknown_column", name, position))


@declare_fault("too_many_columns", is_of_layout=False)
def _add_many_columns(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery(1)
    name, sample = next(iter(delivery.tables.items()))
    # One more than is allowed unless agreed otherwise.
    added = 1001 - len(sample.headings)
    sample.headings += [f"x{number}" for number in range(added)]
    sample.rows[0] += [""] * (added - 1) + ["1"]
    finding = _find_in_heading(delivery, "too_many_columns", name, "")
    return delivery.build_sample(ExpectedFinding(finding.rule_code, finding.file, finding.line))


@declare_fault("no_layout", is_of_layout=False)
def _name_other_system(setting: Setting) -> Sample | None:
    delivery = setting.invent_delivery()
    if VERSION_TABLE not in delivery.tables:
        return None
    sample = delivery.tables[VERSION_TABLE]
    sample.rows[0][sample.headings.index("case_system")] = "No such system"
    return delivery.build_sample(
        ExpectedFinding("no_layout", delivery.name_file(VERSION_TABLE), "2", column="case_system")
    )


@declare_fault("wide_table")
def _write_wide_table(setting: Setting) -> Sample | None:
    if setting.layout.feed != "published_statistics":
        return None
    delivery = setting.invent_delivery(2)
    (name,) = delivery.tables
    text = (
        "time_period,time_identifier,geographic_level,country_code,country_name,cla_missing,"
        "cla_missing_percent,incidents\n"
        "202425,Financial year,National,E92000001,England,11530,11,70250\n"
        "202526,Financial year,National,E92000001,England,11930,11,73000\n"
    )
    return delivery.build_sample(
        _find_in_heading(delivery, "wide_table", name, ""),
        files={delivery.name_file(name): text.encode()},
    )
