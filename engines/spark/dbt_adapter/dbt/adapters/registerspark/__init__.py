"""The dbt adapter `registerspark`: dbt-spark with its own connection and Python models.

dbt finds `Plugin` by the adapter type in the profile, and uses the macros for Spark (`spark__…`).
`engines.spark` translates SQL and writes tables.
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
