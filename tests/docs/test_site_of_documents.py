"""The documents as a site: complete, whole, and without a request to anywhere else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import sync_playwright
from typer.main import get_command

from interfaces.command_line import COMMANDS, app
from interfaces.documentation import (
    DocumentationError,
    build_documentation,
    site,
    write_supplier_guide,
)
from interfaces.documentation.generated_tables import (
    build_settings_page,
    build_star_page,
    describe_variables,
)
from interfaces.documentation.glossary import Glossary
from interfaces.documentation.references import build_command_line_page
from interfaces.documentation.staging import FRONT_PAGES, NAVIGATION, OPTIONAL, REFERENCE
from register.backup_settings import BackupSettings
from register.oidc_settings import OidcSettings
from register.settings import PASSWORD_PREFIX, PROJECT_ROOT, load_settings
from register.storage_settings import InboxSettings, ServedCopySettings
from register.variables import DeliveryLimits, LakeSettings
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import ARGUMENTS, CHROMIUM
from tests.once import made_once, shared_folder

ASKED = re.compile(
    r"""<(?:script|img|iframe|link|source|video|audio)\b[^>]*?(?:src|href)=["']?(https?:)?//"""
)
MODULES_OF_SETTINGS = ("settings.py", "setting_values.py", "data_keys.py")
PARTS_OF_SETTINGS = (
    *(DeliveryLimits, LakeSettings, BackupSettings, OidcSettings),
    *(InboxSettings, ServedCopySettings),
)
OF_STYLE = re.compile(r"(?:url\(|@import\s+)['\"]?(?:https?:)?//")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without the data dictionary, built once."""

    def make(folder: Path) -> None:
        build_documentation(get_command(app), None, folder / "docs")

    return made_once(shared_folder(tmp_path_factory) / "documents", make) / "docs"


def test_no_page_asks_for_anything_from_elsewhere(built: Path) -> None:
    """Prevents a site that needs a network, or tells a foreign host who reads it."""
    pages = list(built.rglob("*.html"))
    assert len(pages) > 40
    asking = [page for page in pages if ASKED.search(page.read_text(encoding="utf-8"))]
    assert asking == []
    styles = list(built.rglob("*.css"))
    assert styles
    assert [path for path in styles if OF_STYLE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_asks_for_files_alone(built: Path) -> None:
    """Prevents a script that fetches from elsewhere once it runs."""
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((built / "docs" / "tutorial" / "first-load.html").as_uri())
        page.wait_for_load_state("networkidle")
        assert page.locator("h1").first.inner_text().startswith("The first hour")
        assert page.locator("article img").first.evaluate("image => image.naturalWidth") > 0
        browser.close()
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.drill
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_every_page_passes_an_automated_check_of_accessibility(built: Path, width: int) -> None:
    """Prevents documents that a reader with a screen reader, or with poor sight, cannot use."""
    # A web server's page for a missing address has links that begin at the server's root.
    pages = [path for path in sorted(built.rglob("*.html")) if path.name != "404.html"]
    assert list_file_faults(pages, width) == {}


def test_no_heading_of_a_table_is_empty_without_a_script(built: Path) -> None:
    """Prevents columns that a screen reader announces with nothing, where no script runs."""
    empty = re.compile(r"<th[^>]*>\s*</th>")
    pages = {path.name: path.read_text(encoding="utf-8") for path in built.rglob("*.html")}
    assert sum(page.count('<div class="scroll" tabindex="0">') for page in pages.values()) > 100
    assert [name for name, page in pages.items() if empty.search(page)] == []


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_supplier_guide_can_be_read_by_everybody(tmp_path: Path, width: int) -> None:
    """Prevents a guide whose tables a data officer cannot reach on a telephone."""
    pages = write_supplier_guide(load_settings({"REGISTER_HOME": str(tmp_path)}), tmp_path)
    assert list_file_faults(pages, width) == {}


def test_every_page_is_in_the_navigation() -> None:
    """Prevents pages that a reader of the site cannot find."""
    named = {name for names in NAVIGATION.values() for name in names}
    docs = (PROJECT_ROOT / "docs").rglob("*.md")
    pages = {path.relative_to(PROJECT_ROOT).as_posix() for path in docs} | set(FRONT_PAGES)
    pages = {name for name in pages if not name.startswith(("docs/decisions/", "docs/dashboard/"))}
    assert pages - named == set()
    written = {name for name in named if not name.startswith(f"{REFERENCE}/")}
    assert {name for name in written if not (PROJECT_ROOT / name).exists()} <= set(OPTIONAL)


def test_links_between_pages_lead_somewhere(built: Path) -> None:
    """Prevents links that are right in the project and wrong in the site."""
    wrong = []
    for page in built.rglob("*.html"):
        if page.name == "404.html":  # its links begin at the root of a server
            continue
        for link in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")):
            target = unquote(link.partition("#")[0])
            if target and ":" not in target and not (page.parent / target).exists():
                wrong.append((page.name, link))
    assert wrong == []


def test_a_link_that_leads_nowhere_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a site that is built with holes."""
    staged = site.stage_pages

    def with_a_hole(folder: Path) -> list[Path]:
        pages = staged(folder)
        (folder / "docs" / "reference" / "faq.md").write_text("# Questions\n\n[gone](gone.md)\n")
        return pages

    monkeypatch.setattr(site, "stage_pages", with_a_hole)
    with pytest.raises(DocumentationError, match=r"gone\.md"):
        build_documentation(get_command(app), None, tmp_path / "docs")
    assert list(tmp_path.iterdir()) == []


