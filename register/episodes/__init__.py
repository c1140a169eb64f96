"""Episodes: which absences recorded by two sources are the same absence of one child.

Who the child is belongs in `register.identity`. A report's interval, and the merging of reports of
one source, belong in SQL.
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
