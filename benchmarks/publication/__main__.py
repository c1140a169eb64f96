"""`python -m benchmarks.publication`: the measurements of `protection_costs.py`.

They are in a module of their own, because a process that is spawned does not import this one.
"""

from benchmarks.publication.protection_costs import app

if __name__ == "__main__":
    app()
