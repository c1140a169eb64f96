"""Dagster's definitions, one module for each part of a load.

`orchestration.definitions` collects them. Code that defines nothing for Dagster belongs in
`orchestration` itself.
"""
