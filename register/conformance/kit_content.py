"""The content of a kit's `expected.json`, and its JSON Schema for checkers of other makers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class KitPart(BaseModel):
    """A part of `expected.json`. It is immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KitFinding(KitPart):
    """A broken rule and its place. A text is empty if the finding has no such place."""

    rule_code: str
    outcome: Literal["flagged", "quarantined", "held", "rejected", "reported"]
    file: str
    line: str
    element: str = Field(description="The XPath of an element of an XML file.")
    column: str
    table_name: str


class KitResult(KitPart):
    """What the check of a sample finds. Findings may be in any order."""

    outcome: Literal["accepted", "accepted_with_quarantine", "rejected"]
    is_held: bool = Field(
        description="Whether an accepted delivery waits for a decision by the register's team."
    )
    landed_row_count: int | None = Field(
        description="The number of records that land; null if the delivery is rejected."
    )
    findings: tuple[KitFinding, ...]


class KitSample(KitPart):
    """A sample delivery, with the place to which it is sent and the expected result."""

    sample: str = Field(description="The sample's folder, below `samples`.")
    feed: str
    layout_name: str
    supplier_code: str
    period: str
    rule_code: str | None = Field(
        description="The rule that the sample breaks; null for a good sample."
    )
    expected: KitResult


class KitContent(KitPart):
    """The expected results of all samples of a kit."""

    contracts: dict[str, str] = Field(description="The version of each feed's contract.")
    checked_at: str = Field(
        description="The time to take as the time of receipt of every sample, in UTC.",
        pattern="^[0-9-]{10}T[0-9:]{8}Z$",
    )
    samples: tuple[KitSample, ...] = Field(min_length=1)
    not_covered: dict[str, str] = Field(
        description="The rules about deliveries that no sample breaks, each with the reason."
    )


def build_kit_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `expected.json`."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    identifier = "urn:national-register:conformance:expected"
    return {"$schema": dialect, "$id": identifier, **KitContent.model_json_schema()}
