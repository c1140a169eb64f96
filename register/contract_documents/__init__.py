"""Contracts for vendors of case systems, in forms that their tools read.

Everything is generated from the contracts, layouts and code maps of `register.feeds`.
`record_schema.py` builds JSON Schemas, and `layout_package.py` builds data packages.
`contract_releases.py` compares contracts with their last released versions.
"""

from register.contract_documents.contract_files import write_contract_files, write_layout_files
from register.contract_documents.contract_releases import (
    build_changelog,
    find_version_faults,
    release_contracts,
)
from register.contract_documents.contract_summary import Level, compare_summaries
from register.contract_documents.record_schema import build_record_schema

__all__ = [
    "Level",
    "build_changelog",
    "build_record_schema",
    "compare_summaries",
    "find_version_faults",
    "release_contracts",
    "write_contract_files",
    "write_layout_files",
]