def test_the_reference_has_every_command_and_option() -> None:
    """Prevents options that only `--help` tells of."""
    page = build_command_line_page(get_command(app))
    assert [name for name in COMMANDS if f"## register {name}\n" not in page] == []
    assert "### register review decide" in page
    assert "`--accept-churn`" in page


def test_every_setting_is_described_with_its_default() -> None:
    """Prevents a variable that does something and is on no page, or that nothing reads."""
    described = {each.name: each for each in describe_variables()}
    modules = [PROJECT_ROOT / "register" / name for name in MODULES_OF_SETTINGS]
    settings, *values = (module.read_text(encoding="utf-8") for module in modules)
    reader = settings[settings.index("def load_settings") :] + "".join(values)
    read = set(re.findall(r"\"(REGISTER_[A-Z_]+)\"", reader))
    # These are read by what they declare, or in modules of their own.
    read |= {
        declared.metadata["variable"].name
        for part in PARTS_OF_SETTINGS
        for declared in fields(part)
    }
    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    spark = dict(re.findall(r"env_var\('(REGISTER_SPARK_\w+)', '([^']*)'\)", profile))
    assert len(read) > 20
    passwords = {f"{PASSWORD_PREFIX}<SUPPLIER>"}
    assert described.keys() == read | passwords | spark.keys()
    for name, usual in spark.items():
        assert described[name].usual == usual or not usual
    for each in described.values():
        assert each.kind, each.name
        assert each.usual, each.name
        assert re.match(r"[A-Z].+\.$", each.purpose), each.name
        assert f"| `{each.name}` |" in build_settings_page()


def test_the_page_of_the_star_has_the_joins_of_the_models(manifest: dict[str, Any]) -> None:
    """Prevents a page of joins that leaves out the current version of a dimension."""
    lines = build_star_page(manifest).splitlines()
    assert any("`fct_episodes` | `dim_authorities_current`" in line for line in lines)
    assert len(lines) > 40


def test_a_word_is_linked_at_its_first_use_alone() -> None:
    """Prevents a page that is blue with links, and links within code."""
    glossary = Glossary("| word | meaning |\n|---|---|\n| mention | a record of a person |\n")
    text = "# A mention\n\n`mention` and a mention, then a mention.\n"
    linked = glossary.link_words(text, "docs/reference/faq.md")
    place = "../../docs/reference/glossary.md#word-mention"
    assert linked == f"# A mention\n\n`mention` and a [mention]({place}), then a mention.\n"
    own = glossary.link_words("| mention | a record |\n", "docs/reference/glossary.md")
    assert own == '| <span id="word-mention">mention</span> | a record |\n'
