"""What a person or a schedule may ask of one load, as one Dagster resource.

Settings of the home belong in `register.settings`; these hold for a single run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

import dagster as dg
from pydantic import Field

from orchestration.dbt_process import SPARK, TARGET


class LoadOptions(dg.ConfigurableResource):
    """Options of one run, the same for every step of it."""

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
    def is_on_spark(self) -> bool:
        """Whether the models run on Spark."""
        return self.engine == "spark"

    @property
    def removes_warehouse(self) -> bool:
        """Whether DuckDB's warehouse goes first: Spark's tables lie beside it."""
        return self.refresh and not self.is_on_spark

    def dbt_arguments(self) -> list[str]:
        """Return the arguments of `dbt build` for this run, without what makes or tests no data.

        The first failure ends the build: nothing is published then, and the rest takes minutes.
        """
        arguments = ["build", "--fail-fast"]
        arguments += ["--exclude-resource-type", "unit_test", "saved_query", "exposure"]
        if self.refresh:
            arguments.append("--full-refresh")
        if self.is_on_spark:
            arguments += [TARGET, SPARK]
        if self.as_known_at is not None:
            moment = parse_moment(self.as_known_at)
            arguments += ["--vars", json.dumps({"as_known_at": moment})]
        return arguments


def parse_moment(text: str) -> str:
    """A date or a date-time, as UTC text `YYYY-MM-DDTHH:MM:SSZ`; a bare date is its last second.

    A date-time without an offset is UTC. Raises `ValueError` for anything else.
    """
    moment = datetime.fromisoformat(text)
    if len(text) == len("YYYY-MM-DD"):
        moment = moment.replace(hour=23, minute=59, second=59)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
