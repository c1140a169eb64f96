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
from interfaces.web.check_page import render_check, render_check_file
from interfaces.web.release_work import ReleaseWork, perform_work

__all__ = [
    "AccountError",
    "ReleaseWork",
    "add_account",
    "create_app",
    "find_accounts_fault",
    "perform_work",
    "read_accounts",
    "remove_account",
    "render_check",
    "render_check_file",
    "set_password",
]
