"""Takes the README's pictures: the quality site's front page and Dagster's graph of assets.

`python docs/pictures/take.py` reads the home in REGISTER_HOME, of which a load was published, and
needs Chromium on the path. It starts `register ui` for the graph and ends it. Pictures are PNG
files of at most 250 kB each.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from register.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).resolve().parent
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 250_000
# Dagster draws its graph a while after the page is there.
DRAWN_SECONDS = 20


@contextmanager
def _ui() -> Iterator[str]:
    """The address of a UI of the home, which ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "register"), "ui", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        try:
            # The address is written once it answers.
            line = next((line for line in process.stdout if line.startswith("Dagster UI")), None)
            if line is None:
                sys.exit("the UI did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            # What they say as they end is read: a pipe that is closed would make errors of it.
            process.communicate()


def _take(browser: Browser, address: str, name: str, seconds: float = 1) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(seconds * 1000)
    path = FOLDER / name
    page.screenshot(path=str(path))
    size = path.stat().st_size
    sys.stdout.write(f"{name}: {size / 1000:.0f} kB\n")
    if size > MOST_BYTES:
        sys.exit(f"{name} has more than {MOST_BYTES / 1000:.0f} kB")


def main() -> None:
    """Take both pictures."""
    from playwright.sync_api import sync_playwright

    site = load_settings().quality / "site" / "index.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _take(browser, site.as_uri(), "site.png")
        with _ui() as address:
            _take(browser, f"{address}/asset-groups", "assets.png", DRAWN_SECONDS)
        browser.close()


if __name__ == "__main__":
    main()
