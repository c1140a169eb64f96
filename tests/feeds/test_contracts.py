"""The contracts of the feeds are in the form of the Open Data Contract Standard."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator
from open_data_contract_standard.model import (
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from pydantic import BaseModel

from register.feeds.contract import CONTRACT_FOLDER, Column, Contract, Table
from register.yaml_file import read_yaml

SCHEMA = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
CONTRACTS = sorted(CONTRACT_FOLDER.glob("*.yaml"))


def _faults(contract: Any) -> list[str]:
    return [fault.message for fault in Draft201909Validator(SCHEMA).iter_errors(contract)]


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_a_contract_is_in_the_form_of_the_standard(path: Path) -> None:
    """Prevents contracts that no other tool of the standard reads."""
    contract = read_yaml(path)
    assert _faults(contract) == []
    contract["schema"][0]["properties"][0]["logicalType"] = "text"
    assert _faults(contract) != []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Contract, OpenDataContractStandard), (Table, SchemaObject), (Column, SchemaProperty)],
)
def test_the_register_reads_no_key_of_its_own(
    ours: type[BaseModel], theirs: type[BaseModel]
) -> None:
    """Prevents a key beside the standard's, where a custom property is meant."""
    known = {field.alias or name for name, field in theirs.model_fields.items()}
    read = {field.alias or name for name, field in ours.model_fields.items()}
    assert read - known == set()
