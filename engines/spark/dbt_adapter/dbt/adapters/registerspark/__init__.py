"""dbt's adapter of the type `registerspark`: dbt-spark, with a connection and models of our own.

dbt finds `Plugin` by the type that the profile names. Macros that are written for Spark
(`spark__…`) hold here too. Translation and tables belong in `engines.spark`.
"""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.registerspark.connections import RegisterSparkCredentials
from dbt.adapters.registerspark.impl import RegisterSparkAdapter
from dbt.include.registerspark import PACKAGE_PATH

Plugin = AdapterPlugin(
    adapter=RegisterSparkAdapter,
    credentials=RegisterSparkCredentials,
    include_path=PACKAGE_PATH,
    dependencies=["spark"],
)
