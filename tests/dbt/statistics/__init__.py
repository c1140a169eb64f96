"""Tests of the statistic macros against SciPy and NumPy."""
