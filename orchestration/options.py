"""The options of a single run, as a Dagster resource.

Settings that hold for every run belong in `register.settings`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

import dagster as dg
from pydantic import Field

from orchestration.dbt_process import SPARK, TARGET
from register.settings import Settings


class EngineError(RuntimeError):
    """The chosen engine cannot run in this home; the message says what to do."""


class LoadOptions(dg.ConfigurableResource):
    """The options of one run, which all of its steps read."""

    as_known_at: str | None = Field(
        default=None,
        description=(
            "Rebuild the register as it was known at this moment (UTC, such as"
            " 2026-01-31T23:59:59Z). The generation is published aside and does not become current."
        ),
    )
    refresh: bool = Field(
        default=False,
        description="Remove the warehouse first and rebuild it from landing.",
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb",
        description="What runs the models. On Spark all are built; readers get the same files.",
    )

    @property
    def moment(self) -> str | None:
        """The time of `as_known_at` as UTC text; None if the run uses everything known today."""
        return parse_moment(self.as_known_at) if self.as_known_at else None

    @property
    def is_on_spark(self) -> bool:
        """Whether the models run on Spark."""
        return self.engine == "spark"

    def check_engine(self, settings: Settings) -> None:
        """Raise `EngineError` if the engine cannot run in this home."""
        if self.is_on_spark and settings.data_keys is not None:
            raise EngineError(
                "Spark cannot read or write encrypted files: load a home with keys without"
                " `--engine spark`"
            )

    @property
    def removes_warehouse(self) -> bool:
        """Whether the build removes DuckDB's warehouse first; Spark keeps its tables elsewhere."""
        return self.refresh and not self.is_on_spark

    def dbt_arguments(self) -> list[str]:
        """Return the arguments of `dbt build` for this run. The first failure ends the build."""
        arguments = ["build", "--fail-fast"]
        arguments += ["--exclude-resource-type", "unit_test", "saved_query", "exposure"]
        if self.refresh:
            arguments.append("--full-refresh")
        if self.is_on_spark:
            arguments += [TARGET, SPARK]
        if self.moment is not None:
            arguments += ["--vars", json.dumps({"as_known_at": self.moment})]
        return arguments


def parse_moment(text: str) -> str:
    """Convert a date or date-time to UTC text `YYYY-MM-DDTHH:MM:SSZ`.

    A date without a time means the last second of that day. A time without an offset is taken as
    UTC. Raises `ValueError` for any other text.
    """
    moment = datetime.fromisoformat(text)
    if len(text) == len("YYYY-MM-DD"):
        moment = moment.replace(hour=23, minute=59, second=59)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
