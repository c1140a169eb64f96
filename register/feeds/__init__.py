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

from register.feeds.assignments import find_layout_faults
from register.feeds.contract import Column, Contract, Table, load_contracts
from register.feeds.dates import format_instant
from register.feeds.delivery import (
    Delivery,
    InboxDelivery,
    SourceFile,
    TableCount,
)
from register.feeds.delivery_check import CheckedDelivery, check_delivery
from register.feeds.delivery_rules import Breach, Rejection
from register.feeds.erase_delivery import erase_in_landing, find_in_inbox, remove_from_inbox
from register.feeds.erased_rows import list_landed_persons
from register.feeds.fault_groups import group_faults
from register.feeds.feedback import FeedbackLine, describe_value_form
from register.feeds.file_names import find_delivered_name
from register.feeds.inbox import InboxState, note_copies, read_inbox_state
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import DeliveryNameError, Inbox
from register.feeds.integrity import COPY_FAULT, examine_landing
from register.feeds.landing import LandingFailedError, LandingSummary, land_everything
from register.feeds.lateness import find_late_deliveries, match_expected_deliveries
from register.feeds.layout import Layout, LayoutError, list_sheet_names, load_usable_layouts
from register.feeds.layout_check import (
    ColumnReport,
    LayoutReport,
    PeriodError,
    TableReport,
    check_layout,
)
from register.feeds.layout_sample import (
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
from register.feeds.messages import count_unsent, send_message
from register.feeds.outbox import FEEDBACK_COLUMNS, fill_outbox, format_feedback, join_feedback
from register.feeds.postcodes import land_postcodes, land_postcodes_in_background
from register.feeds.raw_copies import encrypt_raw_folder, list_raw_folders, read_raw_copies
from register.feeds.readers import WORKBOOKS, read_delimited_record, read_sheet_row, unpack_archive
from register.feeds.receipt_keys import ReceiptKeyError, list_public_keys
from register.feeds.receipts import (
    RECEIPTS,
    Receipt,
    ReceiptError,
    SignedReceipt,
    find_changed_receipts,
    find_missing_receipts,
    list_receipts,
    read_receipt,
    verify_receipt,
)
from register.feeds.retention import find_expired, load_retention_terms, remove_content
from register.feeds.seeds import FeedbackRule, list_feed_rules, read_code_meanings

__all__ = [
    "COPY_FAULT",
    "ENTRY_NAME",
    "FEEDBACK_COLUMNS",
    "HOLDS_FILE",
    "RECEIPTS",
    "WORKBOOKS",
    "Breach",
    "CheckedDelivery",
    "Column",
    "ColumnReport",
    "Contract",
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
    "LayoutError",
    "LayoutReport",
    "LedgerError",
    "ManifestError",
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
    "check_delivery",
    "check_layout",
    "count_unsent",
    "decide_delivery",
    "describe_value_form",
    "encrypt_raw_folder",
    "erase_in_landing",
    "examine_landing",
    "fill_outbox",
    "find_changed_receipts",
    "find_delivered_name",
    "find_expired",
    "find_in_inbox",
    "find_late_deliveries",
    "find_layout_faults",
    "find_missing_receipts",
    "format_feedback",
    "format_instant",
    "group_faults",
    "invent_record",
    "is_history_derived",
    "join_feedback",
    "judge_deliveries",
    "land_everything",
    "land_postcodes",
    "land_postcodes_in_background",
    "list_feed_rules",
    "list_landed_folders",
    "list_landed_persons",
    "list_layout_tables",
    "list_public_keys",
    "list_raw_folders",
    "list_receipts",
    "list_sheet_names",
    "list_written_columns",
    "load_contracts",
    "load_retention_terms",
    "load_usable_layouts",
    "match_expected_deliveries",
    "name_file",
    "note_copies",
    "open_inbox",
    "read_code_meanings",
    "read_delimited_record",
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
    "select_used_deliveries",
    "send_message",
    "unpack_archive",
    "verify_receipt",
    "withdraw_delivery",
    "write_entry",
    "write_history",
    "write_manifest",
]
