"""Feeds: what suppliers deliver, and how it is landed unaltered but normalised.

One delivery goes one way, and each step is one module:

    read    inbox.py            bytes from the inbox               RawDelivery
    parse   parse_delivery.py   files to checked, landed tables    ParsedDelivery
    stage   stage_delivery.py   a finished folder, not in place    StagedDelivery
    commit  landing.py          the folder renamed into landing    Delivery

What each feed's columns are is in `contracts/`, how each system writes them in `layouts/`. What
the rows *mean* (conformed codes, identity, episodes) belongs in the dbt project. This file is the
door: code outside the package imports from here alone.
"""

from register.feeds.assignments import layout_faults
from register.feeds.contract import Column, Contract, Table, load_contracts
from register.feeds.dates import as_instant
from register.feeds.delivery import (
    Delivery,
    InboxDelivery,
    SourceFile,
    TableCount,
)
from register.feeds.delivery_check import CheckedDelivery, check_delivery
from register.feeds.delivery_rules import Breach, Rejection
from register.feeds.feedback import form_of_values
from register.feeds.file_names import delivered_name
from register.feeds.inbox import inbox_state
from register.feeds.integrity import examine_landing
from register.feeds.landing import LandingFailedError, LandingSummary, land_everything
from register.feeds.lateness import late_deliveries
from register.feeds.layout import Layout, LayoutError, sheet_names, usable_layouts
from register.feeds.layout_check import (
    ColumnReport,
    LayoutReport,
    PeriodError,
    TableReport,
    check_layout,
)
from register.feeds.layout_sample import (
    columns_of,
    file_bytes,
    file_name,
    sample_record,
    tables_of,
)
from register.feeds.ledger import (
    ENTRY_NAME,
    HOLDS_FILE,
    LedgerError,
    decide_delivery,
    decided_deliveries,
    is_history_derived,
    landed_folders,
    read_ledger,
    reinstate_delivery,
    withdraw_delivery,
    withdrawn_deliveries,
    write_entry,
    write_history,
)
from register.feeds.outbox import FEEDBACK_COLUMNS, as_csv, fill_outbox, joined_feedback
from register.feeds.postcodes import land_postcodes, landing_postcodes
from register.feeds.readers import WORKBOOKS, delimited_record, sheet_row, unpack
from register.feeds.seeds import ToldRule, code_meanings, feed_rules

__all__ = [
    "ENTRY_NAME",
    "FEEDBACK_COLUMNS",
    "HOLDS_FILE",
    "WORKBOOKS",
    "Breach",
    "CheckedDelivery",
    "Column",
    "ColumnReport",
    "Contract",
    "Delivery",
    "InboxDelivery",
    "LandingFailedError",
    "LandingSummary",
    "Layout",
    "LayoutError",
    "LayoutReport",
    "LedgerError",
    "PeriodError",
    "Rejection",
    "SourceFile",
    "Table",
    "TableCount",
    "TableReport",
    "ToldRule",
    "as_csv",
    "as_instant",
    "check_delivery",
    "check_layout",
    "code_meanings",
    "columns_of",
    "decide_delivery",
    "decided_deliveries",
    "delimited_record",
    "delivered_name",
    "examine_landing",
    "feed_rules",
    "file_bytes",
    "file_name",
    "fill_outbox",
    "form_of_values",
    "inbox_state",
    "is_history_derived",
    "joined_feedback",
    "land_everything",
    "land_postcodes",
    "landed_folders",
    "landing_postcodes",
    "late_deliveries",
    "layout_faults",
    "load_contracts",
    "read_ledger",
    "reinstate_delivery",
    "sample_record",
    "sheet_names",
    "sheet_row",
    "tables_of",
    "unpack",
    "usable_layouts",
    "withdraw_delivery",
    "withdrawn_deliveries",
    "write_entry",
    "write_history",
]
