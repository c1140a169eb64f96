"""What staging says of its columns agrees with the contracts of the feeds."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from register.settings import PROJECT_ROOT

CONTRACTS = PROJECT_ROOT / "register" / "feeds" / "contracts"
FEEDS = ("police_reports", "authority_extract", "authority_return", "published_statistics")
# A call in a staging model, as `coded_source_columns` reads it: the delivered column.
CALL = re.compile(r"(?:code|ethnicity)_columns\([^)]*'landed\.(\w+)'")
# The lists of coded columns that are not such calls.
LISTS = ("coded_source_columns", "police_codes")


def _schema(feed: str) -> list[dict[str, Any]]:
    text = (CONTRACTS / f"{feed}.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["schema"])


def _has_code_map(column: dict[str, Any]) -> bool:
    return any(item["property"] == "codeMap" for item in column.get("customProperties", []))


@pytest.mark.parametrize("feed", FEEDS)
def test_every_table_of_a_contract_is_staged_and_counted(
    manifest: dict[str, Any], feed: str
) -> None:
    """Prevents a table whose rows nobody reads, or whose rows nobody counts."""
    counted = manifest["macros"]["macro.national_register.staged_feed_tables"]["macro_sql"]
    for table in _schema(feed):
        model = f"stg_{feed}__{table['name']}"
        assert f"model.national_register.{model}" in manifest["nodes"]
        assert f"'{model}'" in counted


@pytest.mark.parametrize("feed", FEEDS)
def test_every_coded_column_of_a_contract_is_watched(manifest: dict[str, Any], feed: str) -> None:
    """Prevents a coded column whose unmapped codes are never reported."""
    macros = [manifest["macros"][f"macro.national_register.{name}"] for name in LISTS]
    written = "".join(macro["macro_sql"] for macro in macros)
    for table in _schema(feed):
        staged = manifest["nodes"][f"model.national_register.stg_{feed}__{table['name']}"]
        watched = CALL.findall(staged["raw_code"])
        for column in filter(_has_code_map, table["properties"]):
            is_watched = column["name"] in watched or f"'{column['name']}'" in written
            assert is_watched, f"{feed}.{table['name']}.{column['name']}"
