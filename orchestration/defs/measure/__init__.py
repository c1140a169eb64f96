"""Assets and checks of measuring: results of expectations, and the quality site.

Expectations and tolerances belong in `expectations`.
"""
