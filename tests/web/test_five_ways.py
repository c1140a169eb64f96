"""One delivery by each way into the register: folder, web page, API, S3 and SFTP."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from interfaces.web.uploads import list_uploads
from register.feeds import (
    ENTRY_NAME,
    land_everything,
    list_landed_folders,
    list_public_keys,
    read_ledger,
    read_receipt,
    verify_receipt,
)
from register.settings import Settings
from tests.feeds.deliveries import Home, moved, police_csv, report
from tests.feeds.remote_homes import RemoteStore, running_s3_store
from tests.feeds.sftp_server import MISSING, SSHD, running_sftp_server
from tests.web.supplier_home import FEED, FORCE, PERIOD, SECONDS, SupplierHome, make_supplier_home
from tests.web.test_upload_pages import find_token, send_form, start

REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 6)]
FAULTY = report(6, sex="F", category="Missing", dob="31/02/2012")
FILES = {
    "reports.csv": police_csv("compact", moved([*REPORTS, FAULTY], PERIOD)),
    "notes/a reader's note.txt": b"not a table",
}


def _send_by_folder(home: Settings) -> None:
    Home(home).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(home)


def _send_by_page(suppliers: SupplierHome) -> None:
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    # A browser names the folder on somebody's desk first, which is no part of the delivery.
    files = {f"desk/{name}": data for name, data in FILES.items()}
    send_form(browser, f"{place}/files", find_token(browser.get(place)), files)
    browser.submit(browser.get(place), f"{place}/check")
    browser.submit(browser.get(place), f"{place}/confirm")
    until = time.monotonic() + SECONDS
    while not browser.get(place).path.startswith("/delivered/") and time.monotonic() < until:
        time.sleep(0.3)


def _send_by_api(suppliers: SupplierHome) -> None:
    api = suppliers.open_api()
    upload_id = api.send_all(FILES)
    assert api.send("POST", f"/uploads/{upload_id}/confirm").status == 202
    api.wait(upload_id)


def _send_to_store(store: RemoteStore, home: Settings) -> None:
    store.put_files({f"{FEED}/{FORCE}/{PERIOD}/{name}": data for name, data in FILES.items()})
    land_everything(home)


def _describe(settings: Settings) -> dict[str, object]:
    """What became of the delivery, apart from the moment at which it came."""
    (entry,) = read_ledger(settings)
    (folder,) = list_landed_folders(settings.landing)
    signed = read_receipt(settings, entry.delivery_id)
    assert signed is not None
    keys = list_public_keys(settings)
    receipt = verify_receipt(signed.content, signed.signature, keys, entry.delivery_id)
    return {
        "id": entry.delivery_id,
        "files": {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != ENTRY_NAME
        },
        "entry": entry.model_dump(exclude={"received_at"}),
        "receipt": receipt.model_dump(exclude={"received_at"}),
    }


@pytest.mark.skipif(SSHD is None, reason=MISSING)
def test_a_delivery_is_the_same_by_each_of_the_five_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a way by which a delivery has other bytes, another id or another receipt."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    homes = {way: make_supplier_home(tmp_path / way) for way in ("folder", "page", "api")}
    _send_by_folder(homes["folder"].settings)
    for way, send in (("page", _send_by_page), ("api", _send_by_api)):
        monkeypatch.setenv("REGISTER_HOME", str(homes[way].settings.home))
        send(homes[way])
        assert [each.state for each in list_uploads(homes[way].settings)] == ["confirmed"]
    found = {way: _describe(home.settings) for way, home in homes.items()}
    with running_s3_store() as s3, running_sftp_server(tmp_path / "server") as sftp:
        servers = {"s3": s3.make_inbox(), "sftp": RemoteStore(sftp.address, sftp.options, sftp)}
        for way, store in servers.items():
            settings = store.make_home(tmp_path / way).settings
            _send_to_store(store, settings)
            found[way] = _describe(settings)
    expected = found.pop("folder")
    for way, each in found.items():
        assert each == expected, way
