"""Environment variables, each declared together with the field that it sets.

This module defines how a variable is described, the limits of deliveries, and the settings of the
web application. All other settings are in `register.settings`, which reads the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Variable:
    """An environment variable, as the settings page describes it.

    `kind` is its type in words. `usual` describes a default that depends on the machine or on
    another setting. If `usual` is empty, the page shows the value that `load_settings` returns.
    `least` is the lowest value that a number may have.
    """

    name: str
    kind: str
    purpose: str
    usual: str = ""
    least: float | None = None


def declare_variable(
    name: str,
    kind: str,
    purpose: str,
    usual: str = "",
    *,
    least: float | None = None,
    **options: Any,
) -> Any:
    """Declare a field, the environment variable that sets it, and a number's least value."""
    return field(metadata={"variable": Variable(name, kind, purpose, usual, least)}, **options)


@dataclass(frozen=True)
class DeliveryLimits:
    """Limits on the size of a delivery, so that no single delivery uses all memory.

    A larger delivery is rejected, and the finding says why.
    """

    delivery_megabytes: float = declare_variable(
        "REGISTER_DELIVERY_MEGABYTES",
        "number",
        "The largest delivery that is read, in megabytes after unpacking.",
        least=1.0,
        default=256.0,
    )
    line_kilobytes: float = declare_variable(
        "REGISTER_LINE_KILOBYTES",
        "number",
        "The longest line of a text file that is read, in kilobytes.",
        least=1.0,
        default=1024.0,
    )
    columns: int = declare_variable(
        "REGISTER_COLUMNS_AT_MOST",
        "whole number",
        "The largest number of columns in a file.",
        least=100,
        default=1000,
    )
    archive_members: int = declare_variable(
        "REGISTER_ARCHIVE_MEMBERS_AT_MOST",
        "whole number",
        "The largest number of files in an archive.",
        least=1,
        default=1000,
    )
    xml_elements: int = declare_variable(
        "REGISTER_XML_ELEMENTS_AT_MOST",
        "whole number",
        "The largest number of elements in an XML return; the largest real return has a million.",
        least=1,
        default=10_000_000,
    )
    unfinished_hours: float = declare_variable(
        "REGISTER_UNFINISHED_HOURS",
        "number",
        "Hours that a delivery waits for a file that is still being sent: a file that ends with"
        " `.part`, `.tmp`, `.filepart`, `.partial` or `.crdownload`.",
        least=0.0,
        default=24.0,
    )
    # The limit has no effect where the operating system cannot limit a process.
    worker_memory_gigabytes: float = declare_variable(
        "REGISTER_WORKER_MEMORY_GIGABYTES",
        "number",
        "The memory of the process that reads a large delivery, in gigabytes. Set it to ten times"
        " the size of the files or more.",
        least=1.0,
        default=4.0,
    )

    @property
    def delivery_bytes(self) -> int:
        """The limit `delivery_megabytes` in bytes."""
        return int(self.delivery_megabytes * (1 << 20))

    @property
    def line_bytes(self) -> int:
        """The limit `line_kilobytes` in bytes."""
        return int(self.line_kilobytes * (1 << 10))


@dataclass(frozen=True)
class WebSettings:
    """Settings for how users reach `register web`, and who authenticates them.

    If `proxy_secret` is set, a reverse proxy signs users in; it sends the secret with every
    request. `host` is the name that browsers use, and `session_hours` is how long a sign-in lasts.
    """

    proxy_secret: str = declare_variable(
        "REGISTER_WEB_PROXY_SECRET",
        "text, secret",
        "The secret that the reverse proxy sends with each request to `register web`: 32"
        " characters or more, required in production.",
        default="",
        repr=False,
    )
    host: str = declare_variable(
        "REGISTER_WEB_HOST",
        "text",
        "The host name under which browsers reach `register web`.",
        "the loopback address alone",
        default="",
    )
    session_hours: float = declare_variable(
        "REGISTER_WEB_SESSION_HOURS",
        "number",
        "Hours after which a sign-in to `register web`, and the stated purpose, ends, even if the"
        " person is active.",
        default=8.0,
    )
    requests_per_minute: int = declare_variable(
        "REGISTER_WEB_REQUESTS_PER_MINUTE",
        "whole number",
        "The largest number of requests to `register web` that one address may send in a minute.",
        default=600,
    )

    @property
    def is_proxied(self) -> bool:
        """Whether users are signed in by a reverse proxy."""
        return bool(self.proxy_secret)


