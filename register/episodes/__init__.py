"""Episodes: which absences recorded by two sources are the same absence of one child.

`register.identity` decides which child a record is about. SQL computes a report's interval and
merges the reports of one source.
"""

from register.episodes.assignment import (
    GROUP_SCHEMA,
    AssignmentMethod,
    episodes_of_reports,
    group_absences,
    group_at_tolerances,
    name_source_absences,
    read_edges,
    read_method,
)
from register.episodes.slices import compute_by_children

__all__ = [
    "GROUP_SCHEMA",
    "AssignmentMethod",
    "compute_by_children",
    "episodes_of_reports",
    "group_absences",
    "group_at_tolerances",
    "name_source_absences",
    "read_edges",
    "read_method",
]
