"""Which records are the same child: cleaning, links, guards, clusters and keys.

Plain Python over Arrow tables, so that a dbt model and a test call the same functions. Nothing
here reads the environment, the warehouse or an event date: when a child went missing is what the
register measures and is never used to decide who the child is.
"""
