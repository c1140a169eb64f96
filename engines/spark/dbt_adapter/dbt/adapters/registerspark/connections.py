"""dbt's connection to Spark, which translates every statement from DuckDB's SQL."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
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

from engines.spark.spark_session import get_session, run_statement
from engines.spark.spark_tables import find_tables_folder
from engines.spark.statements import Functions, UntranslatableError, read_statements

TYPE = "registerspark"
FUNCTIONS = Functions()
# Characters of an error message to show. Spark repeats the query plan after the useful part.
MESSAGE_LENGTH = 2000


@dataclass
class RegisterSparkCredentials(SparkCredentials):
    """The connection settings of a dbt target: its schema and its Spark settings."""

    host: str | None = "local"
    method: SparkConnectionMethod = SparkConnectionMethod.SESSION

    @property
    def type(self) -> str:
        """The adapter type that the dbt profile names."""
        return TYPE


class Cursor:
    """A cursor that accepts DuckDB's SQL and runs it on Spark."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters
        self._frame: DataFrame | None = None

    @property
    def description(self) -> list[tuple[Any, ...]]:
        """The columns of the last query, as the Python Database API describes them."""
        fields = self._frame.schema.fields if self._frame is not None else []
        return [
            (field.name, field.dataType.simpleString(), None, None, None, None, field.nullable)
            for field in fields
        ]

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement from dbt; raise `DbtRuntimeError` with Spark's message if it fails."""
        if parameters:
            sql %= parameters
        self._frame = None
        try:
            spark = get_session(self._parameters)
            for statement in read_statements(sql, FUNCTIONS):
                self._frame = run_statement(spark, statement, find_tables_folder(self._parameters))
        except (PySparkException, UntranslatableError, duckdb.Error) as error:
            raise DbtRuntimeError(str(error)[:MESSAGE_LENGTH]) from error

    def fetchall(self) -> list[Any]:
        """Return all rows of the last query. Raises `DbtRuntimeError` with Spark's message."""
        try:
            return self._frame.collect() if self._frame is not None else []
        except PySparkException as error:
            raise DbtRuntimeError(str(error)[:MESSAGE_LENGTH]) from error

    def close(self) -> None:
        """Discard the last query; the Spark session stays open."""
        self._frame = None


class RegisterSparkConnectionManager(SparkConnectionManager):
    """A manager of connections from dbt-spark to the one Spark session of this process."""

    TYPE = TYPE

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection; Spark starts only with the first statement."""
        if connection.state != ConnectionState.OPEN:
            parameters = connection.credentials.server_side_parameters
            # dbt-spark asks this object for a new cursor for each statement.
            session = SimpleNamespace(cursor=lambda: Cursor(parameters))
            connection.handle = SessionConnectionWrapper(session)
            connection.state = ConnectionState.OPEN
        return connection