@dataclass(frozen=True)
class WatchSettings:
    """Settings for those who watch over a home: where alerts go, and the record outside the home.

    New deliveries that wait in the inbox longer than `load_hours` are an alert.
    """

    alert_command: str = declare_variable(
        "REGISTER_ALERT_COMMAND",
        "command",
        "A command that `register alerts --send` runs for new alerts, with the alerts as JSON on"
        " its standard input. It gets no secret of the register.",
        "none",
        default="",
    )
    alert_url: str = declare_variable(
        "REGISTER_ALERT_URL",
        "address, secret",
        "The `https://` address of a web hook to which `register alerts --send` posts new alerts"
        " as JSON; it is never printed.",
        "none",
        default="",
        repr=False,
    )
    dagster_url: str = declare_variable(
        "REGISTER_DAGSTER_URL",
        "address",
        "The `https://` address at which engineers open the Dagster UI; the page *Status* of"
        " `register web` links to it.",
        "none",
        default="",
    )
    load_hours: float = declare_variable(
        "REGISTER_ALERT_LOAD_HOURS",
        "number",
        "Hours that a new delivery may wait in the inbox before an alert says that no load has"
        " taken it in.",
        least=0.0,
        default=26.0,
    )
    outside_record: Path | None = declare_variable(  # noqa: RUF009 - declares a field
        "REGISTER_OUTSIDE_RECORD",
        "file",
        "A file outside the home, best on another machine, to which each load appends hashes of"
        " the generation, the access record and the decisions. So their removal is noticed.",
        "none",
        default=None,
    )
    record_command: str = declare_variable(
        "REGISTER_OUTSIDE_RECORD_COMMAND",
        "command",
        "A command that each load runs with the line of the record outside the home as JSON on its"
        " standard input. It gets no secret of the register.",
        "none",
        default="",
    )
    record_url: str = declare_variable(
        "REGISTER_OUTSIDE_RECORD_URL",
        "address, secret",
        "The `https://` address of a web hook to which each load posts the line of the record"
        " outside the home as JSON; it is never printed.",
        "none",
        default="",
        repr=False,
    )

    @property
    def has_outside_record(self) -> bool:
        """Whether each load delivers hashes of the home to a file, a command or a web hook."""
        return bool(self.outside_record or self.record_command or self.record_url)


@dataclass(frozen=True)
class LakeSettings:
    """Settings of the lake: where its catalogue and its data files are, and how to reach them."""

    catalogue: str = declare_variable(
        "REGISTER_LAKE",
        "path, or `postgres:` and a connection string; secret",
        "The catalogue of the lake that `lake` writes: a file, or a PostgreSQL database. It is"
        " never printed.",
        "none",
        default="",
        repr=False,
    )
    data: str = declare_variable(
        "REGISTER_LAKE_DATA",
        "folder, or address such as `s3://bucket/register`",
        "Where a new lake stores its data files.",
        "none",
        default="",
    )
    detail: str = declare_variable(
        "REGISTER_LAKE_DETAIL",
        "`coarse` or `exact`",
        "The form that the lake has: coarse, in which dates are months, or exact.",
        default="coarse",
    )
    s3_endpoint: str = declare_variable(
        "REGISTER_S3_ENDPOINT",
        "address",
        "The object store of the lake, such as `https://s3.example:9000`.",
        "Amazon's",
        default="",
    )
    s3_region: str = declare_variable(
        "REGISTER_S3_REGION", "text", "The region of the object store.", default="eu-west-2"
    )
    s3_key_id: str = declare_variable(
        "REGISTER_S3_KEY_ID", "text", "The id of the key to the object store.", "none", default=""
    )
    s3_secret: str = declare_variable(
        "REGISTER_S3_SECRET",
        "text, secret",
        "The secret of the key to the object store; it is never printed.",
        "none",
        default="",
        repr=False,
    )

    @property
    def is_exact(self) -> bool:
        """Whether the lake has exact dates."""
        return self.detail == "exact"

    @classmethod
    def read(cls, values: Mapping[str, str]) -> LakeSettings:
        """Return the settings that `values` contain. Paths become absolute."""
        names = {item.metadata["variable"].name: item.name for item in fields(cls)}
        chosen = {names[name]: value for name, value in values.items() if name in names}
        for name in chosen.keys() & {"catalogue", "data"}:
            # An address has a colon after its kind, such as `s3://` and `postgres:`.
            if chosen[name] and not re.match(r"\w+:", chosen[name]):
                chosen[name] = str(Path(chosen[name]).expanduser().resolve())
        return cls(**chosen)


# Variables without a field of their own: other sources of the data keys, and what dbt's Spark
# profile (profiles.yml) reads itself.
OTHER_VARIABLES = (
    Variable(
        "REGISTER_DATA_KEYS_FILE",
        "file",
        "A file outside the home with the lines of `REGISTER_DATA_KEYS`, in place of it.",
        "none",
    ),
    Variable(
        "REGISTER_DATA_KEYS_COMMAND",
        "command",
        "A command that prints the lines of `REGISTER_DATA_KEYS`, in place of it. It runs once,"
        " without a shell, and its error output is not shown.",
        "none",
    ),
    Variable(
        "REGISTER_SPARK_MASTER",
        "address",
        "The Spark master, such as `local[4]`, `spark://host:7077` or `k8s://…`.",
        "local[2]",
    ),
    Variable(
        "REGISTER_SPARK_DRIVER_MEMORY",
        "size",
        "The memory of the Java process of Spark's driver.",
        "3g",
    ),
    Variable(
        "REGISTER_SPARK_DRIVER_ADDRESS",
        "text",
        "The name under which executors reach the driver.",
        "127.0.0.1",
    ),
    Variable(
        "REGISTER_SPARK_DRIVER_ROWS",
        "whole number",
        "The largest number of rows of one table that a Python model reads; a larger table stops"
        " the build.",
        "50000000",
    ),
    Variable(
        "REGISTER_SPARK_DRIVER_MENTIONS",
        "whole number",
        "The largest number of mentions that are compared on the driver; if there are more, Spark"
        " scores the pairs.",
        "10000000",
    ),
    Variable(
        "REGISTER_SPARK_PARTITIONS",
        "whole number",
        "The number of partitions in a shuffle; set two or three for each core.",
        "4",
    ),
    Variable(
        "REGISTER_SPARK_CODE",
        "`FALLBACK` or `NO_CODEGEN`",
        "Whether Spark compiles queries (`FALLBACK`) or interprets them (`NO_CODEGEN`), which is"
        " faster for few rows.",
        "FALLBACK",
    ),
)
