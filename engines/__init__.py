"""Execution engines other than DuckDB for the dbt models, one package for each engine.

Models and macros for these engines belong in `dbt_project`.
"""
