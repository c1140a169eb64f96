"""Feeds: how suppliers' deliveries are read, normalised, checked and landed.

A delivery goes through four steps, each in one module:

    read    inbox.py            bytes from the inbox               RawDelivery
    parse   parse_delivery.py   files become checked tables        ParsedDelivery
    stage   stage_delivery.py   a finished folder, not in place    StagedDelivery
    commit  landing.py          the folder renamed into landing    Delivery

`contracts/` defines the columns of each feed, and `layouts/` how each system writes them. The
meaning of the rows (conformed codes, identity, episodes) belongs in the dbt project. Code outside
the package imports only from this file.
"""

from register.feeds.absence_lists import (
    ABSENCE_COLUMNS,
    ABSENCE_LIST,
    AbsenceLine,
    build_list_rows,
    format_absence_list,
    write_absence_lists,
)
from register.feeds.assignments import find_layout_faults, find_layout_supplier
from register.feeds.contract import Column, Contract, Table, find_contract_file, load_contracts
from register.feeds.dates import format_instant
from register.feeds.deliverable_periods import (
    DeliverablePeriod,
    find_period_fault,
    list_deliverable_periods,
    list_supplier_feeds,
    rank_period,
)
from register.feeds.delivery import (
    Delivery,
    InboxDelivery,
    SourceFile,
    TableCount,
)
from register.feeds.delivery_check import CheckedDelivery, check_delivery, check_files
from register.feeds.delivery_rules import Breach, Rejection
from register.feeds.erase_delivery import erase_in_landing, find_in_inbox, remove_from_inbox
from register.feeds.erased_rows import list_landed_persons
from register.feeds.fault_groups import group_faults
from register.feeds.feedback import FeedbackLine, describe_value_form
from register.feeds.file_names import find_delivered_name
from register.feeds.inbox import InboxState, note_copies, read_inbox_state
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import (
    DeliveryNameError,
    Inbox,
    is_ignored,
    is_unfinished,
)
from register.feeds.integrity import COPY_FAULT, examine_landing
from register.feeds.landed_places import find_landed_delivery, is_landing_locked
from register.feeds.landing import (
    LandingFailedError,
    LandingSummary,
    land_everything,
    reread_delivery,
)
from register.feeds.lateness import find_late_deliveries, match_expected_deliveries
from register.feeds.layout import (
    Layout,
    LayoutColumn,
    LayoutError,
    list_sheet_names,
    load_sample_layouts,
    load_usable_layouts,
)
from register.feeds.layout_check import (
    ColumnReport,
    LayoutReport,
    PeriodError,
    TableReport,
    check_layout,
)
from register.feeds.layout_draft import NoSampleError, draft_layout
from register.feeds.layout_sample import (
    EXAMPLE_PERIODS,
    invent_record,
    list_layout_tables,
    list_written_columns,
    name_file,
    render_file,
)
from register.feeds.ledger import (
    ENTRY_NAME,
    HOLDS_FILE,
    LedgerError,
    decide_delivery,
    is_history_derived,
    judge_deliveries,
    list_landed_folders,
    read_entry,
    read_hold_decisions,
    read_ledger,
    read_withdrawals,
    reinstate_delivery,
    select_used_deliveries,
    withdraw_delivery,
    write_entry,
    write_history,
)
from register.feeds.manifest_file import DeliveryPlace, ManifestError, write_manifest
from register.feeds.messages import send_message
from register.feeds.outbox import FEEDBACK_COLUMNS, fill_outbox, format_feedback, join_feedback
from register.feeds.postcodes import land_postcodes, land_postcodes_in_background
from register.feeds.raw_copies import encrypt_raw_folder, list_raw_folders, read_raw_copies
from register.feeds.readers import (
    RECORD_TABLES,
    WORKBOOKS,
    find_file_of_sheet,
    find_sheet_name,
    read_delimited_record,
    read_sheet_row,
    unpack_archive,
)
from register.feeds.receipt_checks import describe_changed_receipts, find_receipt_fault
from register.feeds.receipt_keys import ReceiptKeyError, list_public_keys
from register.feeds.receipts import (
    RECEIPTS,
    Receipt,
    ReceiptError,
    SignedReceipt,
    list_receipts,
    read_receipt,
    verify_receipt,
)
from register.feeds.reminders import list_escalations, list_reminders, send_reminders
from register.feeds.retention import find_expired, load_retention_terms, remove_content
from register.feeds.seeds import FeedbackRule, list_feed_rules, read_code_meanings

