"""Official statistics: tables that anybody may have, made from one generation.

The description of the data sets, their protection, their files and the life of a release. What is
counted is dbt's (`models/marts/statistics`); how a release is attacked is `suppression_attack`.
"""

from register.statistics.conditions import condition_table, row_table
from register.statistics.data_sets import (
    Combination,
    DataSet,
    Filter,
    Indicator,
    Item,
    data_set_named,
    read_data_sets,
)

__all__ = [
    "Combination",
    "DataSet",
    "Filter",
    "Indicator",
    "Item",
    "condition_table",
    "data_set_named",
    "read_data_sets",
    "row_table",
]
