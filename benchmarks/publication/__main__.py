"""`python -m benchmarks.publication`: the measurements of `measure.py`.

They are in a module of their own, because a process that is spawned does not import this one.
"""

from benchmarks.publication.measure import app

if __name__ == "__main__":
    app()
