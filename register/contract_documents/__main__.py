"""Record the contracts as released: `python -m register.contract_documents 2026-12-02`."""

import sys
from datetime import date

from register.contract_documents.contract_releases import release_contracts

release_contracts(date.fromisoformat(sys.argv[1]))
