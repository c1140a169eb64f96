"""The documents as a site, the supplier guide, and pages of one file that commands write.

`staging` lays out the pages that people wrote, `references` makes those of the command line, the
settings and the contracts, `glossary` links words at their first use. The tables of the register
are described by `orchestration.data_dictionary`.
"""

from interfaces.documentation.candidate_page import candidate_page
from interfaces.documentation.page_templates import render_page
from interfaces.documentation.site import DocumentationError, build_documentation
from interfaces.documentation.supplier_guide import write_supplier_guide

__all__ = [
    "DocumentationError",
    "build_documentation",
    "candidate_page",
    "render_page",
    "write_supplier_guide",
]
