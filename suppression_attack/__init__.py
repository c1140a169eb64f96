"""An attack on published tables by linear programming: what hidden counts still give away.

It reads public files only: data, metadata, `ties.yaml` (see the README beside this file) and the
documents beside them. It depends on NumPy, highspy, PyYAML and defusedxml. Nothing of the register
belongs here, and no method of protection: that is `official_statistics.protection`.
"""

from suppression_attack.description import DescriptionError
from suppression_attack.findings import attack
from suppression_attack.report import Report

__all__ = ["DescriptionError", "Report", "attack"]
