"""Contracts: the tables and columns of each feed, independent of the system that writes them.

Contracts are YAML files in the form of the Open Data Contract Standard v3. Facts for which the
standard has no key are `customProperties`. How a supplier's system writes a file is described by a
layout.

The classes of this module are stricter than the package `open-data-contract-standard`, where every
key is optional and misspelt keys are ignored. Tests validate the contracts against the standard's
schema.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from register.yaml_file import read_yaml

CONTRACT_FOLDER = Path(__file__).parent / "contracts"


class ContractPart(BaseModel):
    """A part of a contract, with the standard's keys. It is immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class CustomProperties(ContractPart):
    """The custom properties of a contract, table or column, for which the standard has no key.

    A property is read into the field whose alias is the property's name.
    """

    @model_validator(mode="before")
    @classmethod
    def _read_list(cls, items: Any) -> Any:
        if isinstance(items, dict):
            return items
        facts: dict[str, Any] = {}
        for item in items:
            name, value = item["property"], item["value"]
            facts[name] = [*facts.get(name, ()), value] if name == "identifiedBy" else value
        return facts


class UnlandedModule(ContractPart):
    """A module of the return that has no table: its file is stored, and its records are counted.

    `file_names` are the names that systems give to its file. `fields` are the fields that no other
    module has, including those of the XML form.
    """

    name: str
    file_names: tuple[str, ...]
    fields: tuple[str, ...]


class TypeOptions(ContractPart):
    """The form that the texts of a column must have."""

    pattern: str


class ColumnProperties(CustomProperties):
    """The custom properties of a column."""

    # The name under which the seed of code maps lists this column's codes (`field_name`).
    code_map: str | None = Field(default=None, alias="codeMap")
    # Whether a field may contain several values.
    is_repeatable: bool = Field(default=False, alias="repeatable")
    # Whether dates may also be in ISO form, whatever the layout's format is.
    is_in_any_format: bool = Field(default=False, alias="anyFormat")
    # Whether the date may be the start of an absence; the dbt project checks these dates.
    is_absence_start: bool = Field(default=False, alias="absenceStart")
    # Whether a file is rejected when most of its values in this column cannot be read.
    must_be_readable: bool = Field(default=False, alias="mustBeRead")
    # Whether the date is the date of birth of the person in the record.
    is_birth: bool = Field(default=False, alias="birth")
    # Whether the field may contain dates after the day of receipt, such as a planned review.
    allows_future_dates: bool = Field(default=False, alias="mayBeFuture")
    # What the column's number identifies: a person, or a record by its reference. None for all
    # other columns.
    number_of: Literal["person", "reference"] | None = Field(default=None, alias="numberOf")
    # For an end date, the column with the matching start.
    end_of: str | None = Field(default=None, alias="endOf")
    # Whether a column that is empty throughout shows that the export is broken. Short files are
    # excepted.
    is_never_all_empty: bool = Field(default=False, alias="neverAllEmpty")
    # The reason why the dbt project does not stage the column.
    not_staged: str | None = Field(default=None, alias="notStaged")
    xml_name: str | None = Field(default=None, alias="xmlName")
    presence: Literal["required", "optional"] = "required"
    # The first period whose files must contain the column.
    present_from: str | None = Field(default=None, alias="presentFrom")


class Relationship(ContractPart):
    """A reference of a column's values to another column, as `<table>.<column>`."""

    to: str

    @property
    def place(self) -> tuple[str, str]:
        """The table and the column that the values refer to."""
        table, _, column = self.to.partition(".")
        return table, column


class Column(ContractPart):
    """One column of a table. If `required`, a row without a value in it is quarantined.

    `examples` are invented values: dates in ISO form, conformed codes, or an empty text for a
    blank.
    """

    name: str
    logicalType: Literal["string", "date", "timestamp"]  # noqa: N815 - the standard's key
    classification: Literal["internal", "confidential", "restricted"]
    description: str
    required: bool = False
    examples: tuple[str, ...] = ()
    logicalTypeOptions: TypeOptions | None = None  # noqa: N815 - the standard's key
    relationships: tuple[Relationship, ...] = ()
    custom: ColumnProperties = Field(default_factory=ColumnProperties, alias="customProperties")

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """The regular expression that every value must match, if there is one."""
        return re.compile(self.logicalTypeOptions.pattern) if self.logicalTypeOptions else None

    @property
    def xml_name(self) -> str:
        """The name of the column's element in the XML form."""
        return self.custom.xml_name or self.name.upper()

    def is_required_in(self, period: str) -> bool:
        """Return whether a file of this period is rejected if it lacks the column."""
        if self.custom.present_from:
            return period >= self.custom.present_from
        return self.custom.presence == "required"


class TableProperties(CustomProperties):
    """The custom properties of a table."""

    # Whether a delivery is complete without a file for this table.
    is_file_optional: bool = Field(default=False, alias="fileIsOptional")
    # Whether a table without rows is valid, because there may be nothing to report.
    may_be_empty: bool = Field(default=False, alias="mayBeEmpty")
    other_file_names: str = Field(default="", alias="fileNames")
    identified_by: tuple[str, ...] = Field(default=(), alias="identifiedBy")


class Table(ContractPart):
    """One table of a feed."""

    name: str
    logicalType: Literal["object"]  # noqa: N815 - the standard's key
    physicalType: Literal["file"]  # noqa: N815 - the standard's key
    description: str
    properties: tuple[Column, ...]
    custom: TableProperties = Field(default_factory=TableProperties, alias="customProperties")

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names that systems give to the table's file; the first is the table's own name."""
        names = (name.strip() for name in self.custom.other_file_names.split(","))
        return (self.name, *filter(None, names))

    @property
    def identifying_columns(self) -> tuple[tuple[str, ...], ...]:
        """Sets of columns; the values of a set identify a record or person among all suppliers."""
        return tuple(tuple(columns.split(" + ")) for columns in self.custom.identified_by)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns by name, in the contract's order."""
        return {column.name: column for column in self.properties}


class Description(ContractPart):
    """The purpose of a feed, and the limitations of its data."""

    purpose: str
    limitations: str


class FeedProperties(CustomProperties):
    """The custom properties of a contract."""

    # Modules of the return that suppliers send but that have no table in the register.
    unlanded_modules: tuple[UnlandedModule, ...] = Field(default=(), alias="modulesKept")
    # Words that file names may contain in addition to names of tables and layouts.
    file_name_words: str = Field(default="", alias="fileNameWords")


class Contract(ContractPart):
    """The contract of one feed."""

    apiVersion: Literal["v3.1.0"]  # noqa: N815 - the standard's key
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: Literal["active", "draft", "retired"]
    description: Description
    tables: tuple[Table, ...] = Field(alias="schema")
    custom: FeedProperties = Field(default_factory=FeedProperties, alias="customProperties")

    @cached_property
    def table_by_name(self) -> dict[str, Table]:
        """The tables by name, in the contract's order."""
        return {table.name: table for table in self.tables}


@cache
def load_contracts(folder: Path = CONTRACT_FOLDER) -> dict[str, Contract]:
    """Return the contract of each feed. Raises pydantic's `ValidationError` if one is invalid."""
    contracts = {}
    for path in sorted(folder.glob("*.yaml")):
        contract = Contract.model_validate(read_yaml(path))
        if contract.id != path.stem:
            raise ValueError(f"{path.name} contains the contract of another feed")
        contracts[contract.id] = contract
    return contracts


def find_contract_file(feed: str) -> Path:
    """Return the path of a feed's contract, a file of the Open Data Contract Standard."""
    return CONTRACT_FOLDER / f"{feed}.yaml"
