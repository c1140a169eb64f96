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
from interfaces.web.api_tokens import add_token, read_tokens, remove_token
from interfaces.web.app import create_app
from interfaces.web.check_app import create_check_app
from interfaces.web.check_page import render_check, render_check_file
from interfaces.web.release_work import ReleaseWork, perform_work
from interfaces.web.upload_checks import UploadCheck, perform_check
from interfaces.web.upload_landing import perform_landing
from interfaces.web.uploads import Upload

__all__ = [
    "AccountError",
    "ReleaseWork",
    "Upload",
    "UploadCheck",
    "add_account",
    "add_token",
    "create_app",
    "create_check_app",
    "find_accounts_fault",
    "perform_check",
    "perform_landing",
    "perform_work",
    "read_accounts",
    "read_tokens",
    "remove_account",
    "remove_token",
    "render_check",
    "render_check_file",
    "set_password",
]
