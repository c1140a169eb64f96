"""The rules about deliveries: their codes, their findings, and the exception for a rejection.

Titles and corrections are in the seed `ref__delivery_rules`. The rules of the statutory return
(564, 567 ...) concern children's records and belong in the dbt project.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from register.feeds.layout import Layout


class Rule(StrEnum):
    """The codes of the rules, as in the seed `ref__delivery_rules`."""

    EMPTY_FILE = "empty_file"
    HEADER_ONLY = "header_only"
    MISSING_FILE = "missing_file"
    UNKNOWN_FILE = "unknown_file"
    UNREADABLE_FILE = "unreadable_file"
    NOT_A_FILE = "not_a_file"
    UNFINISHED_FILE = "unfinished_file"
    TOO_LARGE = "too_large"
    LONG_LINE = "long_line"
    TOO_MANY_COLUMNS = "too_many_columns"
    WORKER_DIED = "worker_died"
    UNREAD_ARCHIVE = "unread_archive"
    UNREAD_FORM = "unread_form"
    WORKBOOK_FOR_TEXT = "workbook_for_text"
    TEXT_FOR_WORKBOOK = "text_for_workbook"
    TITLE_LINES = "title_lines"
    OTHER_SEPARATOR = "other_separator"
    UNKNOWN_SHEET = "unknown_sheet"
    FURTHER_SHEET = "further_sheet"
    NOT_A_ZIP = "not_a_zip"
    TRUNCATED_ZIP = "truncated_zip"
    UNSUPPORTED_ZIP = "unsupported_zip"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a rule
    PATH_TRAVERSAL = "path_traversal"
    ZIP_BOMB = "zip_bomb"
    XML_ENTITIES = "xml_entities"
    MALFORMED_XML = "malformed_xml"
    XML_TOO_LARGE = "xml_too_large"
    MISPLACED_RECORD = "misplaced_record"
    MODULE_IN_TWO_FORMS = "module_in_two_forms"
    UNREADABLE_WORKBOOK = "unreadable_workbook"
    MISSING_SHEET = "missing_sheet"
    WRONG_ENCODING = "wrong_encoding"
    NUL_BYTES = "nul_bytes"
    UNKNOWN_SUPPLIER = "unknown_supplier"
    UNKNOWN_FEED = "unknown_feed"
    MALFORMED_PERIOD = "malformed_period"
    FUTURE_PERIOD = "future_period"
    NO_LAYOUT = "no_layout"
    MISSING_REQUIRED_COLUMN = "missing_required_column"
    WIDE_TABLE = "wide_table"
    DUPLICATE_COLUMN = "duplicate_column"
    SWAPPED_COLUMNS = "swapped_columns"
    UNKNOWN_COLUMN = "unknown_column"
    UNCLOSED_QUOTE = "unclosed_quote"
    WRONG_FIELD_COUNT = "wrong_field_count"
    TOTAL_ROW = "total_row"
    EMPTY_ROW = "empty_row"
    UNLISTED_TEXT = "unlisted_text"
    UNKNOWN_RECORD_TYPE = "unknown_record_type"
    UNJOINED_LINE = "unjoined_line"
    MISSING_REQUIRED_VALUE = "missing_required_value"
    IMPOSSIBLE_DATE = "impossible_date"
    SKIPPED_TIME = "skipped_time"
    UNMAPPED_CODE = "unmapped_code"
    ABSENCE_BEFORE_BIRTH = "absence_before_birth"
    ABSENCE_IN_FUTURE = "absence_in_future"
    ABSENCE_OUTSIDE_YEARS = "absence_outside_years"
    INVALID_VALUE = "invalid_value"
    MISSING_FOOTER = "missing_footer"
    FOOTER_MISMATCH = "footer_mismatch"
    NOTHING_LANDED = "nothing_landed"
    UNREADABLE_STARTS = "unreadable_starts"
    DAY_MONTH_SWAPPED = "day_month_swapped"
    UNREADABLE_DATES = "unreadable_dates"
    UNKNOWN_CODES = "unknown_codes"
    EMPTY_COLUMN = "empty_column"
    MANY_QUARANTINED = "many_quarantined"
    OUTSIDE_PERIOD = "outside_period"
    MANIFEST_INVALID = "manifest_invalid"
    MANIFEST_CONTENT = "manifest_content"
    MANIFEST_ROWS = "manifest_rows"
    MANIFEST_TOTALS = "manifest_totals"
    MANIFEST_MISSING_FILE = "manifest_missing_file"
    MANIFEST_UNLISTED_FILE = "manifest_unlisted_file"
    SHRUNK_DELIVERY = "shrunk_delivery"
    UNLINKED_PERSONS = "unlinked_persons"
    LOST_VALUES = "lost_values"
    OVERLAPPING_DELIVERY = "overlapping_delivery"
    SUPERSEDED_ON_ARRIVAL = "superseded_on_arrival"
    DATE_IN_FUTURE = "date_in_future"
    DATE_BEFORE_BIRTH = "date_before_birth"
    DATE_TOO_EARLY = "date_too_early"
    END_LONG_BEFORE_START = "end_long_before_start"
    END_BEFORE_START = "end_before_start"
    REPEATED_RECORD = "repeated_record"
    REUSED_REFERENCE = "reused_reference"
    UNCLEAR_CORRECTION = "unclear_correction"
    PLACEHOLDER_NUMBER = "placeholder_number"
    SCIENTIFIC_NUMBER = "scientific_number"
    CONFLICTING_NUMBER = "conflicting_number"
    UNUSABLE_NUMBERS = "unusable_numbers"


# The rules about a delivery's manifest; each holds the delivery.
MANIFEST_RULES = frozenset(rule for rule in Rule if rule.name.startswith("MANIFEST_"))


@dataclass(frozen=True)
class Finding:
    """A broken rule and its place: safe file name, line, column and table. It contains no value.

    `is_quarantined` is true if the record did not land because of this finding.
    """

    rule: Rule
    file: str | None = None
    line: int | None = None
    column: str | None = None
    table: str | None = None
    is_quarantined: bool = False


@dataclass(frozen=True)
class Breach:
    """A record of a current delivery that breaks one of the published register's rules."""

    rule_code: str
    delivery_id: str
    file: str
    line: int | None
    column: str | None
    table: str | None


class Rejection(Exception):  # noqa: N818 - an outcome, not a fault of the program
    """The rejection of a whole delivery, for the reason in `finding`.

    `layout` is the layout that the rejected file was expected to have, if known.
    """

    layout: Layout | None = None

    def __init__(
        self,
        rule: Rule,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        table: str | None = None,
    ) -> None:
        super().__init__(rule.value)
        self.finding = Finding(rule, file, line, column, table)
