"""Identity: the decision which records are about the same child.

There are six packages. The `__init__` of each lists the names that other packages may import. Each
package imports only from packages above it in this list:

- `clean`: fields in one standard form; mentions and persons.
- `block`: blocking rules and candidate pairs.
- `score`: the pinned model, its training, match weights, links and the score cache.
- `cluster`: cannot-link constraints, constrained clustering, rejected links, candidate splits.
- `keys`: pseudonyms of source identifiers.
- `evaluate`: linkage error against known truth.

The code is plain Python over Arrow tables, so that dbt models and tests call the same functions. It
reads neither the environment nor the warehouse. It does not read the dates of absences either.
Absences are what the register measures, so they must not decide which child a record is about.
"""
