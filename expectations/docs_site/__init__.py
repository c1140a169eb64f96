"""The quality site's own views: figures, charts, pages, templates and style.

Nothing on a page comes from outside it, and nothing on it says anything about a person.
"""
