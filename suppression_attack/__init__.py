"""An attack on published tables, which narrows down hidden counts by linear programming.

It reads public files only: data, metadata, `ties.yaml` (see the README beside this file) and
documents. It depends on NumPy, highspy, PyYAML and defusedxml. It uses no code of the register or
of `official_statistics.protection`.
"""

from suppression_attack.description import DescriptionError
from suppression_attack.findings import attack
from suppression_attack.report import Report

__all__ = ["DescriptionError", "Report", "attack"]
