"""The conformance kit: sample deliveries with which a vendor tries an export or a checker.

Each module of faults makes the bad samples of some rules. `conformance_kit.py` writes all samples
with their expected results, and `conformance_run.py` checks them.
"""

from register.conformance.conformance_kit import read_not_covered, write_conformance_kit
from register.conformance.conformance_run import KitError, run_conformance_kit
from register.conformance.fault_list import FAULTS

__all__ = [
    "FAULTS",
    "KitError",
    "read_not_covered",
    "run_conformance_kit",
    "write_conformance_kit",
]
