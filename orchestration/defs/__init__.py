"""Dagster's definitions, a module for each part of a load, found by `orchestration.definitions`.

Code that is no definition belongs in `orchestration` itself.
"""
