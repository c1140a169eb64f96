"""`register web`: one application on the loopback address for the work that needs hands.

It reads the published generation and writes what the terminal writes: the files of decisions.
What is decided, and what a decision means, belongs to `register`; the quality site's pages belong
to `expectations`. Nothing here reads the warehouse.
"""

from interfaces.web.access_log import AccessLogError, read_log, restart_log, verify_log
from interfaces.web.accounts import (
    AccountError,
    accounts_fault,
    add_account,
    read_accounts,
    remove_account,
    set_password,
)
from interfaces.web.app import create_app

__all__ = [
    "AccessLogError",
    "AccountError",
    "accounts_fault",
    "add_account",
    "create_app",
    "read_accounts",
    "read_log",
    "remove_account",
    "restart_log",
    "set_password",
    "verify_log",
]
