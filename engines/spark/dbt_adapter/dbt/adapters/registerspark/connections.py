"""The connection of dbt to Spark: every statement is translated on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.spark.connections import (
    SparkConnectionManager,
    SparkConnectionMethod,
    SparkCredentials,
)
from dbt.adapters.spark.session import SessionConnectionWrapper
from dbt_common.exceptions import DbtRuntimeError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from engines.spark.spark_session import run, session
from engines.spark.spark_tables import folder_of_tables
from engines.spark.statements import Functions, UntranslatableError, read_statements

TYPE = "registerspark"
FUNCTIONS = Functions()
# Where what Spark says of one query begins to be its plan.
MESSAGE_LENGTH = 2000


@dataclass
class RegisterSparkCredentials(SparkCredentials):
    """A target of this type: the schema, and the settings of Spark."""

    host: str | None = "local"
    method: SparkConnectionMethod = SparkConnectionMethod.SESSION

    @property
    def type(self) -> str:
        """The type that a target names."""
        return TYPE


class Cursor:
    """A cursor that runs DuckDB's SQL on Spark."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters
        self._frame: DataFrame | None = None

    @property
    def description(self) -> list[tuple[Any, ...]]:
        """Name and type of each column of the last query, in the form of Python's databases."""
        fields = self._frame.schema.fields if self._frame is not None else []
        return [
            (field.name, field.dataType.simpleString(), None, None, None, None, field.nullable)
            for field in fields
        ]

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run one text of dbt's. Raises `DbtRuntimeError` with what Spark said."""
        if parameters:
            sql %= parameters
        self._frame = None
        try:
            spark = session(self._parameters)
            for statement in read_statements(sql, FUNCTIONS):
                self._frame = run(spark, statement, folder_of_tables(self._parameters))
        except (PySparkException, UntranslatableError, duckdb.Error) as error:
            raise DbtRuntimeError(str(error)[:MESSAGE_LENGTH]) from error

    def fetchall(self) -> list[Any]:
        """All rows of the last query. Raises `DbtRuntimeError` with what Spark said."""
        try:
            return self._frame.collect() if self._frame is not None else []
        except PySparkException as error:
            raise DbtRuntimeError(str(error)[:MESSAGE_LENGTH]) from error

    def close(self) -> None:
        """Forget the last query; the session of Spark stays."""
        self._frame = None


class CursorFactory:
    """What dbt-spark asks for a cursor."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    def cursor(self) -> Cursor:
        """Return a cursor for one statement."""
        return Cursor(self._parameters)


class RegisterSparkConnectionManager(SparkConnectionManager):
    """dbt-spark's connections, opened to the one session of this process."""

    TYPE = TYPE

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection; Spark starts with its first statement."""
        if connection.state != ConnectionState.OPEN:
            parameters = connection.credentials.server_side_parameters
            connection.handle = SessionConnectionWrapper(CursorFactory(parameters))
            connection.state = ConnectionState.OPEN
        return connection
