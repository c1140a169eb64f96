"""The dashboard, built from the shared nation and opened in a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from register.appearance import TOKENS_FILE
from register.settings import PROJECT_ROOT
from tests.accessibility import WIDTHS, list_page_faults
from tests.end_to_end.conftest import Nation

if TYPE_CHECKING:
    from playwright.sync_api import Page

DASHBOARD = PROJECT_ROOT / "docs" / "dashboard"
NPM = shutil.which("npm")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NATION = "area_level_code = 'nation'"
LATEST = "order by collection_year desc limit 1"
# The title of each page, and a figure of the marts that it shows.
PAGES = {
    "/": (
        "Children who go missing in England",
        "select missing_children_count from bi.children_by_area_year"
        f" where {NATION} and population_code = 'every_child' {LATEST}",
    ),
    "/area/": (
        "Areas",
        "select missing_children_count from bi.children_by_area_year where area_level_code ="
        f" 'region' and area_code != 'unknown' and population_code = 'every_child' {LATEST}",
    ),
    "/agreement/": (
        "Agreement and its reasons",
        "select matched_share_in_scope from bi.agreement_by_area_year"
        f" where {NATION} and population_code = 'every_child' {LATEST}",
    ),
    "/who-needs-help/": (
        "Who needs help",
        "select sum(children_count) as children from bi.tasks_by_area"
        " group by task_code order by children desc limit 1",
    ),
    "/interviews/": (
        "Return interviews",
        "select offered_share from bi.interviews_by_area_year"
        f" where {NATION} and population_code = 'looked_after' {LATEST}",
    ),
    "/data-quality/": (
        "Data quality",
        "select sum(received_row_count) from bi.deliveries_by_supplier_period",
    ),
}

pytestmark = [
    pytest.mark.drill,  # minutes: npm installs, Evidence builds every page
    pytest.mark.skipif(NPM is None, reason="no npm on the path: the dashboard is not built"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: no page is opened"),
]


def _run(folder: Path, *words: str) -> None:
    outcome = subprocess.run(
        [str(NPM), *words],
        cwd=folder,
        env={**os.environ, "SEND_ANONYMOUS_USAGE_STATS": "no"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]


@pytest.fixture(scope="module")
def built(coarse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dashboard of the shared nation, as `make dashboard` builds it."""
    folder = tmp_path_factory.mktemp("dashboard") / "dashboard"
    shutil.copytree(
        DASHBOARD, folder, ignore=shutil.ignore_patterns("node_modules", "build", ".evidence")
    )
    published = folder / "sources" / "register" / "national_register_coarse.duckdb"
    published.unlink(missing_ok=True)
    published.symlink_to(coarse)
    (folder / "static").mkdir(exist_ok=True)
    shutil.copy(TOKENS_FILE, folder / "static")
    _run(folder, "ci", "--no-progress")
    _run(folder, "run", "sources")
    _run(folder, "run", "build")
    return folder / "build"


@pytest.fixture(scope="module")
def page(built: Path) -> Iterator[Page]:
    """A page of a headless Chromium, in front of a server on the loopback address."""
    from playwright.sync_api import sync_playwright

    handler = partial(SimpleHTTPRequestHandler, directory=str(built))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_page(base_url=f"http://127.0.0.1:{server.server_port}")
        browser.close()
    server.shutdown()


def _figure(nation: Nation, sql: str) -> str:
    """A figure of the marts as a page prints it."""
    path = nation.built / "national_register.duckdb"
    with duckdb.connect(str(path), read_only=True) as register:
        (value, *_), *_ = register.execute(sql).fetchall()
    return f"{value:.1%}" if isinstance(value, float) else f"{int(value):,}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_in_order_for_those_who_cannot_see_it(path: str, width: int, page: Page) -> None:
    """Prevents pages that a screen reader, a keyboard or a telephone cannot use."""
    page.goto(path, wait_until="networkidle")
    assert list_page_faults(page, width) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_the_figure_of_its_mart(path: str, page: Page, nation: Nation) -> None:
    """Prevents a page that is empty, fetches from outside, or shows another figure."""
    title, sql = PAGES[path]
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path, wait_until="networkidle")
    assert title in page.title()
    assert _figure(nation, sql) in page.inner_text("main")
    assert errors == []
    outside = [url for url in requests if url.startswith("http") and "//127.0.0.1:" not in url]
    assert outside == []
