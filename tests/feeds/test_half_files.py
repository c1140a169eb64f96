"""A file that a supplier's client puts straight to its own name, so that half of it can be read."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from register.feeds import LandingSummary, inbox, land_everything, read_inbox_state, read_ledger
from register.settings import Settings
from tests.feeds.deliveries import COMPACT, MONTH, Home, police_csv, report
from tests.feeds.remote_homes import RemoteStore
from tests.feeds.sftp_server import MISSING, SSHD, SftpServer, running_sftp_server

PLACE = f"police_reports/{COMPACT}/{MONTH}"
REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 41)]
WHOLE = police_csv("compact", REPORTS)
HALF = b"".join(WHOLE.splitlines(keepends=True)[:20])


def _put(server: SftpServer, data: bytes) -> None:
    """Put a file to its name with OpenSSH's client, without another name first."""
    path = server.inbox / PLACE / "reports.csv"
    sent, batch = server.folder / "sent.csv", server.folder / "batch"
    sent.write_bytes(data)
    folders = (path.parents[2], path.parents[1], path.parent)
    lines = [*(f'-mkdir "{folder}"' for folder in folders), f'put "{sent}" "{path}"']
    batch.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(server.client_command(batch), check=True, capture_output=True)


def _load(settings: Settings, seconds: float, only: str | None = None) -> LandingSummary:
    """Load as if these seconds had passed."""
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    return land_everything(settings, only=only, now=now)


@pytest.mark.skipif(SSHD is None, reason=MISSING)
def test_half_a_file_waits_while_it_grows_and_is_replaced_when_complete(tmp_path: Path) -> None:
    """Prevents half a file from landing while it is sent, or staying once it is complete."""
    with running_sftp_server(tmp_path / "server") as server:
        home = RemoteStore(server.address, server.options, server).make_home(tmp_path / "home")
        settings = replace(home.settings, environment="production")
        _put(server, HALF)
        assert _load(settings, inbox.QUIET_SECONDS - 5).waiting == (PLACE,)
        assert [item.safe_place for item in read_inbox_state(settings).waiting] == [PLACE]
        assert read_ledger(settings) == []
        # Without a manifest, nothing shows that a file which no longer grows is only half.
        (first,) = _load(settings, inbox.QUIET_SECONDS + 5).landed
        assert (first.outcome, first.landed_row_count) == ("accepted", 19)
        _put(server, WHOLE)
        assert _load(settings, 0).waiting == (PLACE,)
        summary = _load(settings, 2 * inbox.QUIET_SECONDS)
        (second,) = summary.landed
        assert (second.outcome, second.landed_row_count) == ("accepted", 40)
        assert (summary.waiting, summary.superseded) == ((), ())
        assert second.received > first.received
        assert _load(settings, 0).landed == ()
        assert read_ledger(settings)[-1].delivery_id == second.delivery_id


@pytest.mark.parametrize(
    ("environment", "only", "lands"),
    [("production", None, False), ("production", PLACE, True), ("development", None, True)],
)
def test_only_loads_of_everything_in_production_wait(
    home: Home, environment: str, only: str | None, lands: bool
) -> None:
    """Prevents a first load on somebody's machine, or an upload, from waiting a minute."""
    home.put_files("police_reports", COMPACT, MONTH, {"reports.csv": WHOLE})
    settings = replace(home.settings, environment=environment)
    assert len(_load(settings, 1, only).landed) == lands
    # The clock of a file's machine may be ahead.
    assert len(_load(settings, -1, only).landed) == 0
    assert len(_load(settings, inbox.QUIET_SECONDS + 1).landed) == (not lands)
