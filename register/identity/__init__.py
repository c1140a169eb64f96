"""Identity: which records are of the same child.

Six packages, each with one door: its `__init__` lists what others may import, and imports run from
`clean` downwards only.

- `clean`: fields in one standard form; mentions and persons.
- `block`: blocking rules and candidate pairs.
- `score`: the pinned model, its training, match weights, links and the score cache.
- `cluster`: cannot-link constraints, constrained clustering, rejected links, candidate splits.
- `keys`: pseudonyms of source identifiers.
- `evaluate`: linkage error against known truth.

Plain Python over Arrow tables, so that a dbt model and a test call the same functions. Nothing here
reads the environment, the warehouse or an event date: absences are what the register measures, so
they are never used to decide who a child is.
"""
