"""The web application `register web`: review, case lists, deliveries, audit, outbox, access record.

It reads the published generation and writes the same decision files as the terminal. The rules of
decisions belong in `register`, and pages of figures in `interfaces.quality_site`.
"""

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
    "AccountError",
    "add_account",
    "create_app",
    "find_accounts_fault",
    "read_accounts",
    "remove_account",
    "set_password",
]
