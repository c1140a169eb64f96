"""What people use: the command line, the web application, the quality site and the documents.

Each folder is a package of its own with one door, its `__init__.py`; this one has no code.
"""
