"""`python -m benchmarks.publication`: runs the measurements of `protection_costs.py`.

These are in a separate module, because a spawned process does not import this one.
"""

from benchmarks.publication.protection_costs import app

if __name__ == "__main__":
    app()
