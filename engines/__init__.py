"""Other engines than DuckDB that the models run on.

Each folder is a package of its own with one door, its `__init__.py`; this one has no code.
"""
