"""Engines other than DuckDB for the dbt models, one package for each engine.

Models and macros for these engines are in `dbt_project`.
"""
