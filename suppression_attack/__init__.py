"""An attack on published tables by linear programming: what hidden counts still give away.

Reads CSV files, their metadata, a description of their ties (`ties.yaml`) and the documents beside
them; README.md beside this file says how to write one. Depends on NumPy, highspy, PyYAML and
defusedxml, and on nothing of ours.
"""

from suppression_attack.description import DescriptionError
from suppression_attack.findings import attack
from suppression_attack.report import Report

__all__ = ["DescriptionError", "Report", "attack"]
