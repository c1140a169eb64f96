"""Official statistics: tables that anybody may have, made from one generation.

The description of the data sets is here, and how versions are compared and a cell is traced. A
release is made in `production`, protected in `protection`, checked in `checks` and `screening`,
described in `documents`, and lives in `releases`; each has a door of its own. What is counted is
dbt's (`models/statistics`); how a release is attacked is `suppression_attack`.
"""

from official_statistics.conditions import condition_table, row_table
from official_statistics.data_sets import DataSet, Indicator, data_set_named, read_data_sets
from official_statistics.release_rules import read_rules
from official_statistics.revisions import REVISION_COLUMNS, compare_files
from official_statistics.tracing import CellError, trace_cell

__all__ = [
    "REVISION_COLUMNS",
    "CellError",
    "DataSet",
    "Indicator",
    "compare_files",
    "condition_table",
    "data_set_named",
    "read_data_sets",
    "read_rules",
    "row_table",
    "trace_cell",
]
