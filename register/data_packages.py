"""Words of Data Package 2.0 that every data package of this project uses.

See https://datapackage.org/standard/data-package/.
"""

from __future__ import annotations

import json
from typing import Any

PACKAGE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
CSV = {"type": "table", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}


def encode_json(content: dict[str, Any]) -> str:
    """Return the text of a JSON file for people and machines; the same content, the same text."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
