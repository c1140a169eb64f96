"""The documentation site, the supplier guide, and single pages that commands write.

The text of the documents belongs in `docs/`, and the description of tables in
`orchestration.data_dictionary`.
"""

from interfaces.documentation.candidate_page import build_candidate_page
from interfaces.documentation.site import DocumentationError, build_documentation
from interfaces.documentation.supplier_guide import write_supplier_guide

__all__ = [
    "DocumentationError",
    "build_candidate_page",
    "build_documentation",
    "write_supplier_guide",
]
