"""The export of published releases: a site for any web server, and a bundle for the department.

Nothing is counted or decided here. Pages of a release are copied as they were signed.
"""

from official_statistics.export.signed_texts import read_headlines
from official_statistics.export.site_export import export_release

__all__ = ["export_release", "read_headlines"]
