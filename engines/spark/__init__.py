"""dbt on Spark: DuckDB's SQL of the models transpiled at the door, Python models on the driver.

The models are written once. The adapter in `dbt_adapter` runs them on a Spark session; what dbt
sends is translated here, and the files of a home are read here. What a macro says in Spark's own
words belongs in `dbt_project/macros/dialect`; a build on Spark within a load belongs in
`orchestration.spark_builds`.
"""

from engines.spark.files import kept_by_spark, place_files, seen_by_models
from engines.spark.requirements import SparkMissingError, check_spark, missing_for_spark
from engines.spark.spark_tables import Catalogue, OtherHomeError, check_schema
from engines.spark.statements import (
    Functions,
    Kind,
    Statement,
    UntranslatableError,
    read_statements,
    written_for_spark,
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
    "kept_by_spark",
    "missing_for_spark",
    "place_files",
    "read_statements",
    "seen_by_models",
    "written_for_spark",
]
