"""The commands with which a supplier's system delivers, as docs/how-to/deliver.md has them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from register.feeds import read_ledger, read_receipt
from register.settings import PROJECT_ROOT
from tests.web.supplier_home import FEED, FORCE, PERIOD, build_files, make_supplier_home
from tests.web.test_upload_kills import serve

PAGE = PROJECT_ROOT / "docs" / "how-to" / "deliver.md"
needs_tools = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="no curl or no jq on the path"
)


@pytest.mark.drill
@needs_tools
def test_a_system_delivers_with_the_commands_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents commands that a supplier copies and that do not deliver."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    suppliers = make_supplier_home(tmp_path / "home")
    match = re.search(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert match
    (tmp_path / "reports.csv").write_bytes(build_files()["reports.csv"])
    with serve(suppliers.settings) as (_, port):
        script = match[1].replace("https://HOST", f"http://127.0.0.1:{port}")
        for word, value in (
            ("TOKEN", suppliers.tokens[FORCE]),
            ("FILE", "reports.csv"),
            ("FEED", FEED),
            ("PERIOD", PERIOD),
        ):
            script = re.sub(rf"\b{word}\b", value, script)
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    (entry,) = read_ledger(suppliers.settings)
    receipt = read_receipt(suppliers.settings, entry.delivery_id)
    assert receipt is not None
    assert done.stdout.endswith(receipt.content.decode())
    assert json.loads(receipt.content)["delivery_id"] == entry.delivery_id
