"""What the doctor reads to its last byte: each change of what vouches for a register is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from interfaces.web.accounts import add_account, find_accounts_fault, read_accounts, set_password
from register.feeds import HOLDS_FILE, decide_delivery, read_ledger, write_history
from register.publishing import find_published_faults, publish
from register.seals import SEAL
from register.serving import find_parquet_faults, serve
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build, land_delivery

PASSWORD = "a long invented word"


@pytest.fixture
def published(settings: Settings) -> Settings:
    """A home with one delivery, its history of holds, one generation and its package."""
    land_delivery(settings)
    write_history(settings, read_ledger(settings))
    generation = publish(settings, build(settings, 1))
    serve(settings, "parquet", [])
    assert generation.manifest()[SEAL].startswith(settings.key_id)
    assert find_published_faults(settings) == find_parquet_faults(settings) == []
    return settings


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.chmod(0o600)
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ('"received_at": "2026-11-01', '"received_at": "2026-10-01'),
        ('"supplier_code": "E23000099"', '"supplier_code": "E23000098"'),
        ('"outcome": "accepted"', '"outcome": "rejected"'),
    ],
)
def test_a_changed_entry_of_the_ledger_is_named(published: Settings, former: str, now: str) -> None:
    """Prevents a time of receipt, a supplier or an outcome that was changed unseen."""
    entry = published.landing / "police_reports" / DELIVERY_ID / "delivery.json"
    _rewrite(entry, lambda text: text.replace(former, now))
    output = f"{DELIVERY_ID}: its delivery.json is not what the last generation read"
    assert output in find_published_faults(published)


def test_changed_holds_are_named_and_later_decisions_are_no_change(published: Settings) -> None:
    """Prevents a hold that is lifted by an editor, and a doctor that cries at each decision."""
    holds = published.landing / HOLDS_FILE
    before = holds.read_bytes()
    _rewrite(holds, lambda text: text.replace("outside_period", ""))
    assert any(HOLDS_FILE in fault for fault in find_published_faults(published))
    holds.write_bytes(before)
    decide_delivery(published, DELIVERY_ID, "confirm", "A. Person", "The supplier confirmed it")
    assert find_published_faults(published) == []
    # As a load that failed after it had landed leaves it.
    holds.unlink()
    write_history(published, read_ledger(published))
    assert find_published_faults(published) == []


def test_one_changed_letter_of_a_manifest_is_named(published: Settings) -> None:
    """Prevents a tool that looks for damage from falling over it, or from missing it."""
    path = next(published.published.glob("2*/manifest.json"))
    content = path.read_text(encoding="utf-8")
    path.chmod(0o600)
    step = max(len(content) // 150, 1)
    for place in [
        *range(0, len(content) - 1, step),
        content.index(SEAL),
        content.index('"holds"') + 1,
    ]:
        if content[place].isspace():
            continue
        letter = "x" if content[place] != "x" else "y"
        path.write_text(content[:place] + letter + content[place + 1 :], encoding="utf-8")
        result = "".join(find_published_faults(published))
        assert "manifest.json" in result, content[place - 20 : place + 20]
    path.write_text("[]", encoding="utf-8")
    assert "manifest.json cannot be read" in "".join(find_published_faults(published))


def test_one_changed_letter_of_a_data_package_is_named(published: Settings) -> None:
    """Prevents a package whose types, keys or hashes were changed beside whole files."""
    path = published.published / "parquet" / "datapackage.json"
    content = path.read_text(encoding="utf-8")
    path.chmod(0o600)
    for former, now in (
        ("pseudonymous", "personal"),
        ("sha256:", "sha1:"),
        (f'"{SEAL}"', '"seel"'),
        ("{", ""),
        ('"files"', '"fils"'),
    ):
        path.write_text(content.replace(former, now, 1), encoding="utf-8")
        assert any("datapackage.json" in fault for fault in find_parquet_faults(published)), former
    path.write_text(content, encoding="utf-8")
    assert find_parquet_faults(published) == []


def test_a_key_log_that_is_another_is_named(published: Settings) -> None:
    """Prevents keys of children that go on from a log which no generation wrote."""
    log = next(published.published.glob("keys/*.parquet"))
    other = publish(published, build(published, 2, rows=9))
    log.chmod(0o600)
    log.write_bytes((other.folder / "keys.parquet").read_bytes())
    assert any("its key log" in fault for fault in find_published_faults(published))


def test_changed_accounts_are_named(settings: Settings) -> None:
    """Prevents an account, a role or a password that no command gave."""
    assert find_accounts_fault(settings) is None
    add_account(settings, "ann", "auditor", PASSWORD)
    assert find_accounts_fault(settings) is None
    assert set(read_accounts(settings)) == {"ann"}
    path = settings.web_folder / "accounts.json"
    content = json.loads(path.read_bytes())
    for changed in (
        {**content, "ann": {**content["ann"], "role": "staff"}},
        {**content, "eve": content["ann"]},
        {SEAL: content[SEAL]},
        {"ann": content["ann"]},
    ):
        path.write_text(json.dumps(changed), encoding="utf-8")
        assert str(find_accounts_fault(settings)).startswith("accounts.json: it")
    path.write_text("{", encoding="utf-8")
    assert "cannot be read" in str(find_accounts_fault(settings))
    path.unlink()
    assert "is missing" in str(find_accounts_fault(settings))
    path.write_text(json.dumps(content), encoding="utf-8")
    set_password(settings, "ann", f"{PASSWORD} again")
    assert find_accounts_fault(settings) is None
