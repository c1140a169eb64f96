"""dbt on Spark: DuckDB's SQL of the models transpiled at the door, Python models on the driver.

The models are written once. dbt-spark runs them on a Spark session; what it sends is translated
here, and the files of a home are read here. What a macro says in Spark's own words belongs in
`dbt_project/macros/dialect`; a build on Spark within a load belongs in
`orchestration.spark_builds`.
"""

from orchestration.spark.requirements import SparkMissingError, check_spark, missing_for_spark
from orchestration.spark.statements import Functions, Statement, read_statements

__all__ = [
    "Functions",
    "SparkMissingError",
    "Statement",
    "check_spark",
    "install",
    "missing_for_spark",
    "read_statements",
]


def install() -> None:
    """Have dbt-spark send its statements through this package, in this process."""
    from orchestration.spark.adapter import install as install_adapter

    install_adapter()
