"""The dbt adapter `registerspark`: dbt-spark with its own connection and Python models.

dbt loads `Plugin` by the adapter type in the profile, and uses the macros for Spark (`spark__…`).
Translating SQL and writing tables belong in `engines.spark`.
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
