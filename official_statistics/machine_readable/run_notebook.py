"""Run the code of a notebook of a release, and print what it made as JSON.

This script runs in a process of its own, with nothing of the register.
"""

import json
import sys
from pathlib import Path
from typing import Any

RESULTS = ("headlines", "tables", "quality")


def run_cells(path: Path) -> dict[str, Any]:
    """Run the code cells of a notebook in order, and return what they made."""
    names: dict[str, Any] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - the notebook was compared before
    return {name: names[name] for name in RESULTS}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_cells(Path(sys.argv[1]))))
