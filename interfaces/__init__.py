"""The interfaces for people: the command line, web application, quality site and documents.

Each folder is a package that other code uses only through its `__init__.py`. This package has no
code of its own.
"""
