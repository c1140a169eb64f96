"""Engines other than DuckDB that run the models, each a package of its own.

Models and macros for these engines belong in `dbt_project`.
"""
