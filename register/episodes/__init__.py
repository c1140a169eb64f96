"""Which absences that two sources recorded are the same absence of one child.

Plain Python over Arrow tables. Who the child is belongs to `register.identity`; what a report's
interval is, and merging inside a source, are SQL.
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
