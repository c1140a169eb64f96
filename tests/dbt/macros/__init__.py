"""Tests of the macros of dbt: one query a sentence, which returns what is wrong."""
