"""Measures what was published: suites of expectations, their results, and the quality site.

It reads published marts and nothing else, and it never stops a load. What must be true before
publication is a data test of dbt.
"""