__all__ = [
    "ABSENCE_COLUMNS",
    "ABSENCE_LIST",
    "COPY_FAULT",
    "ENTRY_NAME",
    "EXAMPLE_PERIODS",
    "FEEDBACK_COLUMNS",
    "HOLDS_FILE",
    "RECEIPTS",
    "RECORD_TABLES",
    "WORKBOOKS",
    "AbsenceLine",
    "Breach",
    "CheckedDelivery",
    "Column",
    "ColumnReport",
    "Contract",
    "DeliverablePeriod",
    "Delivery",
    "DeliveryNameError",
    "DeliveryPlace",
    "FeedbackLine",
    "FeedbackRule",
    "Inbox",
    "InboxDelivery",
    "InboxState",
    "LandingFailedError",
    "LandingSummary",
    "Layout",
    "LayoutColumn",
    "LayoutError",
    "LayoutReport",
    "LedgerError",
    "ManifestError",
    "NoSampleError",
    "PeriodError",
    "Receipt",
    "ReceiptError",
    "ReceiptKeyError",
    "Rejection",
    "SignedReceipt",
    "SourceFile",
    "Table",
    "TableCount",
    "TableReport",
    "build_list_rows",
    "check_delivery",
    "check_files",
    "check_layout",
    "decide_delivery",
    "describe_changed_receipts",
    "describe_value_form",
    "draft_layout",
    "encrypt_raw_folder",
    "erase_in_landing",
    "examine_landing",
    "fill_outbox",
    "find_contract_file",
    "find_delivered_name",
    "find_expired",
    "find_file_of_sheet",
    "find_in_inbox",
    "find_landed_delivery",
    "find_late_deliveries",
    "find_layout_faults",
    "find_layout_supplier",
    "find_period_fault",
    "find_receipt_fault",
    "find_sheet_name",
    "format_absence_list",
    "format_feedback",
    "format_instant",
    "group_faults",
    "invent_record",
    "is_history_derived",
    "is_ignored",
    "is_landing_locked",
    "is_unfinished",
    "join_feedback",
    "judge_deliveries",
    "land_everything",
    "land_postcodes",
    "land_postcodes_in_background",
    "list_deliverable_periods",
    "list_escalations",
    "list_feed_rules",
    "list_landed_folders",
    "list_landed_persons",
    "list_layout_tables",
    "list_public_keys",
    "list_raw_folders",
    "list_receipts",
    "list_reminders",
    "list_sheet_names",
    "list_supplier_feeds",
    "list_written_columns",
    "load_contracts",
    "load_retention_terms",
    "load_sample_layouts",
    "load_usable_layouts",
    "match_expected_deliveries",
    "name_file",
    "note_copies",
    "open_inbox",
    "rank_period",
    "read_code_meanings",
    "read_delimited_record",
    "read_entry",
    "read_hold_decisions",
    "read_inbox_state",
    "read_ledger",
    "read_raw_copies",
    "read_receipt",
    "read_sheet_row",
    "read_withdrawals",
    "reinstate_delivery",
    "remove_content",
    "remove_from_inbox",
    "render_file",
    "reread_delivery",
    "select_used_deliveries",
    "send_message",
    "send_reminders",
    "unpack_archive",
    "verify_receipt",
    "withdraw_delivery",
    "write_absence_lists",
    "write_entry",
    "write_history",
    "write_manifest",
]
