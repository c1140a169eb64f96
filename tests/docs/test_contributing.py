"""The map in CONTRIBUTING names every package, and every folder of models in the flow's order."""

from __future__ import annotations

import re

from register.settings import PROJECT_ROOT
from tests.house_rules.test_layers import PACKAGES

PAGE = PROJECT_ROOT / "CONTRIBUTING.md"
PACKAGE = re.compile(r"^\| `([\w/]+)/` \|", re.MULTILINE)
STEP = re.compile(r"^\d\. ((?:`\w+`(?:, )?)+):", re.MULTILINE)
FOLDER = re.compile(r"^\| `(\w+)", re.MULTILINE)
# A map names the packages of this one too: each is a method of its own.
METHODS = "register"


def test_the_map_names_every_package_once() -> None:
    """Prevents a package that a newcomer finds on no map, or one that is no more."""
    packages = {package.replace(".", "/") for package in PACKAGES} | {"benchmarks"}
    packages |= {
        f"{METHODS}/{path.parent.name}" for path in (PROJECT_ROOT / METHODS).glob("*/__init__.py")
    }
    assert sorted(PACKAGE.findall(PAGE.read_text(encoding="utf-8"))) == sorted(packages)


def test_the_models_are_in_the_order_of_their_own_map() -> None:
    """Prevents a flow that is told in two orders."""
    steps = STEP.findall(PAGE.read_text(encoding="utf-8"))
    named = [name for step in steps for name in re.findall(r"\w+", step)]
    text = (PROJECT_ROOT / "dbt_project" / "models" / "README.md").read_text(encoding="utf-8")
    folders = list(dict.fromkeys(FOLDER.findall(text)))
    assert sorted(named) == sorted(folders)
    # Marts, evaluation and statistics lie beside each other on that map.
    flow = [name for name in folders if name not in {"marts", "evaluation", "statistics"}]
    assert [name for name in named if name in flow] == flow
