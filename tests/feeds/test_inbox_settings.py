"""Settings of inboxes: their addresses, their secrets, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from register.feeds import inbox_storage, object_inbox, open_inbox, read_inbox_state, remote_inbox
from register.home_status import read_home_status
from register.settings import SettingsError, load_settings
from register.storage_settings import InboxUnreachableError
from tests.feeds.deliveries import COMPACT
from tests.feeds.remote_homes import SECRET, RemoteStore
from tests.feeds.sftp_server import MISSING, SSHD, running_sftp_server

FEED = "police_reports"


def test_a_server_with_another_key_gets_no_credentials(tmp_path: Path) -> None:
    """Prevents a stranger's server from receiving deliveries or a password."""
    if SSHD is None:
        pytest.skip(MISSING)
    with running_sftp_server(tmp_path / "server") as server:
        (server.folder / "known_hosts").write_text("", encoding="utf-8")
        store = RemoteStore(server.address, server.options, server)
        home = store.make_home(tmp_path / "home")
        with pytest.raises(InboxUnreachableError):
            list(open_inbox(home.settings).list_files())
        assert "Accepted" not in (server.folder / "log").read_text(encoding="utf-8")


def test_status_says_that_the_inbox_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the page *Status* from failing with the inbox, and from hiding that it does."""
    monkeypatch.setattr(remote_inbox, "PAUSES", ())
    options = {"key": "any", "secret": SECRET, "endpoint_url": "http://127.0.0.1:9"}
    home = RemoteStore("s3://inbox", options).make_home(tmp_path / "home")
    status = read_home_status(home.settings)
    assert "s3 on 127.0.0.1 does not answer" in status.inbox_fault.replace("(", "").replace(")", "")
    assert status.needs_somebody
    assert SECRET not in repr(home.settings) + status.inbox_fault


def test_an_address_of_azure_is_understood() -> None:
    """Prevents a wrong container or account; no server of Azure is tried."""
    options = {"account_name": "register", "account_key": "c2VjcmV0"}
    settings = load_settings(
        {
            "REGISTER_INBOX": "abfs://deliveries/inbox/",
            "REGISTER_INBOX_OPTIONS": json.dumps(options),
        }
    )
    inbox = open_inbox(settings)
    assert isinstance(inbox, object_inbox.ObjectInbox)
    assert inbox.root == "deliveries/inbox"
    assert inbox.described == "abfs on register"


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("ftp://host/inbox", ""),
        ("sftp:///inbox", ""),
        (f"sftp://user:{SECRET}@host/inbox", ""),
        ("s3://bucket", f"{SECRET}"),
        ("s3://bucket", f'["{SECRET}"]'),
    ],
)
def test_a_wrong_address_is_refused_without_its_secret(address: str, options: str) -> None:
    """Prevents a password in an address, which is shown, and a guess at a wrong one."""
    with pytest.raises(SettingsError) as caught:
        load_settings({"REGISTER_INBOX": address, "REGISTER_INBOX_OPTIONS": options})
    assert SECRET not in str(caught.value)


def test_a_folder_that_is_not_mounted_is_no_empty_inbox(tmp_path: Path) -> None:
    """Prevents a missing disk from looking like an inbox without deliveries."""
    home = RemoteStore(str(tmp_path / "share"), {}).make_home(tmp_path / "home")
    with pytest.raises(InboxUnreachableError, match="mounted"):
        read_inbox_state(home.settings)
    with pytest.raises(InboxUnreachableError, match="mounted"):
        open_inbox(home.settings).write_message(FEED, COMPACT, "receipt.json", b"{}")
    (tmp_path / "share").mkdir()
    assert read_inbox_state(home.settings).delivery_count == 0
    assert isinstance(open_inbox(home.settings), inbox_storage.LocalInbox)
