"""Support for building the models on Spark: SQL translation, file access and Python models.

The dbt adapter is in `dbt_adapter`, and macros for Spark are in `dbt_project/macros/dialect`.
`orchestration.spark_builds` runs a load's builds on Spark.
"""

from engines.spark.files import convert_to_spark_types, replace_files, restore_types
from engines.spark.requirements import SparkMissingError, check_spark, missing_for_spark
from engines.spark.spark_tables import Catalogue, OtherHomeError, check_schema
from engines.spark.statements import (
    Functions,
    Kind,
    Statement,
    UntranslatableError,
    read_statements,
    write_for_spark,
)

__all__ = [
    "Catalogue",
    "Functions",
    "Kind",
    "OtherHomeError",
    "SparkMissingError",
    "Statement",
    "UntranslatableError",
    "check_schema",
    "check_spark",
    "convert_to_spark_types",
    "missing_for_spark",
    "read_statements",
    "replace_files",
    "restore_types",
    "write_for_spark",
]
