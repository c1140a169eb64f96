"""The adapter class: dbt-spark with faster listing of tables, and Python models on the driver."""

from __future__ import annotations

from typing import Any

from dbt.adapters.base import PythonJobHelper
from dbt.adapters.registerspark.connections import RegisterSparkConnectionManager
from dbt.adapters.spark.impl import SparkAdapter
from dbt_common.exceptions import DbtRuntimeError

from engines.spark.driver_models import DriverModel
from engines.spark.files import FILES
from engines.spark.spark_session import get_session
from engines.spark.spark_tables import OtherHomeError, check_schema, find_tables_folder

DRIVER = "driver"


class RegisterSparkAdapter(SparkAdapter):
    """The dbt adapter for building the register on Spark.

    dbt derives the adapter type from the name of this class.
    """

    ConnectionManager = RegisterSparkConnectionManager

    def list_relations_without_caching(self, schema_relation: Any) -> list[Any]:
        """Return the names of the tables and views of a schema, without their columns.

        dbt-spark reads every column of every table, which takes minutes.
        """
        schema = str(schema_relation.schema)
        parameters = self.config.credentials.server_side_parameters
        spark = get_session(parameters)
        if not spark.catalog.databaseExists(schema):
            return []
        try:
            check_schema(spark, schema, find_tables_folder(parameters))
        except OtherHomeError as error:
            raise DbtRuntimeError(str(error)) from error
        views = {row["viewName"] for row in spark.sql(f"show views in {schema}").collect()}
        names = {row["tableName"] for row in spark.sql(f"show tables in {schema}").collect()}
        return [
            self.Relation.create(
                schema=schema, identifier=name, type="view" if name in views else "table"
            )
            for name in sorted(names)
            # Spark lists temporary views of the session in every schema, so they are left out here.
            if not name.startswith(FILES)
        ]

    @property
    def default_python_submission_method(self) -> str:
        """The name of the only way to run Python models: in this process, the Spark driver."""
        return DRIVER

    @property
    def python_submission_helpers(self) -> dict[str, type[PythonJobHelper]]:
        """Return the class that runs Python models, by the name of its submission method."""
        return {DRIVER: DriverModel}
