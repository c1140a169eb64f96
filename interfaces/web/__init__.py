"""The web application `register web`: review, case lists, deliveries, audit, outbox, access log.

It reads the published generation and writes the same decision files as the terminal. The rules of
decisions belong in `register`, and pages of figures in `interfaces.quality_site`.
"""

from interfaces.web.access_log import AccessLogError, read_log, restart_log, verify_log
from interfaces.web.accounts import (
    AccountError,
    add_account,
    find_accounts_fault,
    read_accounts,
    remove_account,
    set_password,
)
from interfaces.web.app import create_app

__all__ = [
    "AccessLogError",
    "AccountError",
    "add_account",
    "create_app",
    "find_accounts_fault",
    "read_accounts",
    "read_log",
    "remove_account",
    "restart_log",
    "set_password",
    "verify_log",
]
