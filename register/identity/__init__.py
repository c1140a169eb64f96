"""Identity: which records are about the same child.

Six packages. The `__init__` of each lists the names that other packages may import. Each package
imports only from those above it in this list:

- `clean`: fields in one standard form; mentions and persons.
- `block`: blocking rules and candidate pairs.
- `score`: the pinned model, its training, match weights, links and the score cache.
- `cluster`: cannot-link constraints, constrained clustering, rejected links, candidate splits.
- `keys`: pseudonyms of source identifiers.
- `evaluate`: linkage error against known truth.

The code is plain Python over Arrow tables, so that a dbt model and a test call the same functions.
Nothing here reads the environment or the warehouse. Nothing reads the date of an absence either:
absences are what the register measures, so they never decide who a child is.
"""
