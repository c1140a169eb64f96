"""The documents as a site: pages that people wrote, and references made from the code.

`build_documentation` is the door. `staging` lays out the pages, `references` makes those of the
command line, the settings and the contracts, `glossary` links words at their first use. The tables
of the register are described by `orchestration.data_dictionary`.
"""

from orchestration.documentation.site import DocumentationError, build_documentation

__all__ = ["DocumentationError", "build_documentation"]
