"""The model of a contract: what a feed's tables and columns are, whoever writes them.

Contracts are YAML in Open Data Contract Standard v3 form; what the standard has no key for is in
a column's `customProperties`. How a supplier's system writes a file is a layout.

The models are narrower than those of the package `open-data-contract-standard`, in which every key
may be left out and a misspelt one is passed over. The tests hold the contracts to its schema.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from register.yaml_file import read_yaml

CONTRACT_FOLDER = Path(__file__).parent / "contracts"


class Standard(BaseModel):
    """A part of the standard: its keys are in camel case and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class KeptModule(Standard):
    """Part of a return that no table takes: it is kept as delivered and its records are counted.

    `file_names` are what systems call its file; `fields` are its own, in the XML form too.
    """

    name: str
    file_names: tuple[str, ...]
    fields: tuple[str, ...]


class CustomProperty(Standard):
    """A statement that the standard has no key for."""

    property: str
    value: str | bool | tuple[KeptModule, ...]


class TypeOptions(Standard):
    """What the texts of a column look like."""

    pattern: str


class Column(Standard):
    """One column: `required` means that a row without a value is quarantined.

    `examples` are invented: dates in ISO form, codes as conformed; an empty one is a blank.
    """

    name: str
    logicalType: Literal["string", "date", "timestamp"]  # noqa: N815 - the standard's key
    classification: Literal["internal", "confidential", "restricted"]
    description: str
    required: bool = False
    examples: tuple[str, ...] = ()
    logicalTypeOptions: TypeOptions | None = None  # noqa: N815 - the standard's key
    customProperties: tuple[CustomProperty, ...] = ()  # noqa: N815 - the standard's key

    def custom(self, name: str) -> str | bool | None:
        """The value of one custom property, or none."""
        found = (item.value for item in self.customProperties if item.property == name)
        value = next(found, None)
        return None if isinstance(value, tuple) else value

    @property
    def code_map(self) -> str | None:
        """The `field_name` of the code map that lists the column's codes."""
        value = self.custom("codeMap")
        return value if isinstance(value, str) else None

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """The form that every value has."""
        return re.compile(self.logicalTypeOptions.pattern) if self.logicalTypeOptions else None

    @property
    def is_repeatable(self) -> bool:
        """Whether a field may contain several values."""
        return self.custom("repeatable") is True

    @property
    def is_in_any_format(self) -> bool:
        """Whether dates may be in ISO form whatever the layout's form."""
        return self.custom("anyFormat") is True

    @property
    def is_absence_start(self) -> bool:
        """Whether an absence may begin here: the dbt project tells a start that cannot be."""
        return self.custom("absenceStart") is True

    @property
    def must_be_read(self) -> bool:
        """Whether a file is refused of whose values most cannot be read."""
        return self.custom("mustBeRead") is True

    @property
    def is_birth(self) -> bool:
        """Whether the date is that of the birth of the record's person."""
        return self.custom("birth") is True

    @property
    def may_be_future(self) -> bool:
        """Whether a date after the day of receipt is a plan and no mistake."""
        return self.custom("mayBeFuture") is True

    @property
    def number_of(self) -> str | None:
        """What the number tells from others: person or reference; none if it is no number."""
        value = self.custom("numberOf")
        return value if isinstance(value, str) else None

    @property
    def end_of(self) -> str | None:
        """The column of the start, if the date is an end."""
        value = self.custom("endOf")
        return value if isinstance(value, str) else None

    @property
    def is_never_all_empty(self) -> bool:
        """Whether a column without one value is a broken export, in a file of any length."""
        return self.custom("neverAllEmpty") is True

    @property
    def xml_name(self) -> str:
        """The element of the column in the XML form."""
        value = self.custom("xmlName")
        return value if isinstance(value, str) else self.name.upper()

    def must_be_there(self, period: str) -> bool:
        """Whether a file of `period` without this column is refused."""
        first = self.custom("presentFrom")
        if isinstance(first, str):
            return period >= first
        return self.custom("presence") != "optional"


class Table(Standard):
    """One table of a feed."""

    name: str
    logicalType: Literal["object"]  # noqa: N815 - the standard's key
    physicalType: Literal["file"]  # noqa: N815 - the standard's key
    description: str
    customProperties: tuple[CustomProperty, ...] = ()  # noqa: N815 - the standard's key
    properties: tuple[Column, ...]

    def _says(self, name: str) -> bool:
        return any(item.property == name and item.value is True for item in self.customProperties)

    @property
    def file_is_optional(self) -> bool:
        """Whether a delivery without this table is complete."""
        return self._says("fileIsOptional")

    @property
    def may_be_empty(self) -> bool:
        """Whether a table without rows means "none" and is no mistake."""
        return self._says("mayBeEmpty")

    @property
    def file_names(self) -> tuple[str, ...]:
        """What systems call the table's file: its own name, and any other."""
        others = (item.value for item in self.customProperties if item.property == "fileNames")
        return (self.name, *(name.strip() for text in others for name in str(text).split(",")))

    @property
    def identifying_columns(self) -> tuple[tuple[str, ...], ...]:
        """Columns that together tell a record or a person from all others, of any supplier."""
        return tuple(
            tuple(str(item.value).split(" + "))
            for item in self.customProperties
            if item.property == "identifiedBy"
        )

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns by name, in order."""
        return {column.name: column for column in self.properties}


class Description(Standard):
    """Why the feed exists and what it cannot tell."""

    purpose: str
    limitations: str


class Contract(Standard):
    """One feed's contract."""

    apiVersion: Literal["v3.1.0"]  # noqa: N815 - the standard's key
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: Literal["active", "draft", "retired"]
    description: Description
    customProperties: tuple[CustomProperty, ...] = ()  # noqa: N815 - the standard's key
    tables: tuple[Table, ...] = Field(alias="schema")

    @cached_property
    def table_by_name(self) -> dict[str, Table]:
        """The tables by name, in order."""
        return {table.name: table for table in self.tables}

    @cached_property
    def kept_modules(self) -> tuple[KeptModule, ...]:
        """The modules that suppliers send and no table takes."""
        found = (item.value for item in self.customProperties if item.property == "modulesKept")
        value = next(found, ())
        return value if isinstance(value, tuple) else ()

    @property
    def file_name_words(self) -> str:
        """Words that names of files may have besides those of tables and layouts."""
        found = (item.value for item in self.customProperties if item.property == "fileNameWords")
        return str(next(found, ""))


@cache
def load_contracts(folder: Path = CONTRACT_FOLDER) -> dict[str, Contract]:
    """Every feed's contract by feed; raises pydantic's `ValidationError` if one is wrong."""
    contracts = {}
    for path in sorted(folder.glob("*.yaml")):
        contract = Contract.model_validate(read_yaml(path))
        if contract.id != path.stem:
            raise ValueError(f"{path.name} contains the contract of another feed")
        contracts[contract.id] = contract
    return contracts
