"""Official statistics: releases of tables for the public, each made from one generation.

dbt counts the cells (`models/statistics`). `production` makes releases, `protection` hides counts,
`checks` and `screening` test the files, `documents` describes them, and `machine_readable` writes
them for programs. `releases` keeps the state of each version. Modules at this level describe the
data sets, compare versions and trace cells. The attack that tests a release is in
`suppression_attack`.
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
