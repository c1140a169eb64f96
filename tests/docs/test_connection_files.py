"""What analysts copy to connect a tool: files that parse, name views that exist and no password."""

from __future__ import annotations

import configparser
import json
import re
from typing import Any

import pytest
from defusedxml import ElementTree

from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs" / "connect"
PAGE = PROJECT_ROOT / "docs" / "how-to" / "connect-bi-tools.md"
ODC = {"odc": "urn:schemas-microsoft-com:office:odc"}
# Server and database, as each file writes them.
PLACE = ("db.example", "5432", "register")
COARSE = "coarse_bi"


def _read_odc() -> tuple[dict[str, str], str]:
    """Return the connection string's words and the query of the file for Excel."""
    root = ElementTree.parse(FOLDER / "register.odc").getroot()
    (connection,) = root.findall(".//odc:Connection", ODC)
    texts = {part.tag.split("}")[1]: str(part.text) for part in connection}
    assert texts["CommandType"] == "SQL"
    words = dict(word.split("=", 1) for word in texts["ConnectionString"].split(";"))
    return words, texts["CommandText"]


def _read_dsn() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / "odbc.ini", encoding="utf-8")
    return dict(parser["register"])


@pytest.fixture
def views(manifest: dict[str, Any]) -> set[str]:
    """The views of the schema for analysts."""
    return {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "bi"
    }


def test_every_file_leads_to_the_same_place() -> None:
    """Prevents a tool that connects to another server than the page says to enter."""
    words, _ = _read_odc()
    assert (words["Server"], words["Port"], words["Database"]) == PLACE
    dsn = _read_dsn()
    assert (dsn["Servername"], dsn["Port"], dsn["Database"]) == PLACE
    (found,) = json.loads((FOLDER / "register.pbids").read_text(encoding="utf-8"))["connections"]
    assert found["details"] == {
        "protocol": "postgresql",
        "address": {"server": ":".join(PLACE[:2]), "database": PLACE[2]},
    }
    root = ElementTree.parse(FOLDER / "register.tds").getroot()
    (connection,) = root.findall(".//named-connection/connection")
    assert tuple(connection.get(name) for name in ("server", "port", "dbname")) == PLACE


def test_connections_are_encrypted_and_read_only() -> None:
    """Prevents rows about children from crossing a network in the clear, or a written table."""
    words, dsn = _read_odc()[0], _read_dsn()
    assert (words["SSLmode"], words["ReadOnly"]) == ("verify-full", "1")
    assert (dsn["SSLmode"], dsn["ReadOnly"]) == ("verify-full", "1")
    root = ElementTree.parse(FOLDER / "register.tds").getroot()
    assert root.find(".//named-connection/connection").get("sslmode") == "require"


def test_files_name_views_that_are_served(views: set[str]) -> None:
    """Prevents a file that opens on a view of an earlier release."""
    query = re.fullmatch(r"select \* from (\w+)\.(\w+)", _read_odc()[1])
    assert query is not None
    root = ElementTree.parse(FOLDER / "register.tds").getroot()
    (relation,) = root.findall(".//relation")
    table = re.fullmatch(r"\[(\w+)\]\.\[(\w+)\]", relation.get("table"))
    assert table is not None
    for schema, name in (query.groups(), table.groups()):
        assert (schema, name in views) == (COARSE, True)


def test_no_file_has_a_user_or_a_password() -> None:
    """Prevents a password from being copied with a file."""
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("username-password", "").lower()
        assert not re.search(r"pwd|uid=|password|user(name)?=\"?\w", text), path.name


def test_the_page_names_every_file_and_the_role_that_reads_them() -> None:
    """Prevents a file that no page explains."""
    text = PAGE.read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        assert f"](../connect/{path.name})" in text
    assert f"`{COARSE}`" in text
    assert "register_national" in text
