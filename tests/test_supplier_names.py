"""The names of suppliers, which people read in place of codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from register.settings import load_settings
from register.supplier_names import name_supplier

SEED = """supplier_code,supplier_name,feed
E23000077,Invented Police,police_reports
901,Invented Borough,authority_extract
901,Invented Borough,authority_return
902,Invented County,authority_extract
903,Invented County,authority_extract
904,,authority_extract
"""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("E23000077", "Invented Police"),
        ("901", "Invented Borough"),
        ("902", "Invented County (902)"),
        ("903", "Invented County (903)"),
        ("904", "904"),
        ("E10000014", "E10000014"),
    ],
)
def test_a_supplier_has_one_name(tmp_path: Path, code: str, name: str) -> None:
    """Prevents two suppliers that look like one, and an empty cell where the name is not known."""
    (tmp_path / "ref__suppliers.csv").write_text(SEED, encoding="utf-8")
    assert name_supplier(tmp_path, code) == name


def test_the_look_up_table_gives_the_names_of_forces_and_authorities() -> None:
    """Prevents pages of codes where the table of suppliers is not found, or has other headings."""
    seeds = load_settings({"REGISTER_ENVIRONMENT": "test"}).seeds
    assert name_supplier(seeds, "E23000018") == "Derbyshire Constabulary"
    assert name_supplier(seeds, "830") == "Derbyshire"
