"""Dagster's definitions, a package for each part of a load, found by `orchestration.definitions`.

Code that is no definition belongs in `orchestration` itself.
"""
