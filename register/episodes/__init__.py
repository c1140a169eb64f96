"""Which absences that two sources recorded are the same absence of one child.

Plain Python over Arrow tables. Who the child is belongs to `register.identity`; what a report's
interval is, and merging inside a source, are SQL.
"""
