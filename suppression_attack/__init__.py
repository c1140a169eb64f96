"""An attack on published tables, which narrows down hidden counts by linear programming.

It reads public files only: data, metadata, `ties.yaml` (see the README beside this file) and
documents. It depends on NumPy, highspy, PyYAML, defusedxml and jsonschema. It uses no code of the
register or of `official_statistics.protection`.
"""

from suppression_attack.description import DescriptionError
from suppression_attack.draft_files import draft_frames
from suppression_attack.findings import EVERY_AREA, attack, attack_frames
from suppression_attack.report import Report

__all__ = [
    "EVERY_AREA",
    "DescriptionError",
    "Report",
    "attack",
    "attack_frames",
    "draft_frames",
]
